"""Every change of a policy: draft, change, discard, start; and the first versions of the shipped pack."""

from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import Invalid, Refused, require
from jieli.lib import clock
from jieli.policies import queries
from jieli.policies.events import PolicyDraftChanged, PolicyDraftDiscarded, PolicyDrafted, PolicyStarted
from jieli.policies.models import PolicyVersion
from jieli.policies.policy import may_draft_policy, may_start_policy
from jieli.policies.schemas import Promises, registered, registered_names
from jieli.policies.sources import Problem, SourceProblems, body_of, digest_of, line_numbers, normal_source, read_source

FIRST_START = datetime(1970, 1, 1, tzinfo=UTC)
"""From when the shipped versions hold: histories that are imported lie after it."""


class InvalidPolicy(Invalid):
    """The text is not a policy of this name; `problems` says where and why."""

    code = "invalid_policy"
    message = _("The text cannot be used as this policy yet.")

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(fields={problem.path or "source": str(problem) for problem in problems})


class DraftChangedMeanwhile(Refused):
    """Somebody else saved the draft after it was opened; nothing was overwritten."""

    code = "draft_changed_meanwhile"
    message = _("Somebody else saved this draft after you opened it. Your text is kept below; compare and save again.")

    def __init__(self, draft: PolicyVersion) -> None:
        self.draft = draft
        super().__init__()


class VersionStarted(Refused):
    """A version that was started is never changed."""

    code = "version_started"
    message = _("This version has been started and can no longer be changed. Draft a new one from it.")


class StartInThePast(Invalid):
    """A new version never changes what an older one decided."""

    code = "start_in_the_past"
    message = _("A version starts now or later, never in the past.")


class NothingChanged(Refused):
    """The draft says the same as the version that holds."""

    code = "nothing_changed"
    message = _("This draft says exactly what the latest version says. There is nothing to start.")


def _read(name: str, source: str) -> dict[str, object]:
    """Return the values of a text; raises InvalidPolicy, also for calendars that do not exist."""
    try:
        data = read_source(source, registered(name).schema)
    except SourceProblems as error:
        raise InvalidPolicy(error.problems) from None
    if isinstance(data, Promises):
        problems = _unknown_calendars(data, source)
        if problems:
            raise InvalidPolicy(problems)
    return body_of(data)


def _unknown_calendars(promises: Promises, source: str) -> tuple[Problem, ...]:
    try:
        known = {"unit", *queries.current("calendars").data.calendars}
    except queries.NoPolicy:
        return ()
    lines = line_numbers(source)
    message = str(_("is no calendar; one of: %(known)s")) % {"known": ", ".join(sorted(known))}
    return tuple(
        Problem(
            lines.get(("rules", place, "calendar"), lines.get(("rules", place))),
            None,
            f"rules[{place + 1}].calendar ({rule.name})",
            message,
        )
        for place, rule in enumerate(promises.rules)
        if rule.calendar not in known
    )


def _locked_draft(version_id: int) -> PolicyVersion:
    draft = PolicyVersion.objects.select_for_update().get(pk=version_id)
    if draft.started:
        raise VersionStarted
    return draft


@transaction.atomic
def draft_version(name: str, *, source: str, actor: Actor, note: str = "") -> PolicyVersion:
    """Draft a new version of a policy from its TOML text; it holds only when it is started.

    Raises KeyError for an unknown name, NotAllowed, InvalidPolicy with the line of each problem.
    """
    require(may_draft_policy(actor))
    source = normal_source(source)
    body = _read(name, source)
    now = clock.now()
    latest = PolicyVersion.objects.started().filter(name=name).first()
    draft = PolicyVersion.objects.create(
        name=name,
        body=body,
        source=source,
        note=note.strip()[:400],
        based_on=latest.number if latest else None,
        created_by_id=actor.id if actor.is_staff else None,
        created_at=now,
        changed_at=now,
    )
    record(
        PolicyDrafted(policy_id=draft.pk, name=name, based_on=draft.based_on, source_digest=digest_of(source), note=draft.note),
        actor=actor,
    )
    return draft


@transaction.atomic
def change_draft(version_id: int, *, source: str, revision: int, actor: Actor, note: str = "") -> PolicyVersion:
    """Save a draft again. `revision` is the one that was opened.

    Raises PolicyVersion.DoesNotExist, NotAllowed, VersionStarted, DraftChangedMeanwhile, InvalidPolicy.
    """
    require(may_draft_policy(actor))
    draft = _locked_draft(version_id)
    source = normal_source(source)
    if revision != draft.revision:
        raise DraftChangedMeanwhile(draft)
    draft.body = _read(draft.name, source)
    draft.source = source
    draft.note = note.strip()[:400]
    draft.revision += 1
    draft.changed_at = clock.now()
    draft.save(update_fields=["body", "source", "note", "revision", "changed_at"])
    record(
        PolicyDraftChanged(
            policy_id=draft.pk,
            name=draft.name,
            revision=draft.revision,
            source_digest=digest_of(source),
            note=draft.note,
        ),
        actor=actor,
    )
    return draft


@transaction.atomic
def discard_draft(version_id: int, *, actor: Actor) -> None:
    """Throw a draft away. Raises PolicyVersion.DoesNotExist, NotAllowed, VersionStarted."""
    require(may_draft_policy(actor))
    draft = _locked_draft(version_id)
    record(PolicyDraftDiscarded(policy_id=draft.pk, name=draft.name, source_digest=digest_of(draft.source)), actor=actor)
    draft.delete()


@transaction.atomic
def start_version(version_id: int, *, actor: Actor, at: datetime | None = None, revision: int | None = None) -> PolicyVersion:
    """Start a draft now or at a later instant; the database gives it the next number and freezes it.

    A version that was planned for later and one started before that do not disturb each other: at each instant the one that
    began last holds. `revision` guards against starting what one has not read.

    Raises PolicyVersion.DoesNotExist, NotAllowed, VersionStarted, DraftChangedMeanwhile, StartInThePast, NothingChanged,
    InvalidPolicy.
    """
    require(may_start_policy(actor))
    draft = _locked_draft(version_id)
    if revision is not None and revision != draft.revision:
        raise DraftChangedMeanwhile(draft)
    now = clock.now()
    if at is not None and at < now:
        raise StartInThePast(fields={"starts_at": StartInThePast.message})
    latest = PolicyVersion.objects.started().filter(name=draft.name).first()
    if latest is not None and latest.source == draft.source:
        raise NothingChanged
    _read(draft.name, draft.source)
    return _start(draft, at=at or now, actor=actor)


def _start(draft: PolicyVersion, *, at: datetime, actor: Actor) -> PolicyVersion:
    draft.started = True
    draft.starts_at = at
    draft.started_by_id = actor.id if actor.is_staff else None
    draft.save(update_fields=["started", "starts_at", "started_by_id"])
    draft.refresh_from_db()
    assert draft.number is not None
    assert draft.starts_at is not None
    record(
        PolicyStarted(
            policy_id=draft.pk,
            name=draft.name,
            number=draft.number,
            starts_at=draft.starts_at,
            source_digest=digest_of(draft.source),
        ),
        actor=actor,
    )
    transaction.on_commit(queries.forget)
    return draft


@transaction.atomic
def install_default_pack() -> list[PolicyVersion]:
    """Start the shipped file of every policy that has one and no version yet, as version 1; the others are left alone."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('policies.default_pack'))")
    present = set(PolicyVersion.objects.started().order_by().values_list("name", flat=True).distinct())
    installed = []
    for name in registered_names():
        known = registered(name)
        if name in present or known.default is None:
            continue
        source = normal_source(known.default.read_text(encoding="utf-8"))
        now = clock.now()
        draft = PolicyVersion.objects.create(
            name=name,
            body=body_of(read_source(source, known.schema)),
            source=source,
            note="",
            created_at=now,
            changed_at=now,
        )
        installed.append(_start(draft, at=FIRST_START, actor=SYSTEM))
    return installed
