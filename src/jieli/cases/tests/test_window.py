"""Needs that come at the same moment share a transaction and are answered each for itself."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection

from jieli.cases.actions import window as windows
from jieli.cases.actions.opening import Opened
from jieli.cases.actions.receiving import Need, receive, receive_many
from jieli.cases.actions.window import Window
from jieli.cases.models import Case
from jieli.events.anchors import breaks
from jieli.events.models import Head
from jieli.events.refusals import Refused
from jieli.people.tests.factories import a_person, acting, the_root

pytestmark = pytest.mark.django_db(transaction=True)


def a_need(number: int, **values: Any) -> Need:
    given: dict[str, Any] = {"kind": "enquiry", "subject": f"第{number}件", "name": "王芳", "phone": f"139{number:08d}"}
    return Need(**given | values)


def all_at_once(needs: list[Need], actors: list[Any]) -> list[Opened | Refused]:
    """Send every need from a thread of its own, the first one first, the others while it is being written."""
    window, first_writes, go_on = Window(), threading.Event(), threading.Event()
    real = receive

    def slowly(need: Need, **values: Any) -> Opened:
        if need is needs[0]:
            first_writes.set()
            go_on.wait(10)
        return real(need, **values)

    def send(place: int) -> Opened | Refused:
        try:
            return window.receive(needs[place], actor=actors[place % len(actors)])
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "receive", slowly)
        with ThreadPoolExecutor(len(needs)) as pool:
            first = pool.submit(send, 0)
            assert first_writes.wait(10)
            others = [pool.submit(send, place) for place in range(1, len(needs))]
            while len(window._line) < len(needs) - 1:
                pass
            go_on.set()
            return [first.result(20), *(one.result(20) for one in others)]


def transactions() -> int:
    """Return in how many transactions the cases were written."""
    return Head.objects.filter(stream="case").values("xact").distinct().count()


def test_those_who_wait_are_written_together_and_answered_each() -> None:
    the_root()
    answers = all_at_once([a_need(number) for number in range(9)], [acting(a_person())])
    numbers = {answer.number for answer in answers if isinstance(answer, Opened)}
    assert len(numbers) == Case.objects.count() == 9
    for number, answer in enumerate(answers):
        assert isinstance(answer, Opened)
        assert Case.objects.get(pk=answer.case_id).subject == f"第{number}件"
    assert transactions() == 2
    assert list(breaks()) == []


def test_a_bad_one_harms_no_other() -> None:
    the_root()
    needs = [a_need(number) for number in range(5)]
    needs[2] = a_need(2, kind="nonsense")
    needs[3] = a_need(3, name="")
    answers = all_at_once(needs, [acting(a_person())])
    assert [isinstance(answer, Opened) for answer in answers] == [True, True, False, False, True]
    assert [set(answer.fields) for answer in answers if isinstance(answer, Refused)] == [{"kind"}, {"customer.name"}]
    assert Case.objects.count() == 3


def test_only_needs_of_one_actor_are_written_together() -> None:
    the_root()
    lilei, finance = acting(a_person()), acting(a_person(roles=("customer",)))
    answers = all_at_once([a_need(number) for number in range(6)], [lilei, finance])
    assert [isinstance(answer, Opened) for answer in answers] == [True, False] * 3


def test_when_writing_together_fails_each_tries_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    the_root()

    def broken(*_needs: Any, **_values: Any) -> Any:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(windows, "receive_many", broken)
    answers = all_at_once([a_need(number) for number in range(4)], [acting(a_person())])
    assert all(isinstance(answer, Opened) for answer in answers)
    assert transactions() == 4


def test_the_line_goes_on_after_many_rounds() -> None:
    the_root()
    window, actor = Window(), acting(a_person())

    def send(number: int) -> int:
        try:
            return window.receive(a_need(number), actor=actor).case_id
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(send, range(120)))
    assert len(set(ids)) == Case.objects.count() == 120
    assert not window._is_open


@pytest.mark.django_db
def test_in_a_transaction_of_the_caller_nobody_is_waited_for() -> None:
    the_root()
    window = Window()
    window._is_open = True
    assert window.receive(a_need(1), actor=acting(a_person())).number
    assert receive_many([], actor=acting(a_person())) == []
