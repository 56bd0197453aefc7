"""What a customer sees of a case by its link: the same truth as at the desk, in plain words, without the inside notes."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jieli.cases.actions.opening import tracking_digest
from jieli.cases.models import Case, Message, Promise, Relation
from jieli.cases.queries.case_page import stages_of
from jieli.cases.queries.timeline import sentence, staff_in
from jieli.cases.rules.numbers import WrongNumber, parse_case_number
from jieli.events.actor import Actor, customer_actor
from jieli.events.facts import fact_class
from jieli.events.models import Event
from jieli.files.models import Evidence
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.queries import company_zone
from jieli.policies.queries import current
from jieli.ui import display

MESSAGES = 200
EVENTS = 300
_NOBODY = "0" * 64
_LONGEST_CODE = 100

# Who has the case is never a secret; what colleagues said to each other while passing it is.
_NEW_OWNER = ("cases.taken_over", "cases.deputised", "cases.pass_accepted", "cases.assignment_accepted")


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as a bubble shows it."""

    url: str
    name: str
    size: int
    thumbnail_url: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """Something said, with its files."""

    side: str
    at: datetime
    text: str
    who: str
    files: list[Shown] = field(default_factory=list)
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the timeline."""

    at: datetime
    text: str
    icon: str
    tone: str


@dataclass(slots=True)
class Followed:
    """A case as its customer sees it."""

    case: Case
    sentence: str
    detail: str
    hero: Promise | None
    stages: list[tuple[str, str]]
    talk: list[Bubble]
    steps: list[Step]
    files: list[Shown]
    has_unread: bool
    may_write: bool
    may_cancel: bool
    may_reopen: bool
    reopen_until: datetime | None
    joined_from: Case | None = None


def opened_by_code(number: str, code: str) -> Case | None:
    """Return the case that number and code open together, or None. One query.

    The codes are compared in constant time, also for a number that nobody has. Raises WrongNumber for a mistyped number.
    """
    case_id = parse_case_number(number)
    found = Case.objects.select_related("customer", "owner", "steward", "unit").filter(pk=case_id, erased_at__isnull=True)
    case = found.first() if case_id < 2**63 else None
    kept = case.tracking_digest if case is not None else _NOBODY
    fits = hmac.compare_digest(kept, tracking_digest(code[:_LONGEST_CODE]))
    return case if fits and case is not None else None


def tracking_token(number: str, code: str) -> str:
    """Return number and code as one word, for the addresses of files."""
    return f"{number}~{code}"


def opened_by_token(token: str) -> tuple[Actor, int] | None:
    """Return the customer and the case whose files a token opens, or None."""
    number, _separator, code = token.partition("~")
    try:
        case = opened_by_code(number, code)
    except WrongNumber:
        return None
    if case is None:
        return None
    goes_on = joined_case(case)
    shown = goes_on if goes_on is not None and goes_on.customer_id == case.customer_id else case
    return customer_of(shown), shown.pk


def customer_of(case: Case) -> Actor:
    """Return the customer of a case as the one who acts."""
    return customer_actor(case.customer_id, case.customer.name)


def joined_case(case: Case) -> Case | None:
    """Return the case under which a merged case goes on, to the end of the chain, or None."""
    found: Case | None = None
    seen = {case.pk}
    step: Case | None = case
    while step is not None:
        tie = (
            Relation.objects.select_related("other__customer", "other__owner", "other__steward", "other__unit")
            .filter(case_id=step.pk, kind=Relation.Kind.DUPLICATE_OF, ended_at__isnull=True)
            .first()
        )
        step = tie.other if tie is not None and tie.other_id not in seen else None
        if step is not None:
            seen.add(step.pk)
            found = step
    return found


def followed(case: Case, token: str) -> Followed:
    """Return what the customer's page shows of a case. At most eleven queries, however much hangs on it."""
    promises = list(Promise.objects.filter(case_id=case.pk).exclude(kind__in=Promise.INSIDE_KINDS).order_by("id"))
    running = sorted((one for one in promises if one.is_running), key=lambda one: (one.due_at, one.pk))
    hero = running[0] if running else None
    messages = list(Message.objects.filter(case_id=case.pk).exclude(direction="note").order_by("-id")[:MESSAGES])[::-1]
    events = list(Event.objects.of_case(case.pk).order_by("-sequence").prefetch_related("texts")[:EVENTS])[::-1]
    wanted = staff_in(events) | {one.author_id for one in messages if one.author_kind == "staff" and one.author_id}
    names = dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    files = _files(case, token)
    until = _reopen_until(case)
    text, detail = state_words(case, hero, running)
    return Followed(
        case=case,
        sentence=text,
        detail=detail,
        hero=hero if case.is_open else None,
        stages=stages_of(case),
        talk=[_bubble(one, names, files.get(one.pk, [])) for one in messages],
        steps=_steps(events, names),
        files=files.get(None, []),
        has_unread=any(one.direction == "out" and one.read_at is None for one in messages),
        may_write=case.is_open,
        may_cancel=case.status in (Case.Status.OPEN, Case.Status.WAITING),
        may_reopen=until is not None and clock.now() <= until,
        reopen_until=until,
    )


def _files(case: Case, token: str) -> dict[int | None, list[Shown]]:
    shown: dict[int | None, list[Shown]] = {}
    for one in Evidence.objects.of_case(case.pk).kept().filter(customer_sees=True):
        url = reverse("files:tracked_file", args=[token, one.key])
        small = reverse("files:tracked_thumbnail", args=[token, one.key]) if one.thumbnail else ""
        shown.setdefault(one.message_id, []).append(Shown(url, one.name, one.size, small))
    return shown


def _bubble(message: Message, names: Mapping[int, str], files: list[Shown]) -> Bubble:
    if message.direction == "in":
        side, who = "customer", _("You")
    else:
        side, who = "staff", names.get(message.author_id or 0, "") or _("Service")
    text = message.body if message.erased_at is None else _("(erased)")
    return Bubble(side, message.at, text, who, files, f"m{message.pk}")


def _reopen_until(case: Case) -> datetime | None:
    ended_at = case.closed_at or case.resolved_at
    if ended_at is None or case.status in (Case.Status.OPEN, Case.Status.WAITING):
        return None
    return ended_at + timedelta(days=current("numbers").data.reopen_days)


# --- the big sentence


def state_words(case: Case, hero: Promise | None, running: list[Promise]) -> tuple[str, str]:
    """Return who does what and until when, in one sentence, and a second one that says what it means for the customer."""
    owner = case.owner.name
    if case.status == Case.Status.WAITING:
        until = hero.paused_until if hero and hero.paused_until else case.next_due_at
        return (
            _("%(owner)s waits for you until %(until)s, as agreed.") % {"owner": owner, "until": spoken(until)},
            _("Write to us and we go on at once."),
        )
    if case.status == Case.Status.RESOLVED:
        return (
            _("%(owner)s has told you the result.") % {"owner": owner},
            _("If something is still not right, tell us here and we go on under the same number."),
        )
    if case.status == Case.Status.CLOSED:
        return _("This case is closed."), _("Thank you. You can read here what was done.")
    if case.status == Case.Status.CANCELLED:
        return _("This case was cancelled."), _("You can read here what was done.")
    doing = _("%(owner)s is on duty and has your need") if case.is_on_duty else _doing(case.stage)
    doing = doing % {"owner": owner}
    if hero is None:
        return _("%(doing)s.") % {"doing": doing}, ""
    due = hero.due_at
    if due <= clock.now():
        late = _("%(doing)s. We are late: it was promised by %(time)s.") % {"doing": doing, "time": spoken(due)}
        ahead = next((one for one in running if one.due_at > clock.now()), None)
        if ahead is None:
            return late, _("We are sorry. A superior has been told, and your case stays on top until it is done.")
        values = {"what": promise_title(ahead.kind), "time": spoken(ahead.due_at)}
        return late, _("We are sorry. A superior has been told. New time: %(what)s by %(time)s.") % values
    return _("%(doing)s and %(promise)s.") % {"doing": doing, "promise": _promised(hero) % {"time": spoken(due)}}, ""


def _doing(stage: str) -> str:
    return {
        "intake": _("%(owner)s is looking after your need"),
        "dispatch": _("%(owner)s is arranging your visit"),
        "visit": _("%(owner)s looks after your visit"),
        "quality": _("%(owner)s makes sure that all is well"),
        "settlement": _("%(owner)s is finishing your case"),
        "handling": _("%(owner)s is working on it"),
        "reply": _("%(owner)s is writing your answer"),
        "callback": _("%(owner)s makes sure that all is well"),
        "recovery": _("%(owner)s is putting it right"),
    }.get(stage, _("%(owner)s is looking after your need"))


def _promised(promise: Promise) -> str:
    return {
        "accept": _("takes it up by %(time)s"),
        "first_reply": _("answers you by %(time)s"),
        "next_reply": _("answers you by %(time)s"),
        "arrive": _("is with you by %(time)s"),
        "resolve": _("solves it by %(time)s"),
        "callback": _("calls you back by %(time)s"),
        "part_delivery": _("has the part by %(time)s"),
        "payout": _("pays out by %(time)s"),
    }.get(promise.kind, _("answers you by %(time)s"))


def promise_title(kind: str) -> str:
    """Return what a promise means to the customer, as a title."""
    return {
        "accept": _("Taken up"),
        "first_reply": _("Answer"),
        "next_reply": _("Answer"),
        "arrive": _("Visit"),
        "resolve": _("Solution"),
        "callback": _("Call-back"),
        "part_delivery": _("Part delivered"),
        "payout": _("Payout"),
    }.get(kind, _("Answer"))


def spoken(at: datetime | None) -> str:
    """Write an instant as people say it, the day always named: ``today 15:30``."""
    if at is None:
        return "–"
    now, zone = clock.now(), company_zone()
    text = display.near_text(at, now=now, zone=zone, language=get_language() or settings.LANGUAGE_CODE)
    is_today = at.astimezone(zone).date() == now.astimezone(zone).date()
    return _("%(time)s today") % {"time": text} if is_today else text


# --- the timeline


def _steps(events: Iterable[Event], names: Mapping[int, str]) -> list[Step]:
    """Return what happened, newest first."""
    found = [step for event in events if (step := _step(event, names)) is not None]
    return found[::-1]


_MARKS = {
    "cases.opened": ("inbox", "accent"),
    "cases.taken": ("hand-grab", "accent"),
    "cases.promise_made": ("clock", "accent"),
    "cases.promise_broken": ("flame", "bad"),
    "cases.promise_paused": ("player-pause", "grey"),
    "cases.promise_resumed": ("player-play", "grey"),
    "cases.waits": ("player-pause", "grey"),
    "cases.goes_on": ("player-play", "grey"),
    "cases.resolved": ("circle-check", "ok"),
    "cases.closed": ("archive", "grey"),
    "cases.cancelled": ("circle-x", "grey"),
    "cases.reopened": ("arrow-back-up", "risk"),
    "cases.stage_changed": ("arrow-right", "accent"),
    "cases.merged": ("arrow-merge", "grey"),
}


def _step(event: Event, names: Mapping[int, str]) -> Step | None:
    icon, tone = _MARKS.get(event.type, ("point", "grey"))
    text = ""
    if event.type in _NEW_OWNER:
        icon, tone = "hand-grab", "accent"
        text = _("%(owner)s has it now") % {"owner": names.get(event.data.get("owner_id") or 0, "")}
    elif event.type in ("cases.steward_named", "cases.goes_on", "cases.waits", "files.kept"):
        return None
    else:
        fact = fact_class(event.type)
        if fact is None or not fact.customer_sees or event.data.get("promise") in Promise.INSIDE_KINDS:
            return None
        if event.type == "cases.promise_ended":
            icon, tone = {"kept": ("circle-check", "ok"), "late": ("circle-x", "bad")}.get(
                event.data["outcome"], ("circle-minus", "grey")
            )
        text = _plain(event, names) or sentence(event, names)
    return Step(event.at, text, icon, tone)


def _plain(event: Event, names: Mapping[int, str]) -> str:
    """Return a fact in words for customers; rules and policies, which the desk sees, are left out."""
    data = event.data
    what = promise_title(str(data.get("promise", "")))
    by = spoken(datetime.fromisoformat(data["due_at"])) if isinstance(data.get("due_at"), str) else ""
    values = {"what": what, "by": by}
    if event.type == "cases.opened":
        return _("We received your need; %(owner)s is on duty and answers for it") % {
            "owner": names.get(data.get("owner_id") or 0, "")
        }
    if event.type == "cases.taken":
        return _("%(owner)s took it up") % {"owner": names.get(data.get("owner_id") or 0, "")}
    if event.type == "cases.promise_made":
        return _("Promised: %(what)s by %(by)s") % values
    if event.type == "cases.promise_replanned":
        return _("New time: %(what)s by %(by)s") % values
    if event.type == "cases.promise_resumed":
        return _("We go on: %(what)s by %(by)s") % values
    if event.type == "cases.promise_broken":
        return _("We did not keep our word: %(what)s was promised by %(by)s") % values
    if event.type == "cases.promise_paused":
        until = spoken(datetime.fromisoformat(data["until"]))
        return _("We wait until %(until)s, as agreed") % {"until": until}
    if event.type == "cases.promise_ended":
        return {
            "kept": _("Kept: %(what)s") % values,
            "late": _("Done, but late: %(what)s") % values,
            "cancelled": _("No longer needed: %(what)s") % values,
        }[data["outcome"]]
    if event.type == "cases.stage_changed":
        return _("Now: %(stage)s") % {"stage": Case.Stage(data["new"]).label}
    if event.type == "cases.resolved":
        return _("You were told the result")
    if event.type == "cases.closed":
        return _("The case was closed")
    return ""
