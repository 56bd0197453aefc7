"""A new visit standard: the next visit follows it, the running one keeps its own, and phones that were offline theirs."""

from datetime import timedelta

import pytest

from jieli.lib import clock
from jieli.people.tests.factories import MONDAY
from jieli.policies.actions import draft_version, start_version
from jieli.policies.queries import version
from jieli.policies.tests.factories import MANAGER, default_source
from jieli.visits.models import Visit
from jieli.visits.queries.day import day_of
from jieli.visits.tests.factories import a_photo, an_engineer, an_order, sent, take, whole_visit

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)
STEP_25 = """
[[steps]]
code = "disinfect"
label = { zh = "消毒", en = "Disinfect" }
phase = "after"
hint = { zh = "擦拭接触过的表面,拍照留存。", en = "Wipe what was touched and take a photo." }
records = [{ name = "done", label = { zh = "已消毒", en = "Disinfected" }, type = "check", required = true }]
evidence = [{ kind = "photo", least = 1 }]
skips = ["allergy"]

# --- Ten do's 十要
"""
REASON = """skip_reasons = [
    { code = "allergy", label = { zh = "用户过敏", en = "The customer is allergic" } },
"""


def start_a_25th_step():
    """Start a standard with one step more, a photo that it needs, and a new reason to skip it."""
    source = default_source("visit-standard")
    source = source.replace("\n# --- Ten do's 十要\n", STEP_25, 1).replace("skip_reasons = [\n", REASON, 1)
    draft = draft_version("visit-standard", source=source, note="第 25 步", actor=MANAGER)
    return start_version(draft.pk, actor=MANAGER)


@pytest.fixture
def world():
    engineer = an_engineer()
    running, later = an_order(engineer), an_order(engineer)
    take(engineer, sent(running, "arrive"))
    with clock.frozen(MONDAY + timedelta(hours=1)):
        started = start_a_25th_step()
    return engineer, running, later, version("visit-standard", started.number).data


def test_the_running_visit_keeps_its_own_and_the_next_one_follows_the_new(world):
    engineer, running, later, new = world
    with clock.frozen(NOON):
        take(engineer, *whole_visit(running, engineer))
        entries = whole_visit(later, engineer, start=NOON - timedelta(minutes=50))
        refused = take(engineer, *[one for one in entries if one.data.get("code") != "disinfect"])[-1]
        running.refresh_from_db()
        later.refresh_from_db()
    assert dict(Visit.objects.values_list("case_id", "standard")) == {running.case_id: 1, later.case_id: 2}
    assert len(new.steps) == 25
    assert running.finished_at is not None
    assert refused.state == "refused"
    assert list(refused.fields) == ["disinfect"]
    assert later.finished_at is None


def test_the_new_step_needs_its_photo_or_the_new_reason(world):
    engineer, _running, later, _new = world
    with clock.frozen(NOON):
        *entries, _outcome, finish = whole_visit(later, engineer, start=NOON - timedelta(minutes=50))
        entries = [one for one in entries if one.data.get("code") != "disinfect"]
        take(engineer, *entries, sent(later, "outcome", result="fixed"))
        take(engineer, sent(later, "step", code="disinfect", records={"done": True}))
        without = take(engineer, finish)[0]
        photo = a_photo(later, engineer, seed=5)
        take(engineer, sent(later, "step", code="disinfect", records={"done": True}, evidence=[str(photo)]))
        later.refresh_from_db()
        assert without.state == "refused"
        assert take(engineer, finish)[0].state == "done"


def test_it_may_be_skipped_for_the_new_reason_which_the_old_standard_does_not_know(world):
    engineer, running, later, _new = world
    with clock.frozen(NOON):
        new = take(engineer, sent(later, "skip", code="disinfect", reason="allergy"))[0]
        old = take(engineer, sent(running, "skip", code="disinfect", reason="allergy"))[0]
    assert (new.state, old.state) == ("done", "refused")


def test_a_phone_that_was_offline_follows_the_standard_it_loaded(world):
    engineer, _running, later, _new = world
    with clock.frozen(NOON):
        take(engineer, sent(later, "set_out"), standard=1)
    assert Visit.objects.get(case_id=later.case_id).standard == 1


@pytest.mark.parametrize("told", [None, 2, 7, -1])
def test_a_version_that_does_not_exist_is_not_followed(world, told):
    engineer, _running, later, _new = world
    with clock.frozen(NOON):
        take(engineer, sent(later, "set_out"), standard=told)
    assert Visit.objects.get(case_id=later.case_id).standard == 2


def test_a_phone_with_a_standard_of_last_week_follows_the_new_one(world):
    engineer, _running, later, _new = world
    with clock.frozen(NOON + timedelta(days=7)):
        take(engineer, sent(later, "set_out"), standard=1)
    assert Visit.objects.get(case_id=later.case_id).standard == 2


def test_the_day_brings_both_standards(world):
    engineer, *_ = world
    with clock.frozen(NOON):
        told = day_of(engineer, NOON)
    assert told["standard"]["version"] == 2
    assert [one["version"] for one in told["standards"]] == [1]
    assert len(told["standard"]["steps"]) == 25
