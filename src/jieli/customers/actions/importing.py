"""Rows of ``customers.csv`` and ``devices.csv``; the same row twice changes nothing."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.customers.actions import customers, devices
from jieli.customers.actions.writing import differences, lock_keys
from jieli.customers.events import CustomerMade
from jieli.customers.models import Customer, Device
from jieli.customers.policy import may_change_customer, may_judge_customer
from jieli.customers.queries import current_customer
from jieli.customers.rules import normalise_serial, parse_boolean, parse_date, parse_decimal
from jieli.events.actions import Happened, append_history, reserve_ids
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib import clock

Outcome = Literal["imported", "unchanged"]
Parser = Callable[[str], Any]

CUSTOMER_COLUMNS = (
    "code", "name", "kind", "phone", "email", "address", "latitude", "longitude", "value", "importance", "potential",
    "birthday",
)  # fmt: skip
DEVICE_COLUMNS = ("serial", "product_line", "model", "customer", "bought_on", "warranty_until", "genuine")

_NUMBER = (parse_decimal, _("“%(value)s” is not a number."))
_DATE = (parse_date, _("“%(value)s” is not a date (YYYY-MM-DD)."))
_TRUTH = (parse_boolean, _("“%(value)s” is neither true nor false."))
_PARSERS: dict[str, tuple[Parser, Any]] = {
    "latitude": _NUMBER,
    "longitude": _NUMBER,
    "value": _NUMBER,
    "importance": _NUMBER,
    "potential": _NUMBER,
    "birthday": _DATE,
    "bought_on": _DATE,
    "warranty_until": _DATE,
    "genuine": _TRUTH,
}


@transaction.atomic
def import_customer(row: Mapping[str, str], *, actor: Actor) -> Outcome:
    """Make or change the customer of this code; an empty cell means unknown and leaves what is stored.

    Columns of other names are kept in `attributes`. Raises NotAllowed, and Invalid naming the columns.
    """
    require(may_change_customer(actor) and may_judge_customer(actor))
    values, extra = _read(row, CUSTOMER_COLUMNS)
    code = values.get("code", "")
    if not code:
        raise Invalid(fields={"code": _("A customer needs a code.")})
    lock_keys([f"customer code {code}"])
    known = Customer.objects.filter(code=code).first()
    if known is None:
        customers.make_customer(values={**values, "attributes": extra}, actor=actor)
        return "imported"
    known = current_customer(known.pk)
    if known.code != code:
        del values["code"]
    values["attributes"] = {**known.attributes, **extra}
    if not differences(known, customers.cleaned(values)):
        return "unchanged"
    customers.change_customer(known.pk, values=values, actor=actor)
    return "imported"


@transaction.atomic
def import_device(row: Mapping[str, str], *, actor: Actor) -> Outcome:
    """Make or change the device of this serial; `customer` is a customer's code.

    Columns of other names are kept in `attributes`. Raises NotAllowed, and Invalid naming the columns.
    """
    require(may_change_customer(actor))
    values, extra = _read(row, DEVICE_COLUMNS)
    serial = normalise_serial(values.get("serial", ""))
    if not serial:
        raise Invalid(fields={"serial": _("A device needs a serial number.")})
    owner = _owner(values.pop("customer", ""))
    lock_keys([f"device {serial}"])
    known = Device.objects.filter(serial=serial).first()
    if known is None:
        devices.make_device(values={**values, "attributes": extra}, customer_id=owner.pk if owner else None, actor=actor)
        return "imported"
    values["attributes"] = {**known.attributes, **extra}
    changed = bool(differences(known, devices.cleaned(values)))
    if changed:
        devices.change_device(known.pk, values=values, actor=actor)
    if owner is not None and known.customer_id != owner.pk:
        devices.move_device(known.pk, customer_id=owner.pk, actor=actor)
        changed = True
    return "imported" if changed else "unchanged"


def _owner(code: str) -> Customer | None:
    if not code:
        return None
    known = Customer.objects.filter(code=code).first()
    if known is None:
        raise Invalid(fields={"customer": _("There is no customer with the code “%(code)s”.") % {"code": code}})
    return current_customer(known.pk)


def _read(row: Mapping[str, str], columns: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    extra: dict[str, str] = {}
    wrong: dict[str, Any] = {}
    for column, cell in row.items():
        text = (cell or "").strip()
        if not text:
            continue
        if "\x00" in text:
            wrong[column] = _("This holds a character that cannot be kept.")
        elif column not in columns:
            extra[column] = text
        elif column in _PARSERS:
            parse, message = _PARSERS[column]
            try:
                values[column] = parse(text)
            except ValueError:
                wrong[column] = message % {"value": text[:60]}
        else:
            values[column] = text
    if wrong:
        raise Invalid(fields=wrong)
    return values, extra


@transaction.atomic
def find_or_make_named(names: Mapping[str, str], *, actor: Actor) -> dict[str, int]:
    """Return the customer of each code, made with this name where there is none, for imports of thousands.

    A customer merged into another stands for the one he was merged into. Cost: a query for the locks, one to look, and when
    some are new two statements more, whatever their number. Raises NotAllowed, Invalid for a name that cannot be kept.
    """
    require(may_change_customer(actor))
    lock_keys([f"customer code {code}" for code in names])
    found = dict(_present(names))
    missing = [code for code in names if code not in found]
    if missing:
        clean = [(code, customers.cleaned({"code": code, "name": names[code]})) for code in missing]
        ids = reserve_ids("customers_customer", len(clean))
        Customer.objects.bulk_create(
            [Customer(pk=pk, **values) for pk, (_code, values) in zip(ids, clean, strict=True)], batch_size=1000
        )
        now = clock.now()
        append_history(
            [
                Happened(CustomerMade(customer_id=pk, name=values["name"]), now)
                for pk, (_code, values) in zip(ids, clean, strict=True)
            ],
            actor=actor,
        )
        found |= {code: pk for pk, (code, _values) in zip(ids, clean, strict=True)}
    return found


def _present(codes: Mapping[str, str]) -> list[tuple[str, int]]:
    rows = Customer.objects.filter(code__in=list(codes)).values_list("code", "pk", "merged_into_id")
    return [(code, current_customer(pk).pk if merged else pk) for code, pk, merged in rows]
