"""A network made set by set equals one made row by row."""

from datetime import date, timedelta
from time import perf_counter

import pytest

from jieli.cases.tests.factories import a_case
from jieli.events.actor import SYSTEM
from jieli.events.anchors import breaks
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.network.actions.bringing import (
    NewAppeal,
    NewDocument,
    NewEngineer,
    NewOutlet,
    NewPosting,
    NewProvider,
    bring_network,
    bring_postings,
)
from jieli.network.actions.licence import appeal_posting, decide_appeal, post_points
from jieli.network.models import Engineer, Outlet
from jieli.network.queries.standing import ledger
from jieli.network.tests.factories import SQUARE, an_engineer
from jieli.people.tests.factories import MONDAY, a_person, a_unit, acting

pytestmark = pytest.mark.django_db


def test_a_network_comes_in_with_its_events():
    unit = a_unit(name="网点")
    person = a_person(unit=unit, roles=("engineer",))
    bring_network(
        at=MONDAY - timedelta(days=100),
        actor=SYSTEM,
        providers=[NewProvider({"code": "PR", "name": "海风"})],
        outlets=[NewOutlet(unit.pk, {"latitude": 36.1}, "PR", ["370202"], SQUARE, suspended_for="第二次不达标")],
        engineers=[NewEngineer(person.pk, unit.pk, date(2026, 8, 1), {"level": "gold"}, [("washing_machine", 2, None)])],
        documents=[NewDocument({"kind": "electrician_permit", "number": "1"}, engineer_id=person.pk)],
    )
    outlet = Outlet.objects.get()
    assert (outlet.provider.code, outlet.status, outlet.areas.count()) == ("PR", "suspended", 2)
    engineer = Engineer.objects.get()
    assert (engineer.points, engineer.level, engineer.licence_expires_on) == (12, "gold", date(2027, 8, 1))
    types = list(Event.objects.filter(type__startswith="network.").order_by("id").values_list("type", flat=True))
    assert types == [
        "network.provider_made",
        "network.outlet_made",
        "network.outlet_suspended",
        "network.area_added",
        "network.area_added",
        "network.engineer_made",
        "network.licence_begun",
        "network.skill_set",
        "network.engineer_document",
    ]
    assert list(breaks()) == []


def facts_of(engineer):
    rows = Event.objects.filter(stream="staff", stream_id=engineer.pk, type__startswith="network.licence_posted")
    return [(one.data["kind"], one.data["points"], one.data["balance"]) for one in rows.order_by("sequence")]


def changes_of(engineer):
    rows = Event.objects.filter(stream="staff", stream_id=engineer.pk, type="network.standing_changed").order_by("sequence")
    return [(one.data["old"], one.data["new"], one.data["points"]) for one in rows]


def test_postings_brought_in_equal_those_made_one_by_one():
    one, many, case, judge = an_engineer(), an_engineer(), a_case(), a_person(roles=("manager",))
    kinds = ["customer_moved", "customer_moved", "promise_not_kept", "improper_charge", "insult_or_fraud", "customer_moved"]
    times = [MONDAY + timedelta(hours=number) for number in range(len(kinds))]
    for number, (kind, at) in enumerate(zip(kinds, times, strict=True)):
        with clock.frozen(at):
            posting = post_points(one.pk, kind=kind, case_id=case.pk, source=f"one {number}", actor=SYSTEM)
            if kind == "insult_or_fraud":
                fraud = posting
    decided_at = MONDAY + timedelta(hours=10)
    with clock.frozen(decided_at):
        appeal = appeal_posting(fraud.pk, reason="误会", actor=acting(one.staff))
        decide_appeal(appeal.pk, upheld=True, reason="属实", actor=acting(judge))
    bring_postings(
        [
            NewPosting(
                many.pk,
                kind,
                at,
                f"many {number}",
                case.pk,
                appeal=NewAppeal(many.pk, "误会", decided_at, True, judge.pk, decided_at, "属实")
                if kind == "insult_or_fraud"
                else None,
            )
            for number, (kind, at) in enumerate(zip(kinds, times, strict=True))
        ],
        actor=SYSTEM,
    )
    one.refresh_from_db()
    many.refresh_from_db()
    assert (one.points, one.revoked_at) == (many.points, many.revoked_at) == (5, None)
    assert facts_of(one) == facts_of(many)
    assert changes_of(one) == changes_of(many)
    assert [row.balance for row in ledger(one)] == [row.balance for row in ledger(many)]
    assert list(breaks()) == []


def test_postings_brought_in_twice_change_nothing():
    engineer, case = an_engineer(), a_case()
    posting = NewPosting(engineer.pk, "promise_not_kept", MONDAY, "promise 1", case.pk)
    assert len(bring_postings([posting], actor=SYSTEM)) == 1
    assert bring_postings([posting], actor=SYSTEM) == []
    engineer.refresh_from_db()
    assert engineer.points == 10


def test_only_the_software_brings_a_network():
    with pytest.raises(NotAllowed):
        bring_network(at=MONDAY, actor=acting(a_person(roles=("administrator",))))


def test_forty_outlets_and_a_hundred_and_sixty_engineers_come_in_within_a_second():
    units = [a_unit(name=f"网点{number}") for number in range(40)]
    people = [a_person(unit=units[number % 40], roles=("engineer",)) for number in range(160)]
    case = a_case()
    skills = [("washing_machine", 1, None), ("television", 2, None)]
    began = perf_counter()
    bring_network(
        at=MONDAY,
        actor=SYSTEM,
        outlets=[NewOutlet(unit.pk, {"latitude": 36.1, "longitude": 120.4}, "", ["370202"], SQUARE) for unit in units],
        engineers=[NewEngineer(person.pk, person.unit_id, date(2026, 8, 1), {}, skills) for person in people],
    )
    bring_postings(
        [
            NewPosting(person.pk, "promise_not_kept", MONDAY + timedelta(hours=1), f"promise {person.pk} {number}", case.pk)
            for person in people
            for number in range(3)
        ],
        actor=SYSTEM,
    )
    assert perf_counter() - began < 5  # 0.6 s on a calm machine
    assert set(Engineer.objects.values_list("points", flat=True)) == {6}
