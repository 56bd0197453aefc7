"""Points are posted once, appealed, reviewed; what they do to the standing."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from jieli.cases.tests.factories import a_case
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.refusals import Invalid, NotAllowed, NotFound
from jieli.lib import clock
from jieli.network.actions.licence import (
    annul_postings,
    appeal_posting,
    assign_coach,
    decide_appeal,
    post_points,
    post_points_by_hand,
    reexamine,
    review_licence,
)
from jieli.network.models import Engineer, LicencePosting
from jieli.network.queries.standing import engineer_standing
from jieli.network.refusals import (
    AlreadyAppealed,
    AppealDecidedAlready,
    AppealTooLate,
    LicenceNotRevoked,
    LicenceRevoked,
    NotAppealable,
)
from jieli.network.tests.factories import a_posting, an_engineer, an_outlet
from jieli.notify.models import Notice
from jieli.people.tests.factories import MONDAY, a_person, acting

pytestmark = pytest.mark.django_db


def standing(engineer):
    return engineer_standing(Engineer.objects.get(pk=engineer.pk))


def test_a_new_engineer_has_twelve_points_and_a_year():
    engineer = an_engineer()
    engineer.refresh_from_db()
    assert (engineer.points, engineer.licence_expires_on) == (12, date(2027, 11, 23))
    assert [one.kind for one in engineer.postings.all()] == ["issued"]


def test_a_posting_changes_points_and_says_for_which_case():
    engineer, case = an_engineer(), a_case()
    posting = post_points(engineer.pk, kind="promise_not_kept", case_id=case.pk, source="promise 1", actor=SYSTEM)
    engineer.refresh_from_db()
    assert (engineer.points, posting.balance, posting.case_id, posting.policy) == (10, 10, case.pk, "licence v1")
    event = Event.objects.get(type="network.licence_posted")
    assert (event.stream_id, event.data["case_id"], event.data["points"]) == (engineer.pk, case.pk, -2)
    assert Notice.objects.get(staff_id=engineer.pk).case_id == case.pk


def test_one_fact_posts_once():
    engineer, case = an_engineer(), a_case()
    for _ in range(2):
        second = post_points(engineer.pk, kind="promise_not_kept", case_id=case.pk, source="promise 1", actor=SYSTEM)
    assert second is None
    engineer.refresh_from_db()
    assert engineer.points == 10
    assert Event.objects.filter(type="network.licence_posted").count() == 1


def test_who_is_no_engineer_has_no_ledger():
    case = a_case()
    assert post_points(a_person().pk, kind="promise_not_kept", case_id=case.pk, source="promise 1", actor=SYSTEM) is None


@pytest.mark.parametrize(("kind", "source"), [("issued", "x"), ("nonsense", "x"), ("promise_not_kept", " ")])
def test_what_posts_no_points_is_refused(kind, source):
    engineer, case = an_engineer(), a_case()
    with pytest.raises(Invalid):
        post_points(engineer.pk, kind=kind, case_id=case.pk, source=source, actor=SYSTEM)


def test_two_additions_at_twelve_points_make_a_demonstration_for_ninety_days():
    engineer, case = an_engineer(), a_case()
    a_posting(engineer, kind="customer_moved", case_id=case.pk)
    assert standing(engineer).code == "normal"
    a_posting(engineer, kind="adopted_improvement", case_id=case.pk)
    assert (standing(engineer).points, standing(engineer).code) == (12, "demonstration")
    with clock.frozen(MONDAY + timedelta(days=91)):
        assert standing(engineer).code == "normal"


def test_six_points_warn_tell_the_manager_and_give_a_coach():
    engineer, case = an_engineer(an_outlet(leader=True)), a_case()
    a_posting(engineer, kind="improper_charge", case_id=case.pk)
    engineer.refresh_from_db()
    assert standing(engineer).code == "warning"
    leader_id = engineer.outlet.unit.leader_id
    assert engineer.coach_id == leader_id
    assert Notice.objects.filter(kind="network.licence_warned", staff_id=leader_id).exists()
    change = Event.objects.get(type="network.standing_changed")
    assert (change.data["old"], change.data["new"]) == ("normal", "warning")


def test_fraud_revokes_and_only_a_re_examination_gives_six_points_back():
    engineer, case = an_engineer(), a_case()
    a_posting(engineer, kind="insult_or_fraud", case_id=case.pk)
    a_posting(engineer, kind="customer_moved", case_id=case.pk)
    engineer.refresh_from_db()
    assert (engineer.points, engineer.revoked_at, standing(engineer).code) == (0, MONDAY, "revoked")
    manager = acting(a_person(roles=("manager",)))
    with pytest.raises(LicenceRevoked):
        review_licence(engineer.pk, actor=manager)
    reexamine(engineer.pk, actor=manager)
    engineer.refresh_from_db()
    assert (engineer.points, engineer.revoked_at, standing(engineer).code) == (6, None, "warning")
    with pytest.raises(LicenceNotRevoked):
        reexamine(engineer.pk, actor=manager)


def test_the_annual_review_fills_up_and_prolongs_once_a_day():
    engineer, case, manager = an_engineer(), a_case(), acting(a_person(roles=("manager",)))
    a_posting(engineer, case_id=case.pk)
    with clock.frozen(MONDAY + timedelta(days=300)):
        first = review_licence(engineer.pk, actor=manager)
        assert review_licence(engineer.pk, actor=manager) == first
    engineer.refresh_from_db()
    assert (engineer.points, engineer.licence_expires_on) == (12, date(2028, 9, 19))


def test_an_upheld_appeal_gives_the_points_back():
    engineer, case = an_engineer(), a_case()
    posting = a_posting(engineer, kind="insult_or_fraud", case_id=case.pk)
    later = a_posting(engineer, case_id=case.pk)
    appeal = appeal_posting(posting.pk, reason="用户误会了", actor=acting(engineer.staff))
    decide_appeal(appeal.pk, upheld=True, reason="录音证实", actor=acting(a_person(roles=("manager",))))
    engineer.refresh_from_db()
    # The later posting counted for nothing while the licence was revoked; now it does.
    assert (engineer.points, engineer.revoked_at, later.balance) == (10, None, 0)
    assert Event.objects.filter(type="network.appeal_decided").count() == 1


def test_a_refused_appeal_changes_no_points():
    engineer, case = an_engineer(), a_case()
    appeal = appeal_posting(a_posting(engineer, case_id=case.pk).pk, reason="堵车", actor=acting(engineer.staff))
    decide_appeal(appeal.pk, upheld=False, reason="没有提前告知", actor=acting(a_person(roles=("manager",))))
    assert standing(engineer).points == 10
    with pytest.raises(AppealDecidedAlready):
        decide_appeal(appeal.pk, upheld=True, reason="再想想", actor=acting(a_person(roles=("manager",))))


def test_nobody_annuls_what_he_appealed_against_for_his_engineer():
    engineer = an_engineer()
    leader = acting(a_person(unit=engineer.outlet.unit, roles=("outlet_manager", "quality")))
    posting = a_posting(engineer, case_id=a_case().pk, source="used part 8")
    appeal = appeal_posting(posting.pk, reason="是好件", actor=leader)
    assert annul_postings(posting.kind, sources=["used part 8"], reason="复检", actor=leader) == 0
    appeal.refresh_from_db()
    assert appeal.decided_at is None
    other = acting(a_person(roles=("quality",)))
    assert annul_postings(posting.kind, sources=["used part 8"], reason="复检", actor=other) == 1


def test_an_appeal_needs_a_reason_comes_once_and_in_time():
    engineer, case = an_engineer(), a_case()
    posting, me = a_posting(engineer, case_id=case.pk), acting(engineer.staff)
    with pytest.raises(Invalid):
        appeal_posting(posting.pk, reason=" ", actor=me)
    with clock.frozen(MONDAY + timedelta(days=15)), pytest.raises(AppealTooLate):
        appeal_posting(posting.pk, reason="堵车", actor=me)
    appeal_posting(posting.pk, reason="堵车", actor=me)
    with pytest.raises(AlreadyAppealed):
        appeal_posting(posting.pk, reason="堵车", actor=me)
    with pytest.raises(NotAppealable):
        appeal_posting(engineer.postings.get(kind="issued").pk, reason="少了", actor=me)


def test_nobody_appeals_for_a_stranger_or_decides_on_what_concerns_him():
    engineer, case = an_engineer(), a_case()
    posting = a_posting(engineer, case_id=case.pk)
    with pytest.raises(NotFound):
        appeal_posting(posting.pk, reason="堵车", actor=acting(an_engineer(name="别人").staff))
    with pytest.raises(NotAllowed):
        appeal_posting(posting.pk, reason="堵车", actor=acting(a_person(roles=("manager",))))
    appeal = appeal_posting(posting.pk, reason="堵车", actor=acting(engineer.staff))
    with pytest.raises(NotAllowed):
        decide_appeal(appeal.pk, upheld=True, reason="我说的", actor=acting(engineer.staff))


def test_by_hand_points_need_a_visible_case_and_words():
    engineer, case = an_engineer(), a_case()
    judge = acting(a_person(roles=("manager",)))
    with pytest.raises(Invalid):
        post_points_by_hand(engineer.pk, kind="adopted_improvement", case_number=case.number, note="", actor=judge)
    with pytest.raises(NotFound):
        post_points_by_hand(engineer.pk, kind="adopted_improvement", case_number="J-0000-0000-0", note="好", actor=judge)
    a_posting(engineer, case_id=case.pk)
    post_points_by_hand(engineer.pk, kind="adopted_improvement", case_number=case.number, note="好主意", actor=judge)
    assert standing(engineer).points == 11
    with pytest.raises(Invalid):
        post_points_by_hand(engineer.pk, kind="adopted_improvement", case_number=case.number, note="好主意", actor=judge)


def test_a_coach_is_a_colleague():
    engineer, colleague = an_engineer(), a_person()
    manager = acting(a_person(roles=("manager",)))
    with pytest.raises(Invalid):
        assign_coach(engineer.pk, coach_id=engineer.pk, actor=manager)
    assert assign_coach(engineer.pk, coach_id=colleague.pk, actor=manager).coach_id == colleague.pk


def test_the_ledger_cannot_be_changed():
    engineer, case = an_engineer(), a_case()
    posting = a_posting(engineer, case_id=case.pk)
    for statement in ("update network_licenceposting set points = -1", "delete from network_licenceposting"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert LicencePosting.objects.get(pk=posting.pk).points == -2


@pytest.mark.parametrize("points", [13, -1, 0])
def test_the_database_keeps_points_between_zero_and_twelve_and_zero_revoked(points):
    engineer = an_engineer()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update network_engineer set points = %s where staff_id = %s", [points, engineer.pk])
