"""Parts, places and work orders for tests, made by the same actions that people use."""

from decimal import Decimal
from itertools import count
from typing import Any

from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.models import Case
from jieli.cases.tests.factories import a_taken_case
from jieli.customers.models import Device
from jieli.events.actor import SYSTEM
from jieli.orders.actions.living import make_order
from jieli.orders.models import WorkOrder
from jieli.parts.actions.master import save_part
from jieli.parts.actions.stock import make_place, receive_stock
from jieli.parts.models import Balance, Part, Place
from jieli.people import actions as people
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_person, acting, the_root

_numbers = count(1)


def a_part(code: str = "", **values: Any) -> Part:
    """Add a part to the master."""
    return save_part(code or f"P{next(_numbers)}", name=values.pop("name", "排水泵"), actor=SYSTEM, **values)


def a_machine(code: str = "", *, price: str | None = "1999.00", line: str = "washing_machine") -> Part:
    """Add a whole machine of a product line to the master."""
    amount = Decimal(price) if price is not None else None
    return a_part(code, name="洗衣机", name_en="Washer", kind="machine", price_amount=amount, fits=[(line, "")])


def an_outlet(code: str = "") -> Unit:
    """Make an outlet below the root, with its manager as leader."""
    code = code or f"O{next(_numbers)}"
    unit = people.make_unit(code=code, name=f"网点{code}", kind="outlet", parent_id=the_root().pk, actor=SYSTEM)
    manager = a_person(unit=unit, roles=("outlet_manager",), name="王店长")
    people.change_unit(unit.pk, leader_id=manager.pk, actor=SYSTEM)
    unit.refresh_from_db()
    return unit


def an_engineer(outlet: Unit, name: str = "周强") -> Staff:
    """Hire an engineer into an outlet."""
    return a_person(unit=outlet, roles=("engineer",), name=name)


def a_store(unit: Unit | None = None, kind: str = "central", **stock: int) -> Place:
    """Make a store; the other arguments are codes of parts with quantities."""
    place = make_place((unit or the_root()).pk, kind=kind, code=f"S{next(_numbers)}", actor=SYSTEM)
    return filled(place, **stock)


def a_van(engineer: Staff, **stock: int) -> Place:
    """Make the van of an engineer; the other arguments are codes of parts with quantities."""
    return filled(make_place(engineer.unit_id, kind="van", staff_id=engineer.pk, actor=SYSTEM), **stock)


def filled(place: Place, **stock: int) -> Place:
    """Receive parts into a place."""
    if stock:
        receive_stock(place.pk, lines=list(stock.items()), actor=SYSTEM)
    return place


def an_order(engineer: Staff, *, device: Device | None = None, **values: Any) -> WorkOrder:
    """Make a work order of an engineer who owns its case, in warranty."""
    case = an_owned_case(engineer, device=device)
    given: dict[str, Any] = {"product_line": "washing_machine", "in_warranty": True, "engineer_id": engineer.pk}
    return make_order(case.pk, outlet_id=engineer.unit_id, actor=SYSTEM, **(given | values))


def an_owned_case(engineer: Staff, *, device: Device | None = None) -> Case:
    """Open a case, and pass it from the desk to the engineer."""
    agent = a_person(roles=("agent",), name="李雷")
    case = a_taken_case(agent, **({"device": device, "customer": device.customer} if device is not None else {}))
    offer = offer_pass(case.pk, to=engineer, done="问过", next="上门", actor=acting(agent))
    accept_pass(offer.pk, restatement="上门修洗衣机", actor=acting(engineer))
    case.refresh_from_db()
    return case


def on_hand(place: Place, part: str) -> int:
    """Return how many of a part a place has."""
    return Balance.objects.filter(place=place, part__code=part).values_list("quantity", flat=True).first() or 0
