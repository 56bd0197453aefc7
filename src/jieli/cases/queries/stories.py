"""Why a promise falls due when it does: the rule in words, then every pause and re-planning (spec 1, Promises)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jieli.cases.models import Case, Promise, Segment
from jieli.cases.queries.planning import derive_promise, numbers
from jieli.cases.queries.timeline import rule_words, told_words
from jieli.lib import clock
from jieli.people.queries import company_zone
from jieli.policies.matching import explain
from jieli.policies.queries import NoPolicy, by_label, calendar_names
from jieli.policies.schemas import Promises
from jieli.ui import display


@dataclass(slots=True)
class Story:
    """A promise as the page shows it; `why` is one sentence, `steps` tell how its due time came about."""

    promise: Promise
    what: str
    whom: str
    why: str
    steps: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def kept_at(self) -> datetime | None:
        """Return when it was kept, on time or late."""
        return self.promise.ended_at if self.promise.outcome in ("kept", "late") else None

    @property
    def is_cancelled(self) -> bool:
        """Tell whether it ended without being kept."""
        return self.promise.outcome == "cancelled"

    @property
    def told(self) -> str:
        """Return how the other side was told, empty when it was not."""
        return told_words(self.promise.told_how) if self.promise.told_at else ""


def stories(promises: Iterable[Promise]) -> list[Story]:
    """Return promises with their reasons in one sentence, in their order. No query but cached policies."""
    return [_story(promise) for promise in promises]


def whole_story(promise: Promise) -> Story:
    """Return a promise with every step by which its due time came about. One query, and those of its calendar."""
    story = _story(promise)
    segments = list(Segment.objects.filter(promise_id=promise.pk).order_by("sequence"))
    if segments or promise.mode != Promise.Mode.INSTANT:
        story.steps = list(_steps(promise, segments))
    return story


def _story(promise: Promise) -> Story:
    whom = _("inside") if promise.kind in Promise.INSIDE_KINDS else _("to the customer")
    return Story(promise, str(Promise.Kind(promise.kind).label), whom, reason(promise))


def language() -> str:
    """Return the language of the moment."""
    return get_language() or settings.LANGUAGE_CODE


def exact(at: datetime) -> str:
    """Write an instant exactly, as the company's people read it."""
    return display.instant_text(at, now=clock.now(), zone=company_zone(), language=language())


def reason(promise: Promise) -> str:
    """Return in one sentence by which rule, and for which facts, a promise falls due when it does."""
    if promise.by_import:
        return _("The time comes with the imported history.")
    try:
        policy = by_label(promise.policy).data if promise.policy else None
    except NoPolicy:
        policy = None
    rule = policy.rule(promise.rule) if isinstance(policy, Promises) else None
    due = display.near_text(promise.due_at, now=clock.now(), zone=company_zone(), language=language())
    if rule is None:
        return _("%(what)s by %(due)s: set %(rule)s.") % {
            "what": Promise.Kind(promise.kind).label,
            "due": due,
            "rule": rule_words(promise.rule),
        }
    return explain(rule, promise.facts, promise.policy, language(), due=due)


def target_words(mode: str, target: object, calendar: str) -> str:
    """Return how a target counts: ``240 working minutes (desk)``."""
    names = calendar_names(language())
    values = {"count": f"{float(str(target or 0)):g}", "calendar": names.get(calendar, calendar)}
    if mode == Promise.Mode.DAYS:
        return _("%(count)s working days, %(calendar)s") % values
    return _("%(count)s minutes, %(calendar)s") % values


def _steps(promise: Promise, segments: list[Segment]) -> Iterable[tuple[datetime, str]]:
    first = derive_promise(promise, ())
    counted = "" if promise.mode == "instant" else target_words(promise.mode, promise.target, promise.calendar)
    start = _("It began: %(counted)s, so due %(due)s") if counted else _("It began, due %(due)s")
    yield promise.started_at, start % {"counted": counted, "due": exact(first.due_at)}
    for place, segment in enumerate(segments, start=1):
        due = exact(derive_promise(promise, segments[:place]).due_at)
        if segment.kind == Segment.Kind.PAUSE:
            listed = numbers().data.pause(segment.reason)
            why = listed.label.in_language(language()) if listed else segment.reason
            text = _("The clock stands until %(until)s (%(why)s, agreed), so due %(due)s") % {
                "until": exact(segment.until or segment.at),
                "why": why,
                "due": due,
            }
        elif segment.kind == Segment.Kind.RESUME:
            text = _("The clock runs again, so due %(due)s") % {"due": due}
        elif segment.mode == Promise.Mode.INSTANT:
            text = _("Another time was set %(rule)s: due %(due)s") % {"rule": rule_words(segment.rule), "due": due}
        else:
            text = _("Planned anew by %(rule)s (%(policy)s): %(counted)s, so due %(due)s") % {
                "rule": rule_words(segment.rule, segment.policy),
                "policy": segment.policy,
                "counted": target_words(segment.mode, segment.target, segment.calendar),
                "due": due,
            }
        yield segment.at, text


def leading(case: Case, running: list[Story]) -> Story | None:
    """Return the promise that stands first on the page: the next one to the customer that is running."""
    to_customer = [one for one in running if one.promise.is_running and one.promise.kind not in Promise.INSIDE_KINDS]
    pending = [one for one in to_customer if one.promise.due_at == case.next_due_at]
    return next(iter(pending or to_customer), None)
