"""Cases ready to be dispatched and the people who dispatch them, made by the same actions that people use."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from jieli.cases.actions.conversing import write_message
from jieli.cases.models import Case
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.dispatch.actions.answering import accept_offer
from jieli.dispatch.actions.offering import offer_to_engineer, offer_to_outlet
from jieli.dispatch.models import Offer
from jieli.dispatch.rules.windows import Window
from jieli.network.models import Engineer, Outlet
from jieli.network.tests import factories as network
from jieli.people.models import Staff
from jieli.people.tests.factories import MONDAY, acting

HERE = {"latitude": Decimal("36.120000"), "longitude": Decimal("120.410000")}
NEAR = {"latitude": Decimal("36.110000"), "longitude": Decimal("120.400000")}
FARTHER = {"latitude": Decimal("36.070000"), "longitude": Decimal("120.380000")}
TOMORROW = MONDAY + timedelta(days=1)


def an_outlet(name: str = "市南网点", **values: Any) -> Outlet:
    """Make an outlet near the cases, led by its manager."""
    return network.an_outlet(name=name, leader=True, **{**NEAR, **values})


def an_engineer(outlet: Outlet, name: str = "张工", **values: Any) -> Engineer:
    """Hire an engineer for washing machines."""
    return network.an_engineer(outlet, name=name, **values)


def a_ready_case(owner: Staff | None = None, **values: Any) -> Case:
    """Return a case that an agent took and answered, and that says where and what."""
    given = {"product_line": "washing_machine", "address": "青岛市市南区香港中路1号", **HERE, **values}
    case = a_taken_case(owner or an_agent(), **given)
    write_message(case.pk, body="您好,马上为您安排上门。", visible=True, actor=acting(case.owner))
    return Case.objects.select_related("unit", "owner").get(pk=case.pk)


def a_window(hour: int = 14, *, day: datetime = TOMORROW, hours: int = 2) -> Window:
    """Return a window that begins at an hour of the company's clock."""
    starts_at = day + timedelta(hours=hour - 10)
    return starts_at, starts_at + timedelta(hours=hours)


def manager_of(outlet: Outlet) -> Staff:
    """Return who leads an outlet."""
    leader = outlet.unit.leader
    assert leader is not None
    return leader


def offered(case: Case, outlet: Outlet, window: Window | None = None, **values: Any) -> Offer:
    """Offer a case to an outlet by its owner."""
    starts_at, ends_at = window or (None, None)
    case.refresh_from_db()
    return offer_to_outlet(
        case.pk, outlet_id=outlet.pk, starts_at=starts_at, ends_at=ends_at, actor=acting(case.owner), agreed=True, **values
    )


def accepted(case: Case, outlet: Outlet, window: Window | None = None) -> Offer:
    """Let an outlet have a case."""
    offer = offered(case, outlet, window)
    return accept_offer(offer.pk, actor=acting(offer.baton.receiver))


def sent(case: Case, outlet: Outlet, engineer: Engineer, window: Window | None = None) -> Offer:
    """Let an engineer of an outlet have a case."""
    accepted(case, outlet, window or a_window())
    offer = offer_to_engineer(case.pk, engineer_id=engineer.pk, actor=acting(manager_of(outlet)))
    assert isinstance(offer, Offer)
    return accept_offer(offer.pk, actor=acting(engineer.staff))
