"""What is kept for a moment is never older than a second, and never hides what this process changed."""

import pytest

from jieli.events import recent
from jieli.events.recent import kept_a_moment
from jieli.lib import clock
from jieli.people.queries import duty_officer
from jieli.people.tests.factories import MONDAY, a_person, a_unit, on_company_duty, the_root

_asked: list[int] = []


@kept_a_moment
def _read(number: int) -> int:
    _asked.append(number)
    return len(_asked)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    _asked.clear()
    recent.forget()


@pytest.mark.django_db(transaction=True)
def test_a_read_is_kept_by_its_arguments() -> None:
    assert [_read(1), _read(1), _read(2), _read(1)] == [1, 1, 2, 1]


@pytest.mark.django_db(transaction=True)
def test_a_read_is_asked_again_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "SECONDS", 0.0)
    assert [_read(1), _read(1)] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_change_in_this_process_is_seen_at_once() -> None:
    the_root()
    assert [_read(1), _read(1)] == [1, 1]
    a_person()
    assert _read(1) == 2


@pytest.mark.django_db
def test_a_transaction_that_changed_something_reads_for_itself() -> None:
    the_root()
    assert [_read(1), _read(1)] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_while_the_clock_is_held() -> None:
    with clock.frozen(MONDAY):
        assert [_read(1), _read(1)] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_the_next_case_lands_with_the_new_duty_officer() -> None:
    from jieli.cases.queries.landing import landing_for
    from jieli.cases.queries.planning import facts_of

    root = the_root()
    facts = facts_of(kind="enquiry")
    before = landing_for(dict(facts), "", clock.now()).officer
    lilei = a_person(unit=a_unit())
    on_company_duty(lilei)
    after = landing_for(dict(facts), "", clock.now()).officer
    assert before == duty_officer(root.pk, clock.now()) == after
