"""Rows of customers.csv and devices.csv by the thousand: new ones written together, changed ones as one by one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from jieli.customers.actions import customers, devices
from jieli.customers.actions.importing import (
    CUSTOMER_COLUMNS,
    DEVICE_COLUMNS,
    Outcome,
    customers_by_code,
    import_customer,
    import_device,
    read_row,
)
from jieli.customers.actions.writing import differences
from jieli.customers.events import CustomerMade, DeviceMade
from jieli.customers.models import Customer, Device
from jieli.customers.policy import may_change_customer, may_judge_customer
from jieli.customers.rules import FACTORS, normalise_serial
from jieli.events.actions import Happened, append_history, queue_reactions, reserve_ids
from jieli.events.actor import Actor
from jieli.events.facts import Fact
from jieli.events.refusals import Invalid, Refused, require
from jieli.lib import clock
from jieli.lib.batches import BatchOutcome, BatchRow


@transaction.atomic
def import_customers(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Make or change the customers of these codes: what `import_customer` does, with its refusals as findings.

    Cost: a fixed number of statements for new and unchanged rows, those of `import_customer` for each changed one. Raises
    NotAllowed, IntegrityError when another session made one of them meanwhile: then take the rows again.
    """
    require(may_change_customer(actor) and may_judge_customer(actor))
    outcome = BatchOutcome()
    known = {one.code: one for one in Customer.objects.filter(code__in=[row.get("code", "").strip() for _line, row in rows])}
    made: list[Customer] = []
    for line, row in rows:
        try:
            values, extra = read_row(row, CUSTOMER_COLUMNS)
            code = values.get("code", "")
            if not code:
                raise Invalid(fields={"code": _("A customer needs a code.")})
            stored = known.get(code)
            if stored is None:
                made.append(_new_customer({**values, "attributes": extra}))
                outcome.imported += 1
                continue
            values["attributes"] = {**stored.attributes, **extra}
            if stored.merged_into_id is None and not differences(stored, customers.cleaned(values)):
                outcome.unchanged += 1
                continue
        except Refused as refused:
            outcome.refuse(line, row, refused.fields or {"": refused.message})
            continue
        _one_by_one(import_customer, line, row, actor, outcome)
    _write(Customer, made, lambda one: CustomerMade(customer_id=one.pk, name=one.name), actor, outcome)
    return outcome


def _new_customer(values: Mapping[str, Any]) -> Customer:
    clean = customers.cleaned(values)
    if not clean.get("name"):
        raise Invalid(fields={"name": _("A name is needed.")})
    customer = Customer(**clean)
    if any(getattr(customer, field) is not None for field in FACTORS):
        customers.score(customer)
    return customer


@transaction.atomic
def import_devices(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Make or change the devices of these serial numbers: what `import_device` does, with its refusals as findings.

    Cost: a fixed number of statements for new and unchanged rows, those of `import_device` for each changed one. Raises
    NotAllowed, IntegrityError when another session made one of them meanwhile: then take the rows again.
    """
    require(may_change_customer(actor))
    outcome = BatchOutcome()
    owners = _owners({row.get("customer", "").strip() for _line, row in rows} - {""})
    serials = [normalise_serial(row.get("serial", "")) for _line, row in rows]
    known = {one.serial: one for one in Device.objects.filter(serial__in=serials) if one.serial}
    made: dict[str, Device] = {}
    again: list[BatchRow] = []
    for line, row in rows:
        try:
            values, extra = read_row(row, DEVICE_COLUMNS)
            serial = normalise_serial(values.get("serial", ""))
            if not serial:
                raise Invalid(fields={"serial": _("A device needs a serial number.")})
            code = values.pop("customer", "")
            if code and code not in owners:
                raise Invalid(fields={"customer": _("There is no customer with the code “%(code)s”.") % {"code": code}})
            stored = known.get(serial)
            if serial in made:
                again.append((line, row))
                continue
            if stored is None:
                clean = devices.cleaned({**values, "attributes": extra})
                made[serial] = Device(**clean, customer_id=owners.get(code))
                outcome.imported += 1
                continue
            values["attributes"] = {**stored.attributes, **extra}
            changed = bool(differences(stored, devices.cleaned(values)))
            if not changed and (not code or stored.customer_id == owners[code]):
                outcome.unchanged += 1
                continue
        except Refused as refused:
            outcome.refuse(line, row, refused.fields or {"": refused.message})
            continue
        _one_by_one(import_device, line, row, actor, outcome)
    _write(
        Device,
        list(made.values()),
        lambda one: DeviceMade(device_id=one.pk, serial=one.serial, customer_id=one.customer_id),
        actor,
        outcome,
    )
    for line, row in again:
        _one_by_one(import_device, line, row, actor, outcome)
    return outcome


def _owners(codes: set[str]) -> dict[str, int]:
    """Return the customers of these codes, held against a merge until the transaction ends."""
    found = customers_by_code(codes)
    if found:
        with connection.cursor() as cursor:
            cursor.execute(
                "select id from customers_customer where id = any(%s) order by id for share", [sorted(set(found.values()))]
            )
        found = customers_by_code(codes)
    return found


def _one_by_one(take: Callable[..., Outcome], line: int, row: Mapping[str, str], actor: Actor, outcome: BatchOutcome) -> None:
    try:
        with transaction.atomic():
            done = take(row, actor=actor)
    except Refused as refused:
        outcome.refuse(line, row, refused.fields or {"": refused.message})
        return
    if done == "imported":
        outcome.imported += 1
    else:
        outcome.unchanged += 1


def _write(
    model: type[Customer] | type[Device],
    made: Sequence[Any],
    fact: Callable[[Any], Fact],
    actor: Actor,
    outcome: BatchOutcome,
) -> None:
    """Write new rows with their events, in the order of the file."""
    if not made:
        return
    now = clock.now()
    for pk, one in zip(reserve_ids(model._meta.db_table, len(made)), made, strict=True):
        one.pk = pk
        one.created_at = one.changed_at = now
    model._default_manager.bulk_create(made, batch_size=1000)
    facts = [fact(one) for one in made]
    event_ids = append_history([Happened(one, now) for one in facts], actor=actor)
    queue_reactions(facts[0].type, event_ids)
    outcome.events += len(event_ids)
