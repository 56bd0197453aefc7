"""What quality says about a result: not about the visit, moved; the first result stays."""

import pytest

from jieli.events.refusals import NotAllowed, NotFound
from jieli.network.models import LicencePosting
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import a_person, acting, the_root
from jieli.quality import settled
from jieli.quality.actions.judging import confirm_delight, mark_not_about_visit
from jieli.quality.refusals import AlreadyMarked, BadAnswer, MonthDecided, NotDissatisfied, NotMoved
from jieli.quality.tests.factories import a_called

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return acting(a_person(unit=the_root(), roles=("quality",), name="质控"))


def test_a_dissatisfaction_that_is_not_about_the_visit_passes_the_gate_and_stays_dissatisfied(officer):
    visited, callback = a_called("dissatisfied")
    mark_not_about_visit(callback.pk, reason="对价格政策不满", actor=officer)
    order = WorkOrder.objects.get(pk=visited.order.pk)
    callback.refresh_from_db()
    assert (order.callback_result, order.callback_excused) == ("dissatisfied", True)
    assert (callback.result, callback.excuse) == ("dissatisfied", "对价格政策不满")
    with pytest.raises(AlreadyMarked):
        mark_not_about_visit(callback.pk, reason="再来", actor=officer)


def test_a_satisfied_one_is_not_marked_nor_one_without_a_reason(officer):
    _visited, satisfied = a_called()
    with pytest.raises(NotDissatisfied):
        mark_not_about_visit(satisfied.pk, reason="?", actor=officer)
    _visited, dissatisfied = a_called("dissatisfied")
    with pytest.raises(BadAnswer):
        mark_not_about_visit(dissatisfied.pk, reason="  ", actor=officer)


def test_after_the_month_is_settled_the_mark_comes_too_late(officer, monkeypatch):
    visited, callback = a_called("dissatisfied")
    monkeypatch.setitem(settled._askers, "test", lambda order_ids: visited.order.pk in order_ids)
    with pytest.raises(MonthDecided):
        mark_not_about_visit(callback.pk, reason="对价格不满", actor=officer)


def test_neither_the_caller_nor_the_engineer_says_that_it_is_not_about_the_visit():
    visited, callback = a_called("dissatisfied")
    for person in (visited.agent, visited.engineer):
        with pytest.raises((NotAllowed, NotFound)):
            mark_not_about_visit(callback.pk, reason="?", actor=acting(person))


def test_a_confirmed_story_counts_for_the_order_and_gives_the_engineer_a_point(officer):
    visited, callback = a_called(moved="tears", story="半夜送来备用机")
    confirm_delight(callback.pk, moved="tears", actor=officer)
    assert WorkOrder.objects.get(pk=visited.order.pk).delight
    posting = LicencePosting.objects.get(engineer_id=visited.engineer.pk, kind="customer_moved")
    assert posting.case_id == visited.case.pk
    with pytest.raises(AlreadyMarked):
        confirm_delight(callback.pk, moved="tears", actor=officer)


def test_what_the_customer_did_not_say_is_not_confirmed(officer):
    _visited, silent = a_called()
    with pytest.raises(NotMoved):
        confirm_delight(silent.pk, moved="tears", actor=officer)
    visited, moved = a_called(moved="thanks")
    with pytest.raises(BadAnswer):
        confirm_delight(moved.pk, moved="heaven", actor=officer)
    with pytest.raises((NotAllowed, NotFound)):
        confirm_delight(moved.pk, moved="tears", actor=acting(visited.engineer))
