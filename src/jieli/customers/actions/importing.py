"""Rows of ``customers.csv`` and ``devices.csv``; the same row twice changes nothing."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.customers.actions import customers, devices
from jieli.customers.actions.writing import differences, lock_keys
from jieli.customers.events import CustomerMade, DeviceMade
from jieli.customers.models import Customer, Device
from jieli.customers.policy import may_change_customer, may_judge_customer, may_make_device
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
DEVICE_COLUMNS = (
    "serial", "product_line", "model", "customer", "bought_on", "warranty_until", "genuine", "extended_warranty_until",
    "produced_on", "production_line", "batch", "supplier", "delivery_route",
)  # fmt: skip

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
    "extended_warranty_until": _DATE,
    "produced_on": _DATE,
    "genuine": _TRUTH,
}


@transaction.atomic
def import_customer(row: Mapping[str, str], *, actor: Actor) -> Outcome:
    """Make or change the customer of this code; an empty cell means unknown and leaves what is stored.

    Columns of other names are kept in `attributes`. Raises NotAllowed, and Invalid naming the columns.
    """
    require(may_change_customer(actor) and may_judge_customer(actor))
    values, extra = read_row(row, CUSTOMER_COLUMNS)
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
    values, extra = read_row(row, DEVICE_COLUMNS)
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


def read_row(row: Mapping[str, str], columns: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the known cells of a row as values and the others as text, without the empty ones; raises Invalid."""
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
def find_or_make_named(names: Mapping[str, str], *, actor: Actor) -> tuple[dict[str, int], set[str]]:
    """Return the customer of each code, made with this name where there is none, and the codes that were new; for imports.

    A customer merged into another stands for the one he was merged into. Cost: a query to look, and when some are new two to
    lock and look again and two statements more, whatever their number. Raises NotAllowed, Invalid for a name that cannot be
    kept.
    """
    require(may_change_customer(actor))
    found = customers_by_code(names)
    missing = [code for code in names if code not in found]
    if not missing:
        return found, set()
    lock_keys([f"customer code {code}" for code in missing])
    found |= customers_by_code(missing)
    missing = [code for code in missing if code not in found]
    clean = [customers.cleaned({"code": code, "name": names[code]}) for code in missing]
    ids = reserve_ids("customers_customer", len(clean))
    Customer.objects.bulk_create([Customer(pk=pk, **values) for pk, values in zip(ids, clean, strict=True)], batch_size=1000)
    now = clock.now()
    append_history(
        [Happened(CustomerMade(customer_id=pk, name=values["name"]), now) for pk, values in zip(ids, clean, strict=True)],
        actor=actor,
    )
    return found | dict(zip(missing, ids, strict=True)), set(missing)


@transaction.atomic
def find_or_make_serials(wanted: Mapping[str, tuple[str, int | None]], *, actor: Actor) -> tuple[dict[str, int], set[str]]:
    """Return the device of each serial number in its stored form, and the serials that were new.

    A new one gets the product line and the customer given here. Cost as `find_or_make_named`. Raises NotAllowed, Invalid.
    """
    require(may_make_device(actor))
    found = _devices_by_serial(wanted)
    missing = [serial for serial in wanted if serial not in found]
    if not missing:
        return found, set()
    lock_keys([f"device {serial}" for serial in missing])
    found |= _devices_by_serial(missing)
    missing = [serial for serial in missing if serial not in found]
    ids = reserve_ids("customers_device", len(missing))
    made = [
        Device(pk=pk, customer_id=wanted[serial][1], **devices.cleaned({"serial": serial, "product_line": wanted[serial][0]}))
        for pk, serial in zip(ids, missing, strict=True)
    ]
    Device.objects.bulk_create(made, batch_size=1000)
    now = clock.now()
    append_history(
        [Happened(DeviceMade(device_id=one.pk, serial=one.serial, customer_id=one.customer_id), now) for one in made],
        actor=actor,
    )
    return found | dict(zip(missing, ids, strict=True)), set(missing)


def customers_by_code(codes: Iterable[str]) -> dict[str, int]:
    """Return the customer whom each code means now: who was merged into another stands for that one. One query usually."""
    rows = Customer.objects.filter(code__in=list(codes)).values_list("code", "pk", "merged_into_id")
    return {code: current_customer(pk).pk if merged else pk for code, pk, merged in rows}


def _devices_by_serial(serials: Iterable[str]) -> dict[str, int]:
    return dict(Device.objects.filter(serial__in=list(serials)).values_list("serial", "pk"))
