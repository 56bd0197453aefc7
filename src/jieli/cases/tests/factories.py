"""Cases for tests, opened by the same action as every channel uses."""

from itertools import count
from typing import Any

from jieli.cases.actions.opening import NewCase, Opened, open_case
from jieli.cases.actions.owning import take_case
from jieli.cases.models import Case
from jieli.customers.actions.customers import find_or_make_customer
from jieli.customers.models import Customer
from jieli.events.actor import SYSTEM, Actor
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_person, acting, the_root

_numbers = count(1)

ONE_RULE = """
[[rules]]
name = "all"
label = { zh = "全部", en = "Everything" }
automatic = true
roles = ["agent"]
"""


def a_customer(name: str = "王芳", **values: Any) -> Customer:
    """Return a customer with a phone of his own."""
    phone = values.pop("phone", f"138{next(_numbers):08d}")
    return find_or_make_customer(name=name, phone=phone, actor=SYSTEM, **values)


def an_opened(actor: Actor = SYSTEM, **values: Any) -> Opened:
    """Open a repair case for a customer, in the root unit."""
    the_root()
    given: dict[str, Any] = {
        "kind": "service",
        "service_type": "repair",
        "subject": "洗衣机不排水",
        "description": "水排不出,显示 E30",
        "channel": "portal",
    }
    given |= values
    customer = given.pop("customer", None) or a_customer()
    return open_case(NewCase(customer=customer, **given), actor=actor)


def a_case(actor: Actor = SYSTEM, **values: Any) -> Case:
    """Return the row of a newly opened case."""
    return Case.objects.get(pk=an_opened(actor, **values).case_id)


def a_taken_case(owner: Staff, **values: Any) -> Case:
    """Return a case which `owner`, of the unit where it landed, has taken."""
    case = a_case(**values)
    return take_case(case.pk, actor=acting(owner))


def an_agent(name: str = "李雷", unit: Unit | None = None) -> Staff:
    """Hire an agent into a unit, by default the root unit."""
    return a_person(unit=unit, roles=("agent",), name=name)
