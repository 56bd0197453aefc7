"""A visit by the standard, sent by a phone: the order learns its facts, and the case goes to the call-back."""

from datetime import timedelta

import pytest

from jieli.cases.actions.promises import give_promise, keep_promise
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Case, Promise
from jieli.events.models import Event
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import MONDAY, acting
from jieli.visits.models import FieldEntry, StepRecord, Visit
from jieli.visits.tests.factories import a_photo, an_engineer, an_order, sent, take, whole_visit

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)


def states(results):
    return [one.state for one in results]


def types_of(case_id):
    return list(Event.objects.of_case(case_id).values_list("type", flat=True))


def test_a_visit_by_the_standard_finishes_the_order_and_resolves_the_case():
    engineer = an_engineer()
    order = an_order(engineer, promised_until=NOON + timedelta(hours=1))
    with clock.frozen(NOON):
        entries = whole_visit(order, engineer)
        results = take(engineer, *entries)
        assert [one for one in results if one.state != "done"] == []
        order.refresh_from_db()
        visit = Visit.objects.get()
        case = Case.objects.get(pk=order.case_id)
    assert (order.fixed_first, order.steps_complete, order.fault_group) == (True, True, "wm_drain")
    assert order.arrived_at == visit.arrived_at
    assert order.finished_at == entries[-1].at
    assert order.reported_at == NOON
    assert (visit.state, visit.number, visit.standard, visit.steps_complete) == ("finished", 1, 1, True)
    assert len(visit.digest) == 64
    assert case.status == "resolved"
    assert case.stage == "quality"
    assert case.promises.unended().filter(kind="callback").exists()
    told = [type_ for type_ in types_of(case.pk) if type_.startswith(("visits.", "orders."))]
    assert told[:4] == ["orders.dispatched", "visits.started", "visits.set_out", "visits.phase_done"]
    assert told.count("visits.phase_done") == 4
    assert told[-2:] == ["orders.reported", "visits.finished"]
    assert {"visits.safety_tested", "visits.signed", "visits.outcome"} <= set(told)


def test_a_finish_that_lacks_evidence_is_refused_whatever_the_phone_sends():
    engineer = an_engineer()
    order = an_order(engineer)
    with clock.frozen(NOON):
        entries = [one for one in whole_visit(order, engineer, photos=False) if one.kind != "signature"]
        entries = [one for one in entries if one.data.get("code") != "listen"]
        result = take(engineer, *entries)[-1]
        order.refresh_from_db()
    assert result.state == "refused"
    assert set(result.fields) == {"listen", "genuine", "repair", "test_run", "tidy", "sign"}
    assert "耐心听取" in result.message
    assert order.finished_at is None
    kept = FieldEntry.objects.get(client_id=entries[-1].client_id)
    assert (kept.state, kept.kind) == ("refused", "finish")


def test_a_refused_finish_is_tried_again_when_it_is_sent_again():
    engineer = an_engineer()
    order = an_order(engineer)
    with clock.frozen(NOON):
        *entries, finish = whole_visit(order, engineer)
        sign = next(one for one in entries if one.kind == "signature")
        take(engineer, *[one for one in entries if one is not sign])
        assert take(engineer, finish)[0].state == "refused"
        assert take(engineer, finish)[0].state == "refused"
        assert states(take(engineer, sign, finish)) == ["done", "done"]
        assert states(take(engineer, finish)) == ["repeated"]
        order.refresh_from_db()
    assert order.finished_at is not None
    assert FieldEntry.objects.to_settle().count() == 0


def test_the_same_bundle_twice_does_everything_once():
    engineer = an_engineer()
    order = an_order(engineer)
    with clock.frozen(NOON):
        entries = whole_visit(order, engineer)
        take(engineer, *entries)
        events = types_of(order.case_id)
        steps = StepRecord.objects.count()
        again = take(engineer, *entries)
    assert set(states(again)) == {"repeated"}
    assert types_of(order.case_id) == events
    assert StepRecord.objects.count() == steps


def test_not_fixed_makes_the_next_promise_in_the_same_breath():
    engineer = an_engineer()
    order = an_order(engineer)
    again_at = NOON + timedelta(days=2)
    with clock.frozen(NOON):
        entries = [
            sent(order, "arrive"),
            sent(order, "outcome", result="not_fixed", reason="part", next_at=again_at.isoformat()),
            sent(order, "finish"),
        ]
        assert states(take(engineer, *entries)) == ["done"] * 3
        order.refresh_from_db()
        case = Case.objects.get(pk=order.case_id)
        promise = case.promises.unended().get(kind="arrive")
        visit = Visit.objects.get()
    # The time agreed lies in a window, and by its end somebody is there.
    assert promise.due_at == again_at + timedelta(hours=2)
    assert (case.status, order.finished_at, order.fixed_first) == ("open", None, False)
    assert visit.state == "finished"


def test_not_fixed_without_a_time_is_followed_by_a_reply_by_the_policy():
    engineer = an_engineer()
    order = an_order(engineer)
    with clock.frozen(NOON):
        before = Promise.objects.filter(case=order.case_id, kind="next_reply").count()
        take(engineer, sent(order, "arrive"), sent(order, "outcome", result="not_fixed", reason="customer"))
        after = Promise.objects.filter(case=order.case_id, kind="next_reply").count()
    assert after == before + 1


def test_a_second_visit_is_another_visit_and_no_first_fix():
    engineer = an_engineer()
    order = an_order(engineer)
    with clock.frozen(NOON):
        first = [sent(order, "arrive"), sent(order, "outcome", result="not_fixed", reason="skill"), sent(order, "finish")]
        take(engineer, *first)
    with clock.frozen(NOON + timedelta(days=1)):
        results = take(engineer, *whole_visit(order, engineer, start=NOON + timedelta(hours=22)))
        order.refresh_from_db()
    assert set(states(results)) == {"done"}
    assert [visit.number for visit in Visit.objects.order_by("number")] == [1, 2]
    assert order.fixed_first is False
    assert order.arrived_at == NOON
    assert order.finished_at is not None


def test_solved_remotely_needs_no_arrival_and_only_the_steps_that_make_sense():
    engineer = an_engineer()
    order = an_order(engineer, service_type="guidance")
    with clock.frozen(NOON):
        entries = [
            sent(order, "contact", text="电话指导"),
            *[sent(order, "step", code=code, records=records) for code, records in (
                ("analyse", {}),
                ("listen", {"complaint": "不会投屏"}),
                ("instruct", {"shown": True}),
            )],
            sent(order, "outcome", result="remote"),
            sent(order, "finish"),
        ]  # fmt: skip
        results = take(engineer, *entries)
        order.refresh_from_db()
    assert results[-1].state == "done", results[-1]
    assert order.arrived_at is None
    assert order.finished_at is not None


def test_finish_without_arriving_or_without_a_result_is_refused_in_words():
    engineer = an_engineer()
    order = an_order(engineer)
    with clock.frozen(NOON):
        no_result, no_arrival = (
            take(engineer, sent(order, "finish"))[0],
            take(engineer, sent(order, "outcome", result="fixed"), sent(order, "finish"))[1],
        )
    assert (no_result.state, no_arrival.state) == ("refused", "refused")
    assert no_result.message != no_arrival.message
    assert FieldEntry.objects.filter(state="refused").count() == 2


def test_the_promise_to_arrive_is_kept_by_the_time_of_arriving_not_of_sending():
    engineer = an_engineer()
    order = an_order(engineer)
    due = Case.objects.get(pk=order.case_id).promises.unended().get(kind="arrive").due_at
    with clock.frozen(due + timedelta(hours=1)):
        take(engineer, sent(order, "arrive", due - timedelta(minutes=10)))
    promise = Promise.objects.get(case=order.case_id, kind="arrive")
    assert promise.outcome == "kept"


def test_who_comes_late_ends_the_time_given_anew_too_and_it_was_kept():
    engineer = an_engineer()
    order = an_order(engineer)
    owner = acting(engineer)
    promises = Case.objects.get(pk=order.case_id).promises
    arrive = promises.unended().get(kind="arrive")
    with clock.frozen(arrive.due_at - timedelta(minutes=30)):
        new_time = give_promise(order.case_id, kind="arrive", due_at=arrive.due_at + timedelta(hours=2), told=True, actor=owner)
        asked = give_promise(
            order.case_id, kind="next_reply", due_at=arrive.due_at + timedelta(hours=9), told=True, actor=owner
        )
    with clock.frozen(arrive.due_at):
        sweep()
    with clock.frozen(arrive.due_at + timedelta(hours=1)):
        take(engineer, sent(order, "arrive"))
    assert new_time.kind == "next_reply"
    assert promises.get(pk=arrive.pk).outcome == "late"
    assert promises.get(pk=new_time.pk).outcome == "kept"
    # An answer that was promised for something else is still owed.
    assert promises.get(pk=asked.pk).ended_at is None


def test_the_reply_that_follows_a_broken_arrival_is_given_by_arriving():
    engineer = an_engineer()
    order = an_order(engineer)
    promises = Case.objects.get(pk=order.case_id).promises
    arrive = promises.unended().get(kind="arrive")
    for promise in promises.unended().filter(kind__in=["first_reply", "next_reply"]):
        keep_promise(promise.pk, actor=acting(engineer))
    with clock.frozen(arrive.due_at):
        sweep()
    follows = {"kind": "next_reply", "started_at__gte": arrive.due_at}
    assert promises.unended().filter(**follows).count() == 1
    with clock.frozen(arrive.due_at + timedelta(minutes=50)):
        assert take(engineer, sent(order, "arrive"))[0].state == "done"
    assert promises.get(pk=arrive.pk).outcome == "late"
    assert promises.unended().filter(**follows).count() == 0
    assert promises.get(**follows).outcome == "kept"


def test_only_the_engineer_of_the_order_works_on_it():
    order, other = an_order(), an_engineer(name="别人")
    result = take(other, sent(order, "arrive"))[0]
    unknown = take(other, sent("J-0000-0000-0-1", "arrive"))[0]
    assert result.state == "conflict"
    assert unknown.state == "refused"
    assert WorkOrder.objects.get().arrived_at is None
    assert Visit.objects.count() == 0


def test_an_order_that_was_called_off_meanwhile_is_a_conflict_and_nothing_is_lost():
    from jieli.orders.actions.living import cancel_order
    from jieli.people.tests.factories import acting

    engineer = an_engineer()
    order = an_order(engineer)
    cancel_order(order.pk, actor=acting(engineer))
    entry = sent(order, "step", code="listen", records={"complaint": "不排水"})
    result = take(engineer, entry)[0]
    kept = FieldEntry.objects.get(client_id=entry.client_id)
    assert result.state == kept.state == "conflict"
    assert kept.data["records"] == {"complaint": "不排水"}
    assert "visits.entry_kept_aside" in types_of(order.case_id)


def test_photos_of_a_step_may_come_after_the_step():
    import uuid

    engineer = an_engineer()
    order = an_order(engineer)
    with clock.frozen(NOON):
        late = uuid.uuid4()
        *entries, finish = whole_visit(order, engineer)
        again = sent(order, "step", code="tidy", records={"tools_counted": True}, evidence=[str(late)])
        entries = [again if one.data.get("code") == "tidy" else one for one in entries]
        take(engineer, *entries)
        refused = take(engineer, finish)[0]
        a_photo(order, engineer, seed=999, client_id=late)
        done = take(engineer, finish)[0]
    assert refused.state == "refused"
    assert list(refused.fields) == ["tidy"]
    assert done.state == "done"
