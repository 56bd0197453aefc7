"""Drafting, changing, discarding and starting versions; what was started stands."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import InternalError, connection, connections, transaction
from django.db.utils import IntegrityError

from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.policies import actions
from jieli.policies.models import PolicyVersion
from jieli.policies.queries import NoPolicy, by_label, current, version, versions
from jieli.policies.tests.factories import (
    AGENT,
    MANAGER,
    NOBODY,
    changed,
    default_source,
    faster_enquiries,
    make_draft,
    make_version,
)

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
Freeze = Callable[[datetime], None]


def accept_minutes(at: datetime | None = None) -> int:
    rule = current("promises", at).data.rule("enquiry-accept")
    assert rule is not None
    return rule.target


@pytest.mark.django_db
def test_a_draft_holds_only_when_it_is_started() -> None:
    draft = make_draft()
    assert draft.number is None
    assert accept_minutes() == 15
    started = actions.start_version(draft.pk, actor=MANAGER)
    assert started.number == 2
    assert started.version == "promises v2"
    assert accept_minutes() == 7


@pytest.mark.django_db
def test_a_new_version_never_changes_what_an_older_one_decided(frozen: Freeze) -> None:
    frozen(NOON)
    make_version()
    assert accept_minutes(NOON - timedelta(seconds=1)) == 15
    assert accept_minutes(NOON + timedelta(seconds=1)) == 7
    with pytest.raises(actions.StartInThePast):
        actions.start_version(make_draft(source=faster_enquiries(8)).pk, at=NOON - timedelta(minutes=1), actor=MANAGER)


@pytest.mark.django_db
def test_a_version_may_be_planned_and_another_started_before_it(frozen: Freeze) -> None:
    frozen(NOON)
    planned = actions.start_version(make_draft(source=faster_enquiries(5)).pk, at=NOON + timedelta(days=7), actor=MANAGER)
    between = actions.start_version(make_draft(source=faster_enquiries(9)).pk, actor=MANAGER)
    assert (planned.number, between.number) == (2, 3)
    assert accept_minutes() == 9
    assert accept_minutes(NOON + timedelta(days=8)) == 5
    assert [found.number for found in versions("promises")] == [3, 2, 1]


@pytest.mark.django_db
def test_before_the_first_version_the_first_holds() -> None:
    assert current("promises", datetime(1960, 1, 1, tzinfo=UTC)).number == 1


@pytest.mark.django_db
def test_a_decision_finds_its_version_by_label() -> None:
    make_version()
    assert by_label("promises v1").number == 1
    assert version("promises", 2).version == "promises v2"
    with pytest.raises(NoPolicy):
        by_label("promises v9")
    with pytest.raises(NoPolicy):
        current("nothing")


@pytest.mark.django_db
def test_a_draft_can_be_changed_until_it_is_started() -> None:
    draft = make_draft()
    again = actions.change_draft(draft.pk, source=faster_enquiries(9), revision=1, note="neun", actor=MANAGER)
    assert again.revision == 2
    actions.start_version(draft.pk, actor=MANAGER)
    with pytest.raises(actions.VersionStarted):
        actions.change_draft(draft.pk, source=faster_enquiries(3), revision=2, actor=MANAGER)
    with pytest.raises(actions.VersionStarted):
        actions.discard_draft(draft.pk, actor=MANAGER)
    with pytest.raises(actions.VersionStarted):
        actions.start_version(draft.pk, actor=MANAGER)


@pytest.mark.django_db
def test_the_second_to_save_a_draft_overwrites_nothing() -> None:
    draft = make_draft()
    actions.change_draft(draft.pk, source=faster_enquiries(9), revision=1, actor=MANAGER)
    with pytest.raises(actions.DraftChangedMeanwhile) as refused:
        actions.change_draft(draft.pk, source=faster_enquiries(3), revision=1, actor=MANAGER)
    assert "target = 9" in refused.value.draft.source
    with pytest.raises(actions.DraftChangedMeanwhile):
        actions.start_version(draft.pk, revision=1, actor=MANAGER)


@pytest.mark.django_db
def test_a_discarded_draft_is_gone_and_remembered() -> None:
    draft_id = make_draft().pk
    actions.discard_draft(draft_id, actor=MANAGER)
    assert not PolicyVersion.objects.filter(pk=draft_id).exists()
    types = Event.objects.filter(stream="policy", stream_id=draft_id).order_by("sequence").values_list("type", flat=True)
    assert list(types) == ["policies.drafted", "policies.draft_discarded"]


@pytest.mark.django_db
def test_a_draft_that_says_the_same_is_not_started() -> None:
    draft = make_draft(source=default_source("promises"))
    with pytest.raises(actions.NothingChanged):
        actions.start_version(draft.pk, actor=MANAGER)


@pytest.mark.django_db
@pytest.mark.parametrize("actor", [AGENT, NOBODY])
def test_only_managers_and_administrators_set_policies(actor: Actor) -> None:
    draft = make_draft()
    with pytest.raises(NotAllowed):
        make_draft(actor=actor)
    with pytest.raises(NotAllowed):
        actions.change_draft(draft.pk, source=faster_enquiries(3), revision=1, actor=actor)
    with pytest.raises(NotAllowed):
        actions.start_version(draft.pk, actor=actor)
    with pytest.raises(NotAllowed):
        actions.discard_draft(draft.pk, actor=actor)


@pytest.mark.django_db
def test_a_calendar_that_does_not_exist_is_refused_with_its_line() -> None:
    source = changed("promises", 'calendar = "always"', 'calendar = "night"')
    with pytest.raises(actions.InvalidPolicy) as refused:
        make_draft(source=source)
    (problem,) = refused.value.problems
    assert problem.line is not None
    assert source.splitlines()[problem.line - 1] == 'calendar = "night"'
    assert "night" not in problem.message
    assert "desk" in problem.message


@pytest.mark.django_db
@pytest.mark.parametrize(
    "attack",
    [
        "update policies_policyversion set source = '' where number = 1",
        "update policies_policyversion set number = 7 where number = 1 and name = 'promises'",
        "update policies_policyversion set starts_at = now() where number = 1",
        "update policies_policyversion set started = false, number = null, starts_at = null where number = 1",
        "delete from policies_policyversion where number = 1",
    ],
)
def test_the_database_refuses_to_change_what_was_started(attack: str) -> None:
    with (
        pytest.raises((InternalError, IntegrityError), match="never changed"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute(attack)


@pytest.mark.django_db
def test_the_database_gives_the_number_and_refuses_a_start_in_the_past(frozen: Freeze) -> None:
    frozen(NOON)
    draft = make_draft()
    PolicyVersion.objects.filter(pk=draft.pk).update(started=True, number=40, starts_at=NOON - timedelta(days=30))
    draft.refresh_from_db()
    assert (draft.number, draft.starts_at) == (2, NOON)


@pytest.mark.django_db(transaction=True)
def test_two_versions_started_at_once_get_different_numbers() -> None:
    drafts = [make_draft(source=faster_enquiries(minutes)).pk for minutes in (3, 4, 5, 6)]
    gate = threading.Barrier(len(drafts))
    numbers: list[int] = []

    def start(draft_id: int) -> None:
        try:
            gate.wait(10)
            numbers.append(actions.start_version(draft_id, actor=MANAGER).number or 0)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=start, args=(draft_id,)) for draft_id in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(numbers) == [2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_a_start_that_is_rolled_back_leaves_no_trace_in_the_cache() -> None:
    assert accept_minutes() == 15
    with transaction.atomic():
        make_version()
        assert accept_minutes() == 7
        transaction.set_rollback(True)
    assert accept_minutes() == 15


@pytest.mark.django_db(transaction=True)
def test_a_committed_version_holds_at_once_in_this_process() -> None:
    assert accept_minutes() == 15
    make_version()
    assert accept_minutes() == 7


@pytest.mark.django_db
def test_reading_a_policy_costs_no_query(django_assert_num_queries: Callable[..., object]) -> None:
    current("promises")
    current("numbers")
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        current("promises")
        current("numbers")
        current("promises", clock.now() - timedelta(days=400))
