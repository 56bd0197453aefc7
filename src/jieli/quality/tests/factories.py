"""Visited cases, their call-backs and recoveries for tests, made by the same actions that people use."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.actions.progressing import resolve_case
from jieli.cases.models import Case
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.events.actor import SYSTEM, Actor, rule_actor
from jieli.events.models import Event
from jieli.lib import clock
from jieli.network.models import Engineer, Outlet
from jieli.orders.actions.living import learn, make_order
from jieli.orders.models import WorkOrder
from jieli.people import actions as people
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_person, acting, the_root
from jieli.quality.actions.calling import record_attempt, record_result
from jieli.quality.actions.planning import make_callback
from jieli.quality.models import CallBack, Recovery
from jieli.quality.rules.answers import Answers

_numbers = count(1)
RULE = rule_actor("callback")


@dataclass(frozen=True)
class Visited:
    """A case whose visit is done and told: who met the customer first, who went there, and the order."""

    case: Case
    agent: Staff
    engineer: Staff
    order: WorkOrder

    def fresh(self) -> Case:
        """Return the case as it is now."""
        return Case.objects.select_related("unit", "owner", "steward").get(pk=self.case.pk)


def an_outlet_unit() -> Unit:
    """Make an outlet below the root."""
    code = f"W{next(_numbers)}"
    unit = people.make_unit(code=code, name=f"网点{code}", kind="outlet", parent_id=the_root().pk, actor=SYSTEM)
    Outlet.objects.create(unit=unit)
    return unit


def a_worked_case(agent: Staff | None = None, **values: Any) -> Visited:
    """Return a case which an agent passed to an engineer, who went and fixed it; nothing is told yet."""
    agent = agent or an_agent("赵敏")
    outlet = an_outlet_unit()
    engineer = a_person(unit=outlet, roles=("engineer",), name="周强")
    Engineer.objects.create(staff=engineer, outlet=Outlet.objects.get(unit=outlet))
    given = {"product_line": "washing_machine", "address": "人民路 1 号"} | values
    case = a_taken_case(agent, **given)
    offer = offer_pass(case.pk, to=engineer, done="问过", next="去一趟", actor=acting(agent))
    accept_pass(offer.pk, restatement="洗衣机不排水", actor=acting(engineer))
    now = clock.now()
    promised = now + timedelta(hours=2)
    order = make_order(case.pk, outlet_id=outlet.pk, engineer_id=engineer.pk, promised_until=promised, actor=SYSTEM)
    order = learn(order.pk, arrived_at=now, finished_at=now, fixed_first=True, steps_complete=True, actor=acting(engineer))
    return Visited(Case.objects.get(pk=case.pk), agent, engineer, order)


def a_visited_case(agent: Staff | None = None, **values: Any) -> Visited:
    """Return a case which was worked on and whose result the engineer told."""
    worked = a_worked_case(agent, **values)
    resolve_case(worked.case.pk, answer="已修好", actor=acting(worked.engineer))
    return worked


def planned(case: Case, actor: Actor = RULE) -> CallBack:
    """Plan the call-back of the last result of a case, as the job does."""
    event = Event.objects.of_case(case.pk).filter(type="cases.resolved").order_by("-sequence").first()
    assert event is not None
    callback = make_callback(case.pk, sequence=event.sequence, actor=actor)
    assert callback is not None
    return callback


def a_callback(**values: Any) -> tuple[Visited, CallBack]:
    """Return a visited case with its planned call-back."""
    visited = a_visited_case(**values)
    return visited, planned(visited.case)


def a_called(result: str = "satisfied", *, by: Staff | None = None, **said: Any) -> tuple[Visited, CallBack]:
    """Return a visited case whose customer was called and said so."""
    visited, callback = a_callback()
    caller = acting(by or visited.agent)
    if result == "dissatisfied":
        said.setdefault("what", "还是漏水")
    record_attempt(callback.pk, outcome="talked", actor=caller)
    callback = record_result(callback.pk, result=result, answers=Answers(**said), actor=caller)
    return visited, callback


def a_recovery() -> tuple[Visited, Recovery]:
    """Return the recovery of a dissatisfied customer."""
    visited, callback = a_called("dissatisfied")
    return visited, Recovery.objects.get(callback=callback)
