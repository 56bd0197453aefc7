"""Bonuses of the pay by policy: moving stories, and a licence that stands as demonstration at the month's end (spec 6, Pay)."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation

from jieli.cases.actions.progressing import cancel_case
from jieli.cases.tests.factories import a_case
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.network.actions.licence import appeal_posting, decide_appeal
from jieli.network.models import Engineer
from jieli.network.queries.standing import engineer_standing
from jieli.network.rules.licence import Standing
from jieli.network.tests.factories import a_posting, an_engineer
from jieli.people.queries import actor_for
from jieli.people.tests.factories import a_person, the_root
from jieli.policies.queries import current
from jieli.policies.tests.factories import changed, make_version
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.models import PaySlip
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.pay import slip_lines
from jieli.settlement.rules.pay import Work, pay_of
from jieli.settlement.tests.factories import FINANCE, an_order, at

pytestmark = pytest.mark.django_db

ADDED = at("2026-03-12 10:00")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def hired(name: str = "周强") -> Engineer:
    with clock.frozen(at("2026-01-05 09:00")):
        return an_engineer(name=name)


def posted(engineer: Engineer, *times: datetime, kind: str = "customer_moved") -> None:
    for time in times:
        with clock.frozen(time):
            case = cancel_case(a_case().pk, reason="…", actor=SYSTEM)
            a_posting(engineer, kind=kind, case_id=case.pk)


def bonuses(*, delight: str = "0.00", licence: str = "0.00") -> None:
    source = changed("pay", "delight_amount = 0.00", f"delight_amount = {delight}")
    make_version("pay", source.replace("licence_amount = 0.00", f"licence_amount = {licence}", 1))


def slip(engineer: Engineer, decided: str = "2026-04-10 09:00") -> PaySlip:
    with clock.frozen(at(decided)):
        decide_month(month_of("2026-03"), actor=FINANCE)
        decide_pay(month_of("2026-03"), actor=FINANCE)
    return PaySlip.objects.get(staff=engineer.staff)


def test_as_shipped_neither_is_paid_so_the_worked_example_holds_whoever_was_moved() -> None:
    policy = current("pay").data
    assert (policy.delight_amount, policy.licence_amount) == (0, 0)
    paid = pay_of(Work(62, 58, 21, 4, delighted=9), policy, Standing(12, 3, "demonstration"))
    assert paid.total_amount == Decimal("4291.00")


def test_a_demonstration_at_the_months_end_is_paid_and_explained_and_others_are_told_why_not() -> None:
    best, plain = hired(), hired("吴刚")
    posted(best, ADDED, ADDED)
    posted(plain, ADDED)
    with clock.frozen(at("2026-03-01 09:00")):
        bonuses(licence="200.00")
    found = slip(best)
    assert (found.licence_amount, found.licence_points, found.licence_additions) == (200, 12, 2)
    assert found.total_amount == Decimal("3200.00")
    other = PaySlip.objects.get(staff=plain.staff)
    assert (other.licence_amount, other.licence_points, other.licence_additions) == (0, 12, 1)
    assert "demonstration at the month's end: 12 points, 2 additions" in page(best)
    assert "no demonstration at the month's end: 12 points, 1 addition" in page(plain)


def page(engineer: Engineer) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(engineer.staff)
    client.post("/language/", {"language": "en"})
    return client.get(f"/settlement/2026-03/pay/{engineer.pk}/").content.decode()


def test_the_preview_of_the_pay_says_what_is_then_decided() -> None:
    best = hired()
    posted(best, ADDED, ADDED)
    with clock.frozen(at("2026-03-01 09:00")):
        bonuses(licence="200.00")
    client = Client()
    client.force_login(a_person(unit=the_root(), roles=("finance",)))
    with clock.frozen(at("2026-04-03 09:00")):
        assert "3,200.00" in client.get("/settlement/2026-03/pay/").content.decode()
    assert slip(best).total_amount == Decimal("3200.00")


def test_what_was_posted_after_the_months_end_neither_gives_nor_takes() -> None:
    early, late = hired(), hired("吴刚")
    posted(early, ADDED, ADDED)
    posted(early, at("2026-04-01 00:00"), kind="promise_not_kept")
    posted(late, ADDED, at("2026-04-01 00:00"))
    with clock.frozen(at("2026-03-01 09:00")):
        bonuses(licence="200.00")
    assert slip(early).licence_amount == 200
    assert PaySlip.objects.get(staff=late.staff).licence_amount == 0


@pytest.mark.parametrize(("decided", "pays"), [("2026-04-07 12:00", 200), ("2026-04-09 12:00", 0)])
def test_an_appeal_counts_as_far_as_it_was_decided_at_the_cut_off(decided: str, pays: int) -> None:
    engineer, judge = hired(), a_person(unit=the_root(), roles=("quality",))
    posted(engineer, ADDED, ADDED)
    posted(engineer, at("2026-03-30 10:00"), kind="promise_not_kept")
    with clock.frozen(at("2026-03-31 09:00")):
        bonuses(licence="200.00")
        posting = engineer.postings.get(kind="promise_not_kept")
        appeal = appeal_posting(posting.pk, reason="客户改了时间", actor=actor_for(engineer.staff))
    with clock.frozen(at(decided)):
        decide_appeal(appeal.pk, upheld=True, reason="客户自己改的", actor=actor_for(judge))
        assert engineer_standing(Engineer.objects.get(pk=engineer.pk)).code == "demonstration"
    assert slip(engineer).licence_amount == pays


def test_a_moving_story_is_a_line_of_the_slip_and_of_its_order() -> None:
    engineer = hired()
    an_order(engineer.staff.unit, "2026-03-10 10:00", engineer=engineer.staff, delight=True)
    with clock.frozen(at("2026-03-01 09:00")):
        bonuses(delight="20.00")
    found = slip(engineer)
    assert (found.delighted, found.delight_amount, found.total_amount) == (1, 20, Decimal("3038.00"))
    (line,) = slip_lines(found)
    assert line.explanation == "18.00 (commission) + 20.00 (moving story)"
    assert "1 × 20.00" in page(engineer)


def test_who_has_no_licence_gets_no_bonus_for_it() -> None:
    person = a_person(unit=the_root(), roles=("engineer",))
    with clock.frozen(at("2026-03-01 09:00")):
        bonuses(licence="200.00")
        decided = at("2026-04-10 09:00")
    with clock.frozen(decided):
        decide_month(month_of("2026-03"), actor=FINANCE)
        decide_pay(month_of("2026-03"), actor=FINANCE)
    found = PaySlip.objects.get(staff=person)
    assert (found.licence_points, found.licence_amount) == (None, 0)


def test_the_database_refuses_a_slip_that_does_not_add_up_with_its_bonus() -> None:
    found = slip(hired())
    values = {name: getattr(found, name) for name in ("pay_run_id", "unit_id", "orders", "valid", "early", "installations")}
    amounts = {name: getattr(found, name) for name in ("base_amount", "commission_amount", "early_amount")}
    with pytest.raises(DatabaseError, match="settlement_slip_adds_up"), transaction.atomic():
        PaySlip.objects.create(
            staff=a_person(),
            delighted=0,
            installation_amount=0,
            delight_amount=0,
            licence_amount=1,
            total_amount=found.total_amount,
            **values,
            **amounts,
        )
