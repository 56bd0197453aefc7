"""Policies for people: as blocks of a page, and as the list of differences between two versions.

Pure; the words are in the active language.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.db.models import TextChoices
from django.utils.translation import get_language, gettext_noop, pgettext
from django.utils.translation import gettext as _
from pydantic import BaseModel

from jieli.policies.codes import PromiseKind
from jieli.policies.product_lines import product_words
from jieli.policies.schemas.assignment import Assignment, AssignmentRule
from jieli.policies.schemas.base import Conditions, Label
from jieli.policies.schemas.promises import PromiseRule, Promises

NONE = "–"

_WORDS: dict[str, dict[str, str]] = {
    "mode": {"minutes": gettext_noop("working minutes"), "days": gettext_noop("working days")},
    "side": {"front": gettext_noop("front office"), "back": gettext_noop("back office")},
    "tell": {
        "owner": gettext_noop("owner"),
        "steward": gettext_noop("steward"),
        "leader": gettext_noop("leader"),
        "manager": gettext_noop("service manager"),
    },
    "by": {
        "screen": gettext_noop("screen"),
        "email": gettext_noop("e-mail"),
        "webhook": "webhook",
        "engineer": gettext_noop("engineer"),
        "quality": gettext_noop("quality officer"),
    },
    "sign": {
        "plus": gettext_noop("for the outlet"),
        "minus": gettext_noop("against the outlet"),
        "do": gettext_noop("do"),
        "dont": gettext_noop("don't"),
    },
    "entry": {
        "offer_accept": gettext_noop("accepting the order"),
        "contact": gettext_noop("the call to the customer"),
        "set_out": gettext_noop("setting out"),
        "arrive": gettext_noop("arriving"),
        "diagnosis": gettext_noop("the diagnosis"),
        "charge": gettext_noop("the charge"),
        "signature": gettext_noop("the signature"),
        "information": gettext_noop("information returned"),
    },
    "required_when": {
        "part_used": gettext_noop("a part was used"),
        "charged": gettext_noop("something was charged"),
        "in_warranty": gettext_noop("in warranty"),
        "out_of_warranty": gettext_noop("out of warranty"),
        "not_genuine": gettext_noop("the product is not genuine"),
    },
    "kind": {"photo": gettext_noop("photo"), "signature": gettext_noop("signature"), "scan": gettext_noop("scan")},
    "until": {
        "date": gettext_noop("on a date agreed with the customer"),
        "part_delivery": gettext_noop("with the promised delivery of the part"),
    },
    "needs": {
        "skill": gettext_noop("skill"),
        "language": gettext_noop("language"),
        "area": gettext_noop("area"),
        "licence": gettext_noop("licence"),
    },
    "tie": {"round_robin": gettext_noop("in turn (round robin)")},
    "type": {
        "text": gettext_noop("text"),
        "number": gettext_noop("number"),
        "date": gettext_noop("date"),
        "choice": gettext_noop("choice"),
        "boolean": gettext_noop("yes or no"),
        "check": gettext_noop("tick"),
        "time": gettext_noop("time"),
        "scan": gettext_noop("scan"),
    },
    "types": {
        "image": gettext_noop("images"),
        "pdf": "PDF",
        "audio": gettext_noop("audio"),
        "video": gettext_noop("short videos"),
    },
    "holidays": {"CN": gettext_noop("China, with make-up working days")},
    "language": {"zh": gettext_noop("Chinese"), "en": gettext_noop("English")},
    "weekly": {
        "mon": gettext_noop("Monday"),
        "tue": gettext_noop("Tuesday"),
        "wed": gettext_noop("Wednesday"),
        "thu": gettext_noop("Thursday"),
        "fri": gettext_noop("Friday"),
        "sat": gettext_noop("Saturday"),
        "sun": gettext_noop("Sunday"),
    },
    "calendar": {"unit": gettext_noop("the unit's own")},
    "required": {
        "subject": gettext_noop("subject"),
        "description": gettext_noop("description"),
        "customer": gettext_noop("customer"),
        "contact": gettext_noop("contact"),
        "device": gettext_noop("device"),
        "product_line": gettext_noop("product line"),
        "fault_code": gettext_noop("fault code"),
        "address": gettext_noop("address"),
        "severity": gettext_noop("level"),
        "service_type": gettext_noop("service type"),
        "language": gettext_noop("language"),
        "answer": gettext_noop("answer"),
    },
}
_WORDS["prefers"] = _WORDS["needs"]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the page: a heading, then pairs of label and value, or a table; `level` 2 is a section, 3 one of its parts.

    `numbers` are the places of the columns that hold numbers.
    """

    heading: str
    level: int
    pairs: list[tuple[str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    numbers: frozenset[int] = frozenset()

    @property
    def head(self) -> list[tuple[str, bool]]:
        """Return the columns, each with whether it holds numbers."""
        return [(text, place in self.numbers) for place, text in enumerate(self.columns)]

    @property
    def body(self) -> list[list[tuple[str, bool, str]]]:
        """Return the rows, each cell with whether it stands in a column of numbers, and the name of its column."""
        columns = [(place in self.numbers, name) for place, name in enumerate(self.columns)]
        return [[(text, *column) for text, column in zip(row, columns, strict=True)] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs between two versions; an empty side has no such value."""

    kind: Literal["changed", "added", "removed", "moved"]
    where: str
    old: str
    new: str


def _title(model: BaseModel, name: str) -> str:
    info = type(model).model_fields[name]
    return _(info.title) if info.title else name.replace("_", " ")


def _is_models(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(item, BaseModel) for item in value)


def _is_model(value: object) -> bool:
    return isinstance(value, BaseModel) and not isinstance(value, Label)


def _name_of(item: object, place: int) -> str:
    label = getattr(item, "label", None)
    if isinstance(label, Label):
        return label.in_language(get_language() or "zh-hans")
    for name in ("name", "phrase", "on", "role"):
        value = getattr(item, name, None)
        if value:
            return _text(value, name)
    percent = getattr(item, "percent", None)
    return f"{percent} %" if percent else str(place + 1)


def _key_of(item: object, place: int) -> str:
    for name in ("name", "code", "phrase", "percent", "level", "on", "role"):
        value = getattr(item, name, None)
        if value is not None:
            return str(value)
    return str(place)


def _text(value: Any, name: str = "") -> str:
    """Write one value for people; `name` is the field it stands in."""
    if value is None or value in ((), {}):
        return NONE
    if isinstance(value, Label):
        return value.in_language(get_language() or "zh-hans")
    if isinstance(value, TextChoices):
        return str(value.label)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if name.endswith("amount") else f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = (f"{_text(key, name)} {_text(item, name)}" for key, item in value.items())
        return pgettext("between the values of a list", ", ").join(pairs)
    if isinstance(value, tuple):
        return _tuple_text(value, name)
    if name == "severity" and value == 0:
        return _("not judged yet")
    if name in ("product_line", "product_lines"):
        return product_words(str(value))
    if isinstance(value, str) and value in _WORDS.get(name, {}):
        return _(_WORDS[name][value])
    return str(value)


def _tuple_text(value: tuple[Any, ...], name: str) -> str:
    between = pgettext("between the values of a list", ", ")
    if all(isinstance(item, tuple) and len(item) == 2 for item in value):
        return between.join(f"{opens}–{closes}" for opens, closes in value)
    if _is_models(value):
        return between.join(_name_of(item, place) for place, item in enumerate(value))
    return between.join(_text(item, name) for item in value)


# --- the page


def blocks(data: BaseModel, calendars: Mapping[str, str] | None = None) -> list[Block]:
    """Return a policy as the parts of a page; `calendars` has the words for the codes of calendars."""
    if isinstance(data, Promises):
        return [*_promise_blocks(data, calendars or {})]
    if isinstance(data, Assignment) and data.rules:
        return [_assignment_block(data)]
    return [*_blocks(data, "", 2)]


def _blocks(data: BaseModel, heading: str, level: int) -> Iterator[Block]:
    nested: list[Block] = []
    pairs: list[tuple[str, str]] = []
    for name in type(data).model_fields:
        value = getattr(data, name)
        title = _title(data, name)
        if _is_model(value):
            nested += _blocks(value, title, level)
        elif isinstance(value, dict) and value and all(_is_model(item) for item in value.values()):
            for key, item in value.items():
                nested += _blocks(item, f"{_name_of(item, 0)} ({key})", level)
        elif _is_models(value) and name != "choices":
            nested += _list_blocks(value, title, level)
        elif name == "weekly" and value:
            pairs += [(_text(day, "weekly"), _text(hours)) for day, hours in value.items()]
        elif name not in ("name", "label", "weekly") and (value not in (None, (), {}) or not isinstance(value, tuple)):
            pairs.append((title, _text(value, name)))
    if pairs:
        yield Block(heading, level, pairs=pairs)
    yield from nested


def _list_blocks(items: tuple[BaseModel, ...], title: str, level: int) -> Iterator[Block]:
    has_parts = any(_is_models(getattr(item, name)) and name != "choices" for item in items for name in type(item).model_fields)
    if has_parts:
        for place, item in enumerate(items):
            yield from _blocks(item, _name_of(item, place), level)
    else:
        yield _table(items, title, level)


def _table(items: Iterable[BaseModel], heading: str, level: int) -> Block:
    rows = list(items)
    names = [
        name
        for name in type(rows[0]).model_fields
        if name != "name" and any(getattr(row, name) not in (None, (), False, "") for row in rows)
    ]
    if "label" in names:
        if all(isinstance(getattr(row, "code", None), TextChoices) for row in rows):
            names.remove("code")
        names = ["label", *(name for name in names if name != "label")]
    columns = [_title(rows[0], name) for name in names]
    numbers = frozenset(place for place, name in enumerate(names) if all(_is_number(getattr(row, name)) for row in rows))
    cells = [[_text(getattr(row, name), name) for name in names] for row in rows]
    return Block(heading, level, columns=columns, rows=cells, numbers=numbers)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool))


_COLUMNS = (PromiseKind.ACCEPT, PromiseKind.FIRST_REPLY, PromiseKind.NEXT_REPLY, PromiseKind.ARRIVE, PromiseKind.RESOLVE)


def target_text(rule: PromiseRule, calendars: Mapping[str, str]) -> str:
    """Write how much time a rule gives: ``15 min``, ``4 h``, ``3 wd``, with the calendar when it is not the desk's."""
    if rule.mode == "days":
        text = _("%(number)s wd") % {"number": rule.target}
    elif rule.target % 60 == 0 and rule.target >= 120:
        text = _("%(number)s h") % {"number": rule.target // 60}
    else:
        text = _("%(number)s min") % {"number": rule.target}
    if rule.calendar != "desk":
        text += f" ({calendars.get(rule.calendar) or _text(rule.calendar, 'calendar')})"
    return text


def conditions_text(rule: Conditions) -> str:
    """Write on which cases a rule matches."""
    parts = []
    for name in rule.conditions:
        value = getattr(rule, name)
        text = _text(value, name)
        if name in ("kind", "service_type", "tier"):
            parts.append(text)
        else:
            parts.append(_("%(what)s: %(values)s") % {"what": _title(rule, name), "values": text})
    return " · ".join(parts) or _("all cases")


def _promise_blocks(data: Promises, calendars: Mapping[str, str]) -> Iterator[Block]:
    matrix: dict[str, dict[PromiseKind, PromiseRule]] = {}
    rest: list[PromiseRule] = []
    for rule in data.rules:
        row = matrix.setdefault(conditions_text(rule), {}) if rule.kind and rule.promise in _COLUMNS else None
        if row is None or rule.promise in row:
            rest.append(rule)
        else:
            row[rule.promise] = rule
    if matrix:
        yield Block(
            _("From the kind of case to the time"),
            2,
            columns=[_title(data.rules[0], "kind"), *(str(kind.label) for kind in _COLUMNS)],
            rows=[
                [head, *(target_text(row[kind], calendars) if kind in row else NONE for kind in _COLUMNS)]
                for head, row in matrix.items()
            ],
        )
    if rest:
        yield Block(
            _("Other promises"),
            2,
            columns=[_("Promise"), _("Cases"), _("Starts"), _("Time"), _("Shorter for higher tiers")],
            rows=[
                [
                    rule.label.in_language(get_language() or "zh-hans"),
                    conditions_text(rule),
                    str(rule.starts.label),
                    target_text(rule, calendars),
                    _("yes") if rule.factor_applies() else _("no"),
                ]
                for rule in rest
            ],
        )
    if data.tier_factors:
        pairs = [(str(tier.label), f"× {_text(factor)}") for tier, factor in data.tier_factors.items()]
        yield Block(_("Tiers shorten the minutes, never days or a legal term"), 2, pairs=pairs)


def order_text(rule: AssignmentRule) -> str:
    """Write in which order an assignment rule asks people."""
    parts = [_title(rule, "earlier_owner_first")] if rule.earlier_owner_first else []
    if rule.prefers:
        parts.append(_("who has: %(needs)s") % {"needs": _text(rule.prefers, "prefers")})
    parts += [_("the least load"), _text(rule.tie, "tie")]
    return pgettext("from the first to the last", " → ").join(parts)


def _assignment_block(data: Assignment) -> Block:
    names = ("automatic", "roles", "needs", "most_load")
    return Block(
        _title(data, "rules"),
        2,
        columns=[
            _title(data.rules[0], "name"),
            _("Cases"),
            *(_title(data.rules[0], name) for name in names),
            _("Order"),
        ],
        rows=[
            [
                rule.label.in_language(get_language() or "zh-hans"),
                conditions_text(rule),
                *(_text(getattr(rule, name), name) for name in names),
                order_text(rule),
            ]
            for rule in data.rules
        ],
    )


# --- differences


def differences(old: BaseModel, new: BaseModel) -> list[Difference]:
    """Return what differs between two versions of a policy, in the order of the new one, then what is gone.

    A rule, stage or field that only one of them has is one difference, with all it says.
    """
    before, after = dict(_leaves(old, (), ())), dict(_leaves(new, (), ()))
    came, gone = _one_sided(new, old), _one_sided(old, new)
    found = [
        Difference("changed", where, before[key][1], text) if key in before else Difference("added", where, "", text)
        for key, (where, text) in after.items()
        if before.get(key, ("", None))[1] != text and not _is_below(key, came)
    ]
    found += [Difference("added", where, "", text) for where, text in came.values()]
    found += [
        Difference("removed", where, text, "")
        for key, (where, text) in before.items()
        if key not in after and not _is_below(key, gone)
    ]
    found += [Difference("removed", where, text, "") for where, text in gone.values()]
    found += _moves(old, new)
    return found


Key = tuple[str, ...]


def _is_below(key: Key, items: Mapping[Key, object]) -> bool:
    return any(key[:length] in items for length in range(1, len(key)))


def _one_sided(data: BaseModel, other: BaseModel) -> dict[Key, tuple[str, str]]:
    """Return the items of lists that `other` does not have, each with its place and all its values in words."""
    known = {key for key, _where, _item in _items(other, (), ())}
    found: dict[Key, tuple[str, str]] = {}
    for key, where, item in _items(data, (), ()):
        if key not in known and not _is_below(key, found):
            between = pgettext("between the values of a list", ", ")
            parts = (
                _("%(what)s: %(values)s") % {"what": _title(item, name), "values": _text(getattr(item, name), name)}
                for name in type(item).model_fields
                if name != "label" and getattr(item, name) not in (None, (), {}, False)
            )
            found[key] = (" › ".join(where), between.join(parts))
    return found


def _items(data: BaseModel, key: Key, where: tuple[str, ...]) -> Iterator[tuple[Key, tuple[str, ...], BaseModel]]:
    for name in type(data).model_fields:
        value = getattr(data, name)
        if _is_model(value):
            yield from _items(value, (*key, name), (*where, _title(data, name)))
        elif isinstance(value, dict) and all(_is_model(item) for item in value.values()):
            for part, item in value.items():
                here, place = (*key, name, str(part)), (*where, _name_of(item, 0))
                yield here, place, item
                yield from _items(item, here, place)
        elif _is_models(value):
            for number, item in enumerate(value):
                here, place = (*key, name, _key_of(item, number)), (*where, _name_of(item, number))
                yield here, place, item
                yield from _items(item, here, place)


def _leaves(data: BaseModel, key: tuple[str, ...], where: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
    for name in type(data).model_fields:
        value = getattr(data, name)
        if name == "name" or value is None or value in ((), {}):
            continue
        here, place = (*key, name), (*where, _title(data, name))
        if _is_model(value):
            yield from _leaves(value, here, place)
        elif isinstance(value, dict):
            for part, item in value.items():
                label = _name_of(item, 0) if _is_model(item) else _text(part, name)
                if _is_model(item):
                    yield from _leaves(item, (*here, str(part)), (*where, label))
                else:
                    yield (*here, str(part)), (" › ".join((*place, label)), _text(item, name))
        elif _is_models(value):
            for number, item in enumerate(value):
                label = _name_of(item, number)
                yield from _leaves(item, (*here, _key_of(item, number)), (*where, label))
        elif isinstance(value, Label):
            yield (*here, "zh"), (" › ".join((*place, "中文")), value.zh)
            yield (*here, "en"), (" › ".join((*place, "English")), value.en)
        else:
            yield here, (" › ".join(place), _text(value, name))


def _moves(old: BaseModel, new: BaseModel) -> Iterator[Difference]:
    """Yield the lists whose common items stand in another order: order decides between equally specific rules."""
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if not (_is_models(before) and _is_models(after)):
            continue
        olds = [_key_of(item, place) for place, item in enumerate(before)]
        news = [_key_of(item, place) for place, item in enumerate(after)]
        common = set(olds) & set(news)
        old_order = [key for key in olds if key in common]
        new_order = [key for key in news if key in common]
        if old_order != new_order:
            first = next(place for place, pair in enumerate(zip(old_order, new_order, strict=True)) if pair[0] != pair[1])
            yield Difference("moved", _("Order of: %(list)s") % {"list": _title(new, name)}, old_order[first], new_order[first])
