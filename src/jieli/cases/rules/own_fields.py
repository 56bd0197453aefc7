"""What a case may hold in the company's own fields (policy `fields`; spec 1, Fields)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from jieli.policies.schemas.fields import CustomField

LONGEST_TEXT = 500
WHOLE_DIGITS, PLACES = 14, 4
HIDDEN = "***"
"""What is shown of a value to whom the field is not shown; sent back, it changes nothing."""

_NUMBER = re.compile(rf"-?\d{{1,{WHOLE_DIGITS}}}(\.\d{{1,{PLACES}}})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the case will hold, and what is wrong with which field."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)


class Unfit(ValueError):
    """A value that its field cannot hold; the argument is the sentence for people."""


def judged(
    given: Mapping[str, Any], asked: Mapping[str, CustomField], *, before: Mapping[str, Any] | None = None, complete: bool
) -> Judged:
    """Judge the values `given` for the fields which the actor is `asked`, by name; faults are named ``custom.<name>``.

    Values `before` of fields that are not asked (hidden ones, those of another kind, unknown columns of an import) stay.
    What did not change is not judged again: the policy may have changed since. `complete` asks for the required fields, too.
    """
    held = before or {}
    values = {name: value for name, value in held.items() if name not in asked}
    faults: dict[str, Any] = {}
    for name, value in given.items():
        one = asked.get(name)
        if one is None:
            if name not in held or value not in (held[name], HIDDEN):
                faults[f"custom.{name}"] = _("There is no such field for this kind of case.")
        elif is_empty(value):
            continue
        elif name in held and value == held[name]:
            values[name] = value
        else:
            try:
                values[name] = fitting(one, value)
            except Unfit as unfit:
                faults[f"custom.{name}"] = unfit.args[0]
    if complete:
        for name, one in asked.items():
            if one.required and name not in values:
                faults.setdefault(f"custom.{name}", _("This is needed."))
    return Judged(values, faults)


def is_empty(value: Any) -> bool:
    """Tell whether a value says nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def fitting(one: CustomField, value: Any) -> Any:
    """Return a value as its field holds it: numbers as decimal strings, dates as ISO 8601. Raises Unfit."""
    return _FITTING[one.type](one, value)


def _text(_one: CustomField, value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(_("This must be a text."))
    if len(value) > LONGEST_TEXT:
        raise Unfit(_("At most 500 characters."))
    if "\x00" in value:
        raise Unfit(_("The text holds characters that cannot be stored."))
    return value.strip()


def _number(_one: CustomField, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Unfit(_("This must be a number."))
    text = format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value).strip()
    if not _NUMBER.fullmatch(text):
        raise Unfit(_("This must be a number of at most 14 digits, with at most 4 behind the point."))
    return text


def _date(_one: CustomField, value: Any) -> str:
    try:
        if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
            raise ValueError
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        raise Unfit(_("Give a date as 2026-11-23.")) from None


def _choice(one: CustomField, value: Any) -> str:
    codes = [choice.code for choice in one.choices]
    if not isinstance(value, str) or value not in codes:
        raise Unfit(_("Choose one of: %(codes)s.") % {"codes": ", ".join(codes)})
    return value


def _boolean(_one: CustomField, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit(_("This must be true or false."))
    return value


_FITTING: dict[str, Callable[[CustomField, Any], Any]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "boolean": _boolean,
}
