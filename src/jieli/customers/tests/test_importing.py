"""Rows of customers.csv and devices.csv (interfaces, Exchange files)."""

from datetime import date
from decimal import Decimal

import pytest

from jieli.customers import actions
from jieli.customers.models import Customer, Device
from jieli.customers.tests.factories import AGENT, SUPERVISOR
from jieli.events.actor import import_actor
from jieli.events.models import Event
from jieli.events.refusals import Invalid, NotAllowed

IMPORT = import_actor("customers.csv")
CUSTOMER = {
    "code": "C1",
    "name": "王芳",
    "kind": "person",
    "phone": "138 0013 8000",
    "email": "Fang@Example.com",
    "address": "北京市海淀区中关村大街1号",
    "latitude": "39.98321123",
    "longitude": "116.31",
    "value": "80",
    "importance": "60",
    "potential": "90",
    "birthday": "1990-05-01",
    "hobby": "钓鱼",
}
DEVICE = {
    "serial": "sn-1",
    "product_line": "washing_machine",
    "model": "XQG100",
    "customer": "C1",
    "bought_on": "2025-05-01",
    "warranty_until": "2028-05-01",
    "genuine": "true",
    "batch": "B7",
}


def test_a_customer_comes_in_once(db: None) -> None:
    assert actions.import_customer(CUSTOMER, actor=IMPORT) == "imported"
    events = Event.objects.count()
    assert actions.import_customer(CUSTOMER, actor=IMPORT) == "unchanged"
    assert Event.objects.count() == events
    row = Customer.objects.get(code="C1")
    assert (row.tier, row.tier_score, row.birthday) == ("gold", Decimal("76.000"), date(1990, 5, 1))
    assert (row.latitude, row.phone_digits, row.email) == (Decimal("39.983211"), "13800138000", "fang@example.com")
    assert row.attributes == {"hobby": "钓鱼"}


def test_an_empty_cell_leaves_what_is_known(db: None) -> None:
    actions.import_customer(CUSTOMER, actor=IMPORT)
    assert actions.import_customer({"code": "C1", "name": "王芳", "phone": ""}, actor=IMPORT) == "unchanged"
    assert actions.import_customer({"code": "C1", "phone": "13911112222"}, actor=IMPORT) == "imported"
    row = Customer.objects.get(code="C1")
    assert (row.phone_digits, row.name) == ("13911112222", "王芳")


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("value", "much"),
        ("value", "NaN"),
        ("value", "101"),
        ("latitude", "91"),
        ("birthday", "1.5.1990"),
        ("kind", "robot"),
        ("email", "nobody"),
        ("code", ""),
        ("name", ""),
    ],
)
def test_a_bad_cell_is_refused_by_its_column(db: None, column: str, cell: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.import_customer({**CUSTOMER, column: cell}, actor=IMPORT)
    assert set(refused.value.fields) == {column}
    assert not Customer.objects.exists()


def test_a_device_comes_in_once_with_its_customer(db: None) -> None:
    actions.import_customer(CUSTOMER, actor=IMPORT)
    assert actions.import_device(DEVICE, actor=IMPORT) == "imported"
    assert actions.import_device(DEVICE, actor=IMPORT) == "unchanged"
    row = Device.objects.get(serial="SN-1")
    assert row.customer is not None
    assert (row.customer.code, row.genuine, row.warranty_until) == ("C1", True, date(2028, 5, 1))
    assert (row.batch, row.attributes) == ("B7", {})


def test_a_device_moves_when_the_file_says_so(db: None) -> None:
    actions.import_customer(CUSTOMER, actor=IMPORT)
    actions.import_customer({**CUSTOMER, "code": "C2"}, actor=IMPORT)
    actions.import_device(DEVICE, actor=IMPORT)
    assert actions.import_device({**DEVICE, "customer": "C2"}, actor=IMPORT) == "imported"
    row = Device.objects.get(serial="SN-1")
    assert row.customer is not None
    assert row.customer.code == "C2"


@pytest.mark.parametrize(
    ("column", "cell"), [("customer", "nobody"), ("genuine", "yes"), ("bought_on", "2025-13-01"), ("serial", " ")]
)
def test_a_bad_cell_of_a_device_is_refused_by_its_column(db: None, column: str, cell: str) -> None:
    actions.import_customer(CUSTOMER, actor=IMPORT)
    with pytest.raises(Invalid) as refused:
        actions.import_device({**DEVICE, column: cell}, actor=IMPORT)
    assert set(refused.value.fields) == {column}


def test_agents_do_not_import(db: None) -> None:
    with pytest.raises(NotAllowed):
        actions.import_customer(CUSTOMER, actor=AGENT)
    assert actions.import_customer(CUSTOMER, actor=SUPERVISOR) == "imported"
