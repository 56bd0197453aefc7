"""customers.csv and devices.csv by batches: the same rows, refusals and events as one by one."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.db import connections, transaction

from jieli.customers import actions
from jieli.customers.actions.batches import import_customers, import_devices
from jieli.customers.actions.importing import find_or_make_named, find_or_make_serials
from jieli.customers.models import Customer, Device
from jieli.customers.tests.test_importing import CUSTOMER, DEVICE, IMPORT
from jieli.events.anchors import breaks
from jieli.events.models import Event
from jieli.events.refusals import Refused

CUSTOMERS: list[dict[str, str]] = [
    {**CUSTOMER, "code": "C1"},
    {**CUSTOMER, "code": "C2", "value": "", "email": "", "birthday": ""},
    {"code": "C3", "name": "李雷"},
    {**CUSTOMER, "code": "C4", "value": "much", "birthday": "1.5.1990"},
    {**CUSTOMER, "code": ""},
    {**CUSTOMER, "code": "C5", "name": ""},
    {**CUSTOMER, "code": "C6", "latitude": "91"},
    {**CUSTOMER, "code": "C7", "kind": "robot"},
    {**CUSTOMER, "code": "C8", "email": "nobody"},
    {"code": "C9", "name": "公司", "kind": "organisation", "importance": "101"},
]
DEVICES: list[dict[str, str]] = [
    DEVICE,
    {**DEVICE, "serial": "sn 2", "customer": ""},
    {"serial": "SN-3"},
    {**DEVICE, "serial": "SN-4", "customer": "nobody"},
    {**DEVICE, "serial": "SN-5", "genuine": "yes"},
    {**DEVICE, "serial": " "},
    {**DEVICE, "serial": "SN-6", "bought_on": "2025-13-01"},
]
_NOT_COMPARED = {"id", "created_at", "changed_at", "tier_scored_at", "customer_id", "merged_into_id"}


def numbered(rows: Sequence[Mapping[str, str]]) -> list[tuple[int, Mapping[str, str]]]:
    return list(enumerate(rows, 2))


def stored(model: type[Customer] | type[Device]) -> list[dict[str, Any]]:
    rows = model._default_manager.order_by("pk").values()
    return [{name: value for name, value in row.items() if name not in _NOT_COMPARED} for row in rows]


def one_by_one(take: Any, rows: Sequence[Mapping[str, str]]) -> list[tuple[int, str, str]]:
    refused = []
    for line, row in numbered(rows):
        try:
            with transaction.atomic():
                take(row, actor=IMPORT)
        except Refused as error:
            refused += [(line, column, str(reason)) for column, reason in error.fields.items()]
    return refused


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "take", "take_many", "rows"),
    [
        (Customer, actions.import_customer, import_customers, CUSTOMERS),
        (Device, actions.import_device, import_devices, DEVICES),
    ],
)
def test_a_batch_does_what_one_after_the_other_does(
    model: type[Customer] | type[Device], take: Any, take_many: Any, rows: list[dict[str, str]]
) -> None:
    if model is Device:
        actions.import_customer(CUSTOMER, actor=IMPORT)
    begun = Event.objects.count()
    before = transaction.savepoint()
    refused, wanted, events = one_by_one(take, rows), stored(model), Event.objects.count() - begun
    transaction.savepoint_rollback(before)
    outcome = take_many(numbered(rows), actor=IMPORT)
    assert [(one.line, one.column, one.reason) for one in outcome.findings] == refused
    assert stored(model) == wanted
    assert (outcome.events, Event.objects.count() - begun) == (events, events)
    assert (outcome.imported, outcome.unchanged, outcome.rejected) == (3, 0, len(rows) - 3)
    again = take_many(numbered(rows), actor=IMPORT)
    assert (again.imported, again.unchanged, again.events) == (0, 3, 0)
    assert list(breaks()) == []


@pytest.mark.django_db
def test_changed_rows_of_a_batch_are_changed_with_their_events() -> None:
    import_customers(numbered([CUSTOMER, {**CUSTOMER, "code": "C2"}]), actor=IMPORT)
    import_devices(numbered([DEVICE]), actor=IMPORT)
    outcome = import_customers(numbered([{**CUSTOMER, "value": "100"}, {**CUSTOMER, "code": "C2"}]), actor=IMPORT)
    assert (outcome.imported, outcome.unchanged) == (1, 1)
    assert Customer.objects.get(code="C1").tier == "vip"
    assert import_devices(numbered([{**DEVICE, "customer": "C2", "model": "X2"}]), actor=IMPORT).imported == 1
    device = Device.objects.select_related("customer").get()
    assert device.customer is not None
    assert (device.customer.code, device.model) == ("C2", "X2")
    assert {"customers.tier_changed", "customers.device_moved"} <= set(Event.objects.values_list("type", flat=True))


@pytest.mark.django_db
def test_one_serial_written_in_two_ways_is_one_device() -> None:
    import_customers(numbered([CUSTOMER]), actor=IMPORT)
    outcome = import_devices(numbered([DEVICE, {**DEVICE, "serial": "S N-1", "model": "X2"}]), actor=IMPORT)
    assert (outcome.imported, outcome.rejected) == (2, 0)
    assert Device.objects.get().model == "X2"


@pytest.mark.django_db
def test_who_was_merged_stands_for_the_other() -> None:
    import_customers(numbered([CUSTOMER, {**CUSTOMER, "code": "C2"}]), actor=IMPORT)
    kept = Customer.objects.get(code="C1")
    actions.merge_customers(kept.pk, merged_id=Customer.objects.get(code="C2").pk, actor=IMPORT)
    import_devices(numbered([{**DEVICE, "customer": "C2"}]), actor=IMPORT)
    assert Device.objects.get().customer == kept
    assert find_or_make_named({"C2": "x", "C3": "新客户"}, actor=IMPORT) == (
        {"C2": kept.pk, "C3": Customer.objects.get(code="C3").pk},
        {"C3"},
    )


@pytest.mark.django_db(transaction=True)
def test_two_sessions_that_need_the_same_new_ones_make_each_once() -> None:
    faults: list[BaseException] = []
    together = threading.Barrier(3)
    names = {f"K{n}": "王芳" for n in range(200)}

    def need(order: int) -> None:
        try:
            together.wait()
            with transaction.atomic():
                found, _made = find_or_make_named(dict(list(names.items())[::order]), actor=IMPORT)
                find_or_make_serials({f"SN{n}": ("x", found["K1"]) for n in range(200)[::order]}, actor=IMPORT)
        except BaseException as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=need, args=(order,)) for order in (1, -1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert (Customer.objects.count(), Device.objects.count()) == (200, 200)
    assert Event.objects.filter(type="customers.made").count() == 200
