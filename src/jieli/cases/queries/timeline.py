"""What happened on a case, in people's words: the events between the bubbles, and the history with its chain."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from jieli.cases.models import Case, Message, Pass, Promise, Relation
from jieli.cases.queries.assigning import rule_name, staff_in_reasons, why_chosen
from jieli.cases.rules.proofs import PROOFS
from jieli.events.facts import Words, fact_class
from jieli.events.models import Event
from jieli.files.models import Evidence
from jieli.lib import clock
from jieli.people.queries import company_zone
from jieli.policies.queries import NoPolicy, by_label, current
from jieli.policies.schemas import Promises
from jieli.ui import display

_RULES = {
    "assignment": pgettext_lazy("a rule that acts", "assignment"),
    "callback": pgettext_lazy("a rule that acts", "call-back"),
    "dispatch": pgettext_lazy("a rule that acts", "dispatch"),
    "licence": pgettext_lazy("a rule that acts", "licence"),
    "portal": pgettext_lazy("a rule that acts", "portal"),
    "visit": pgettext_lazy("a rule that acts", "visit"),
}
_ICONS = {
    "cases.opened": ("inbox", "accent"),
    "cases.imported": ("inbox", "grey"),
    "cases.taken": ("hand-grab", "accent"),
    "cases.taken_over": ("hand-grab", "risk"),
    "cases.deputised": ("user-share", "risk"),
    "cases.pass_offered": ("hand-stop", "risk"),
    "cases.pass_accepted": ("hand-grab", "ok"),
    "cases.assignment_accepted": ("hand-grab", "ok"),
    "cases.nobody_found": ("help", "risk"),
    "cases.pass_declined": ("x", "risk"),
    "cases.pass_withdrawn": ("arrow-back-up", "grey"),
    "cases.pass_lapsed": ("clock-off", "bad"),
    "cases.proposal_decided": ("gavel", "accent"),
    "cases.promise_made": ("clock", "accent"),
    "cases.promise_told": ("message-check", "grey"),
    "cases.promise_ended": ("circle-check", "ok"),
    "cases.promise_paused": ("player-pause", "grey"),
    "cases.promise_resumed": ("player-play", "grey"),
    "cases.promise_replanned": ("refresh", "grey"),
    "cases.promise_warned": ("alert-triangle", "risk"),
    "cases.promise_broken": ("flame", "bad"),
    "cases.resolved": ("circle-check", "ok"),
    "cases.closed": ("archive", "grey"),
    "cases.cancelled": ("circle-x", "grey"),
    "cases.reopened": ("arrow-back-up", "risk"),
    "cases.stage_changed": ("arrow-right", "accent"),
    "cases.waits": ("player-pause", "grey"),
    "cases.goes_on": ("player-play", "grey"),
    "cases.merged": ("arrow-merge", "grey"),
    "cases.escort_asked": ("help", "risk"),
    "cases.link_asked": ("key", "risk"),
    "cases.link_renewed": ("key", "ok"),
    "files.kept": ("paperclip", "grey"),
}
# What stands between the bubbles anyway, or is told by another line at the same moment.
_QUIET = frozenset(
    {
        "cases.message_written",
        "cases.message_imported",
        "cases.promise_warned",
        "cases.steward_named",
        "cases.escort_ended",
        "cases.promise_told",
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact for the timeline: its words, who did it, and the place in the chain that proves it."""

    at: datetime
    text: str
    who: str
    icon: str
    tone: str
    type: str
    sequence: int
    hash: str
    key: int
    is_expected: bool = False

    @property
    def detail(self) -> str:
        """Return the place in the chain of events."""
        return _("Event %(sequence)s of this case, hash %(hash)s") % {"sequence": self.sequence, "hash": self.hash}

    @property
    def is_quiet(self) -> bool:
        """Tell whether the line would only repeat what the conversation shows."""
        return self.type in _QUIET or self.is_expected


def staff_in(events: Iterable[Event]) -> set[int]:
    """Return the ids of the people whom these events name."""
    ids: set[int] = set()
    for event in events:
        if event.actor_kind == "staff" and event.actor_id is not None:
            ids.add(event.actor_id)
        fact = fact_class(event.type)
        for name in fact.staff_fields if fact else ():
            if isinstance(event.data.get(name), int):
                ids.add(event.data[name])
        ids |= staff_in_reasons(event.data.get("reasons"))
    return ids


def entries(events: Iterable[Event], names: Mapping[int, str]) -> list[Entry]:
    """Return events with their texts as entries of a timeline, in their order; `names` of staff by id. No query."""
    return [_entry(event, names) for event in events]


def _entry(event: Event, names: Mapping[int, str]) -> Entry:
    fact = fact_class(event.type)
    icon, tone = _ICONS.get(event.type) or (fact.icon if fact else ("point", "grey"))
    if event.type == "cases.promise_ended" and event.data.get("outcome") != "kept":
        icon, tone = ("circle-x", "bad") if event.data.get("outcome") == "late" else ("circle-minus", "grey")
    return Entry(
        at=event.at,
        text=sentence(event, names),
        who=author(event, names),
        icon=icon,
        tone=tone,
        type=event.type,
        sequence=event.sequence,
        hash=bytes(event.hash).hex()[:16],
        key=event.pk,
        is_expected=_is_expected(event),
    )


def _is_expected(event: Event) -> bool:
    """Tell whether the line beside it says so already: an answer keeps promises, an offer is to be answered."""
    if event.type == "cases.promise_ended":
        return bool(event.data.get("outcome") != "late")
    return bool(event.type == "cases.promise_made" and event.data.get("promise") in Promise.INSIDE_KINDS)


def author(event: Event, names: Mapping[int, str]) -> str:
    """Return who did it, for people: a name, the customer, a rule, or the system."""
    if event.actor_kind == "staff":
        return names.get(event.actor_id or 0, "")
    if event.actor_kind == "customer":
        return _("the customer")
    if event.actor_kind == "rule":
        reasons = event.data.get("reasons")
        return _("rule %(name)s") % {"name": rule_name(reasons) if reasons else _RULES.get(event.actor_name, event.actor_name)}
    if event.actor_kind == "import":
        return _("import %(name)s") % {"name": event.actor_name}
    return _("the system")


def sentence(event: Event, names: Mapping[int, str]) -> str:
    """Return an event as a sentence in the language of the moment."""
    fact = fact_class(event.type)
    if fact is None:
        return event.type
    values: defaultdict[str, object] = defaultdict(str)
    for name, value in event.data.items():
        values[name] = _in_words(fact.words[name](), value) if name in fact.words else _readable(event, name, value)
    for kept in event.texts.all():
        said = _in_words(fact.words[kept.field](), kept.body) if kept.field in fact.words else kept.body
        values[kept.field] = said or _("(erased)")
    for name in fact.staff_fields:
        values[name] = names.get(event.data.get(name) or 0, "")
    text = str(fact.sentence) % values
    if event.data.get("reasons"):
        text = _by_rule(event, names, values)
    if event.type == "cases.promise_made" and not event.data.get("policy"):
        text = _("Promised: %(promise)s by %(due_at)s (%(rule)s)") % values
    if event.type == "cases.promise_ended" and event.data.get("late_minutes"):
        length = display.length_text(_minutes(event.data["late_minutes"]), language=_language())
        text = _("%(sentence)s by %(length)s") % {"sentence": text, "length": length}
    return text


def _by_rule(event: Event, names: Mapping[int, str], values: Mapping[str, object]) -> str:
    reasons = event.data["reasons"]
    said = {**values, "rule": rule_name(reasons), "policy": reasons["policy"], "why": why_chosen(reasons, names)}
    if event.type == "cases.nobody_found":
        return _("Rule “%(rule)s” (%(policy)s) found nobody: %(why)s; it stays with %(duty_id)s, who is on duty") % said
    return (
        _("Rule “%(rule)s” (%(policy)s) offered it to %(receiver_id)s: %(why)s; %(giver_id)s keeps it until it is accepted")
        % said
    )


def _minutes(text: str) -> timedelta:
    return timedelta(minutes=float(text))


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


_WORDS: dict[tuple[str, str], Callable[[], dict[str, Any]]] = {
    ("", "promise"): lambda: dict(Promise.Kind.choices),
    ("", "channel"): lambda: dict(Case.Channel.choices),
    ("", "outcome"): lambda: dict(Promise.Outcome.choices),
    ("", "decision"): lambda: dict(Pass.Decision.choices),
    ("", "proof"): lambda: PROOFS,
    ("cases.promise_paused", "reason"): lambda: {
        one.code: one.label.in_language(_language()) for one in current("numbers").data.pauses
    },
    ("cases.stage_changed", "old"): lambda: dict(Case.Stage.choices),
    ("cases.stage_changed", "new"): lambda: dict(Case.Stage.choices),
    ("cases.related", "kind"): lambda: dict(Relation.Kind.choices),
    ("cases.relation_undone", "kind"): lambda: dict(Relation.Kind.choices),
}


def _in_words(words: Words, value: Any) -> str:
    codes = value if isinstance(value, list) else [value]
    return _(", ").join(str(words.get(code, code)) for code in codes)


def _readable(event: Event, name: str, value: Any) -> object:
    words = _WORDS.get((event.type, name)) or _WORDS.get(("", name))
    if words is not None and isinstance(value, str):
        return words().get(value, value)
    if name in ("names", "fields") and isinstance(value, list):
        return _(", ").join(field_label(one) for one in value)
    if name == "how" and isinstance(value, str):
        return told_words(value)
    if name == "rule" and isinstance(value, str):
        return rule_words(value, str(event.data.get("policy", "")))
    if isinstance(value, str) and len(value) > 18 and value[4] == "-" and value[10] == "T":
        at = datetime.fromisoformat(value)
        return display.near_text(at, now=clock.now(), zone=company_zone(), language=_language())
    return "" if value is None else value


def rule_words(name: str, policy: str = "") -> str:
    """Return a promise's rule for people: its label in the policy's version, or what software or a person set it."""
    if name.startswith("by hand: "):
        return _("by %(name)s") % {"name": name.removeprefix("by hand: ")}
    try:
        data = by_label(policy).data if policy else None
    except NoPolicy:
        data = None
    rule = data.rule(name) if isinstance(data, Promises) else None
    if rule is not None:
        return rule.label.in_language(_language())
    return {
        "autoclose": _("closes by itself"),
        "escort": _("question to the escort"),
        "appointment": _("by the appointment"),
        "dispatch": _("by the clock of dispatch"),
        "visit": _("by the visit"),
        "next attempt": _("the next attempt"),
        "no rule": _("no rule"),
    }.get(name, name)


def told_words(how: str) -> str:
    """Return how the other side was told."""
    return {
        "message": _("by message"),
        "intake": _("when the case was opened"),
        "phone": _("by phone"),
        "portal": _("on the portal"),
    }.get(how, how)


def field_label(name: str) -> str:
    """Return the label of a field of a case, of the company's own ones (``custom.…``) by the policy in force."""
    if name.startswith("custom."):
        own = (one for one in current("fields").data.fields if one.name == name.removeprefix("custom."))
        return next((one.label.in_language(_language()) for one in own), name)
    labels = {
        "answer": _("an answer to the customer"),
        "custom": _("custom fields"),
        "tags": _("tags"),
        "contact_id": _("contact"),
        "device_id": _("device"),
        "customer_id": _("customer"),
    }
    if name in labels:
        return labels[name]
    try:
        return str(Case._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except LookupError:
        return name


@dataclass(frozen=True, slots=True)
class Spoken:
    """A bubble or an event line of the conversation."""

    side: str
    at: datetime
    text: str
    who: object = ""
    delivery: str = ""
    icon: str = ""
    anchor: str = ""
    files: tuple["Shown", ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as a bubble shows it."""

    url: str
    name: str
    size: int
    thumbnail_url: str


_SIDES = {Message.Direction.IN: "customer", Message.Direction.OUT: "staff", Message.Direction.NOTE: "note"}


def conversation(
    messages: Iterable[Message],
    facts: Iterable[Entry],
    names: Mapping[int, Any],
    customer: str,
    evidence: Iterable[Evidence] = (),
) -> list[Spoken]:
    """Return messages with their files, and the facts worth telling, in the order in which they happened. No query."""
    files: defaultdict[int, list[Shown]] = defaultdict(list)
    for one in evidence:
        if one.message_id is not None and one.erased_at is None:
            small = reverse("files:thumbnail", args=[one.key]) if one.thumbnail else ""
            files[one.message_id].append(Shown(reverse("files:file", args=[one.key]), one.name, one.size, small))
    said = [(message.at, 1, _bubble(message, names, customer, tuple(files[message.pk]))) for message in messages]
    said += [
        (fact.at, 0, Spoken("event", fact.at, fact.text, icon=fact.icon, anchor=f"e{fact.key}"))
        for fact in facts
        if not fact.is_quiet
    ]
    return [spoken for _at, _rank, spoken in sorted(said, key=lambda row: row[:2])]


def _bubble(message: Message, names: Mapping[int, Any], customer: str, files: tuple[Shown, ...]) -> Spoken:
    who: object
    if message.author_kind == "customer":
        who = customer
    elif message.author_kind == "staff":
        who = names.get(message.author_id or 0, "")
    else:
        who = _("the system")
    delivery = []
    if message.direction == Message.Direction.OUT and message.read_at:
        delivery.append(pgettext("a message", "read"))
    if message.phrases:
        delivery.append(_("sent in spite of: %(phrases)s") % {"phrases": _(", ").join(message.phrases)})
    return Spoken(
        side=_SIDES[Message.Direction(message.direction)],
        at=message.at,
        text=message.body if message.erased_at is None else _("(erased)"),
        who=who,
        delivery=" · ".join(delivery),
        anchor=f"m{message.pk}",
        files=files,
    )


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the conversation; a folded one holds what happened by itself in a row."""

    entries: list[Spoken]
    is_folded: bool = False


_MOST_IN_A_ROW = 5


def blocks(talk: Iterable[Spoken]) -> list[Block]:
    """Return a conversation in stretches: of many event lines in a row only the first and the last two stay open."""
    found: list[Block] = []
    for is_event, group in groupby(talk, key=lambda one: one.side == "event"):
        row = list(group)
        parts = [(row, False)]
        if is_event and len(row) > _MOST_IN_A_ROW:
            parts = [(row[:1], False), (row[1:-2], True), (row[-2:], False)]
        for part, is_folded in parts:
            if found and not is_folded and not found[-1].is_folded:
                found[-1].entries.extend(part)
            else:
                found.append(Block(part, is_folded))
    return found
