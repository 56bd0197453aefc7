"""Which calculations there are, and whether they still say what holds."""

from dataclasses import dataclass
from datetime import timedelta

from jieli.events.models import Event
from jieli.lib import clock
from jieli.policies.models import PolicyVersion
from jieli.policies.queries import current
from jieli.settlement.models import Reckoning, Run
from jieli.settlement.queries.months import Month

TRIED = ("rates", "grade", "settlement")
"""The policies of the month end, whose drafts can be tried on a month."""

FRESH = timedelta(minutes=15)
"""A preview is renewed when somebody looks at one that is older, and something has happened since."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the calculations of a month stand: the decision, the latest finished preview, what is being done, what failed."""

    run: Run | None
    preview: Reckoning | None
    deciding: Reckoning | None
    calculating: Reckoning | None
    refused: Reckoning | None
    is_old: bool


def latest_preview(month: Month) -> Reckoning | None:
    """Return the latest preview that is finished."""
    done = Reckoning.objects.filter(kind=Reckoning.Kind.PREVIEW, month=month.first, state=Reckoning.State.DONE)
    return done.order_by("-pk").first()


def standing(month: Month) -> Standing:
    """Return how a month stands. Two queries, three for a preview that is not brand-new."""
    run = Run.objects.filter(month=month.first).first()
    if run is not None:
        return Standing(run, None, None, None, None, False)
    rows = list(Reckoning.objects.filter(month=month.first).exclude(kind=Reckoning.Kind.TRIAL).order_by("-pk")[:20])
    previews = [row for row in rows if row.kind == Reckoning.Kind.PREVIEW]
    done = next((row for row in previews if row.state == Reckoning.State.DONE), None)
    return Standing(
        run=None,
        preview=done,
        deciding=next((row for row in rows if row.kind == Reckoning.Kind.DECISION and row.is_unfinished), None),
        calculating=next((row for row in previews if row.is_unfinished), None),
        refused=rows[0] if rows and rows[0].state == Reckoning.State.REFUSED else None,
        is_old=done is None or _is_old(done),
    )


def _is_old(row: Reckoning) -> bool:
    if (row.grade_policy, row.settlement_policy) != (current("grade").version, current("settlement").version):
        return True
    if row.ended_at is None or clock.now() - row.ended_at < FRESH:
        return False
    return (Event.objects.order_by("-id").values_list("id", flat=True).first() or 0) != row.seen_event


def latest_trial(draft: PolicyVersion, month: Month) -> Reckoning | None:
    """Return the latest trial of a draft on a month, finished or not."""
    return Reckoning.objects.filter(kind=Reckoning.Kind.TRIAL, month=month.first, draft_id=draft.pk).order_by("-pk").first()


def drafts_to_try() -> list[PolicyVersion]:
    """Return the drafts of the policies of the month end."""
    return list(PolicyVersion.objects.drafts().filter(name__in=TRIED).defer("source", "body"))
