"""A finding of the lab is corrected by a later one with a reason; the earlier stays to be read."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from jieli.cases.queries.verifying import findings
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.network.actions.licence import appeal_posting, decide_appeal
from jieli.network.models import Engineer, LicencePosting
from jieli.network.tests.factories import an_engineer as a_licensed_engineer
from jieli.notify.kinds import sentence
from jieli.notify.models import Notice
from jieli.orders.actions.living import learn
from jieli.parts.actions.returning import correct_finding, receive_old_part, record_finding
from jieli.parts.actions.using import use_part
from jieli.parts.models import Finding
from jieli.parts.refusals import BadParts, NothingFound
from jieli.parts.tests.factories import a_part, a_van, an_engineer, an_order, an_outlet
from jieli.people.tests.factories import MONDAY, a_person, acting

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(days=2)


@pytest.fixture
def lab():
    return acting(a_person(roles=("quality",), name="质检员"))


def found(engineer, finding, lab):
    a_part("PUMP")
    a_van(engineer, PUMP=1)
    order = an_order(engineer)
    used = use_part(order.pk, part_code="PUMP", actor=acting(engineer))
    receive_old_part(used.pk, actor=lab)
    return record_finding(used.pk, finding, actor=lab, note="初检"), order


def points(engineer):
    return Engineer.objects.get(pk=engineer.pk).points


def test_the_later_finding_counts_and_the_earlier_stays(lab):
    used, order = found(an_engineer(an_outlet()), "no_fault", lab)
    with clock.frozen(LATER):
        correct_finding(used.pk, "confirmed", reason="复检发现绕组短路", actor=lab)
        assert [one.as_dict() for one in findings()] == []
    order.refresh_from_db()
    assert (order.lab_finding, order.lab_at) == ("confirmed", LATER)
    rows = Finding.objects.filter(used_part=used).order_by("number")
    assert list(rows.values_list("number", "finding", "note", "reason")) == [
        (1, "no_fault", "初检", ""),
        (2, "confirmed", "", "复检发现绕组短路"),
    ]
    event = Event.objects.of_case(order.case_id).get(type="parts.finding_corrected")
    assert (event.data["old"], event.data["finding"]) == ("no_fault", "confirmed")


def test_it_may_be_corrected_again(lab):
    used, order = found(an_engineer(an_outlet()), "confirmed", lab)
    for number, finding in enumerate(("misuse", "wrong_part", "confirmed"), start=1):
        with clock.frozen(MONDAY + timedelta(hours=number)):
            correct_finding(used.pk, finding, reason="再检", actor=lab)
    order.refresh_from_db()
    assert order.lab_finding == "confirmed"
    assert Finding.objects.filter(used_part=used).count() == 4


def test_the_outlet_and_the_engineer_are_told(lab):
    engineer = an_engineer(an_outlet())
    used, order = found(engineer, "no_fault", lab)
    correct_finding(used.pk, "confirmed", reason="复检", actor=lab)
    notices = Notice.objects.filter(kind="parts.finding_corrected")
    assert {notice.staff_id for notice in notices} == {engineer.pk, engineer.unit.leader_id}
    with override("en"):
        assert {sentence(notice.kind, notice.params) for notice in notices} == {
            f"The lab corrected its finding on {used.tag} ({order.case.number}): now confirmed"
        }


@pytest.mark.parametrize(
    ("finding", "reason", "field"),
    [("no_fault", "复检", "finding"), ("confirmed", " \x00", "reason"), ("broken", "复检", "finding")],
)
def test_what_is_no_correction_is_refused_beside_its_field(finding, reason, field, lab):
    used, _order = found(an_engineer(an_outlet()), "no_fault", lab)
    with pytest.raises(BadParts) as refused:
        correct_finding(used.pk, finding, reason=reason, actor=lab)
    assert list(refused.value.fields) == [field]
    assert Finding.objects.filter(used_part=used).count() == 1


def test_nothing_is_corrected_before_it_was_found(lab):
    engineer = an_engineer(an_outlet())
    a_part("PUMP")
    a_van(engineer, PUMP=1)
    used = use_part(an_order(engineer).pk, part_code="PUMP", actor=acting(engineer))
    with pytest.raises(NothingFound):
        correct_finding(used.pk, "confirmed", reason="x", actor=lab)


def test_only_a_person_of_quality_corrects(lab):
    used, _order = found(an_engineer(an_outlet()), "no_fault", lab)
    for actor in (SYSTEM, acting(a_person(roles=("supervisor",))), acting(a_person(roles=("specialist",)))):
        with pytest.raises(NotAllowed):
            correct_finding(used.pk, "confirmed", reason="x", actor=actor)


def test_the_point_for_a_misjudged_part_goes_and_comes_with_the_finding(lab):
    licensed = a_licensed_engineer()
    engineer = licensed.staff
    used, _order = found(engineer, "no_fault", lab)
    before = points(engineer)
    correct_finding(used.pk, "confirmed", reason="复检", actor=lab)
    assert points(engineer) == before + 1
    correct_finding(used.pk, "wrong_part", reason="三检", actor=lab)
    assert points(engineer) == before
    correct_finding(used.pk, "no_fault", reason="四检", actor=lab)
    assert points(engineer) == before
    correct_finding(used.pk, "misuse", reason="五检", actor=lab)
    assert points(engineer) == before + 1
    assert LicencePosting.objects.filter(kind="part_misjudged").count() == 2


def test_an_appeal_that_waits_is_upheld_with_the_correction_and_a_lost_one_stays_lost(lab):
    engineers = [a_licensed_engineer() for _one in range(2)]
    used = [found_of(one.staff, lab) for one in engineers]
    appeals = [
        appeal_posting(
            LicencePosting.objects.get(kind="part_misjudged", engineer=one).pk, reason="我没换错", actor=acting(one.staff)
        )
        for one in engineers
    ]
    decide_appeal(appeals[1].pk, upheld=False, reason="照片清楚", actor=acting(a_person(roles=("manager",))))
    for one in used:
        correct_finding(one.pk, "confirmed", reason="复检", actor=lab)
    for appeal in appeals:
        appeal.refresh_from_db()
    assert [appeal.decision for appeal in appeals] == ["upheld", "refused"]


def found_of(engineer, lab):
    code = f"PART{engineer.pk}"
    a_part(code)
    a_van(engineer, **{code: 1})
    used = use_part(an_order(engineer).pk, part_code=code, actor=acting(engineer))
    receive_old_part(used.pk, actor=lab)
    return record_finding(used.pk, "no_fault", actor=lab)


def test_a_finished_order_is_marked_as_changed_for_the_month_end(lab):
    used, order = found(an_engineer(an_outlet()), "no_fault", lab)
    learn(order.pk, actor=SYSTEM, finished_at=MONDAY)
    correct_finding(used.pk, "confirmed", reason="复检", actor=lab)
    order.refresh_from_db()
    assert order.changed_at == MONDAY
