"""Customers and devices for tests, made by the same actions that people use."""

from itertools import count

from jieli.customers import actions
from jieli.customers.models import Contact, Customer, Device
from jieli.events.actor import SYSTEM, Actor, Grant

_numbers = count(1)


def an_actor(*roles: str, id_: int = 1) -> Actor:
    """Return a person of the company who holds these roles everywhere; no row stands behind."""
    return Actor("staff", id_, "李雷", tuple(Grant(role, "/") for role in roles))


AGENT = an_actor("agent")
SUPERVISOR = an_actor("supervisor", id_=2)
MANAGER = an_actor("manager", id_=3)
ENGINEER = an_actor("engineer", id_=4)


def a_customer(*, name: str = "王芳", phone: str = "", **values: object) -> Customer:
    """Make a customer with a phone of his own, which no other factory gives."""
    given = {"name": name, "phone": phone or f"137{next(_numbers):08d}", **values}
    return actions.make_customer(values=given, actor=SYSTEM)


def a_contact(customer: Customer, *, name: str = "陈伟", phone: str = "", email: str = "") -> Contact:
    """Add a contact to a customer."""
    return actions.add_contact(customer.pk, name=name, phone=phone, email=email, actor=AGENT)


def a_device(
    customer: Customer | None = None, *, serial: str = "", model: str = "XQG100", line: str = "washing_machine"
) -> Device:
    """Make a device with a serial number of its own."""
    values = {"serial": serial or f"SN{next(_numbers):06d}", "model": model, "product_line": line}
    return actions.make_device(values=values, customer_id=customer.pk if customer else None, actor=SYSTEM)
