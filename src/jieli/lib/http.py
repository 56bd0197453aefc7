"""The types of which the API's bodies are made, and how an operation answers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any, Generic, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

T = TypeVar("T")

PAGE = 50
LARGEST_PAGE = 200


class ApiRequest(HttpRequest):
    """A request that a token opened: the actor, and the digest by which the token is known."""

    auth: Any
    token_digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers when it is not simply 200: the body, its status and further headers."""

    body: BaseModel | Sequence[BaseModel] | Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class In(BaseModel):
    """A body that comes in: unknown fields are refused by name, and nothing is taken for another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Out(BaseModel):
    """A body that goes out."""

    model_config = ConfigDict(frozen=True)


class Refusal(Out):
    """Why a request was refused: a stable code, a sentence in the caller's language, and what is wrong with which field."""

    code: str = Field(examples=["invalid"])
    message: str = Field(examples=["Please check what you entered."])
    fields: dict[str, str] = Field(examples=[{"customer.name": "A name is needed."}])
    theirs: dict[str, Any] | None = Field(None, description="The present values, when somebody else changed them meanwhile.")


class Page(Out, Generic[T]):
    """A page of a list; `next` is the cursor of the following page, null at the end."""

    items: list[T]
    next: str | None


class Nothing(In):
    """An empty body."""


REFUSALS = (400, 401, 403, 404, 409, 413, 422, 429)


def answers(model: Any, status: int = 200) -> dict[Any, Any]:
    """Return ninja's `response` for an operation: its answer, and the one shape of every refusal."""
    return {status: model, frozenset(REFUSALS): Refusal}


def _readable(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("null_character", "This holds a character that cannot be kept.")
    return text


# Every character but the null character, which PostgreSQL cannot keep.
_KEPT = r"^[^\x00]*$"


def kept(longest: int, shortest: int = 0) -> Any:
    """Return the constraints of a text that is kept: its length in characters, and no null character."""
    return Field(min_length=shortest or None, max_length=longest, pattern=_KEPT)


def _instant(value: Any) -> datetime:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("instant", "Give a time as ISO 8601 with offset.") from None
    if at.tzinfo is None:
        raise PydanticCustomError("instant", "Give a time as ISO 8601 with offset.")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("instant_range", "This time lies outside of what can be kept.") from None


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(lambda at: at.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-23T02:00:00+00:00"]}),
]

_DEEPEST = 8
_LONGEST_JSON = 20_000


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        _bounded(value, 0)
        if len(json.dumps(value, ensure_ascii=False)) > _LONGEST_JSON:
            raise PydanticCustomError("json_too_long", "At most 20,000 characters altogether.")
    return value


def _bounded(value: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise PydanticCustomError("json_too_deep", "This is nested too deeply.")
    if isinstance(value, dict):
        for name, item in value.items():
            _bounded(name, depth + 1)
            _bounded(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _bounded(item, depth + 1)
    elif isinstance(value, str):
        _readable(value)
    elif (isinstance(value, int) and not -(2**63) <= value < 2**63) or (isinstance(value, float) and not isfinite(value)):
        raise PydanticCustomError("number_too_large", "This number is too large.")


JsonObject = Annotated[dict[str, Any], AfterValidator(_plain)]


_EMPTY = _("This must not be empty.")
_SENTENCES: dict[str, Any] = {
    "missing": _("This is needed."),
    "extra_forbidden": _("There is no such field."),
    "string_type": _("This must be a text."),
    "string_too_short": _("At least %(min_length)s characters."),
    "string_too_long": _("At most %(max_length)s characters."),
    "string_pattern_mismatch": _("This holds a character that cannot be kept."),
    "literal_error": _("Choose one of: %(expected)s."),
    "int_type": _("This must be a whole number."),
    "int_parsing": _("This must be a whole number."),
    "int_from_float": _("This must be a whole number."),
    "int_parsing_size": _("This number is too large."),
    "float_type": _("This must be a number."),
    "float_parsing": _("This must be a number."),
    "finite_number": _("This must be a number."),
    "bool_type": _("This must be true or false."),
    "bool_parsing": _("This must be true or false."),
    "greater_than_equal": _("This must be at least %(ge)s."),
    "less_than_equal": _("This must be at most %(le)s."),
    "less_than": _("This must be less than %(lt)s."),
    "list_type": _("This must be a list."),
    "too_short": _("At least %(min_length)s of them."),
    "too_long": _("At most %(max_length)s of them."),
    "dict_type": _("This must be an object."),
    "model_type": _("This must be an object."),
    "model_attributes_type": _("This must be an object."),
    "instant": _("Give a time as ISO 8601 with offset, such as 2026-11-23T10:00:00+08:00."),
    "instant_range": _("This time lies outside of what can be kept."),
    "datetime_parsing": _("Give a time as ISO 8601 with offset, such as 2026-11-23T10:00:00+08:00."),
    "datetime_from_date_parsing": _("Give a time as ISO 8601 with offset, such as 2026-11-23T10:00:00+08:00."),
    "date_from_datetime_parsing": _("Give a date as 2026-11-23."),
    "date_parsing": _("Give a date as 2026-11-23."),
    "json_too_long": _("At most 20,000 characters altogether."),
    "json_too_deep": _("This is nested too deeply."),
    "number_too_large": _("This number is too large."),
    "null_character": _("This holds a character that cannot be kept."),
    "half_a_place": _("A place needs latitude and longitude."),
}


def field_faults(errors: Iterable[Any], *, skip: int = 0) -> dict[str, str]:
    """Return what is wrong with which field, in the reader's language, from the errors of a validation by pydantic.

    A field is written as its path, ``customer.name`` or ``cases.3.subject``; `skip` leaves out the first parts of it.
    """
    faults: dict[str, str] = {}
    for error in errors:
        path = ".".join(str(part) for part in error["loc"][skip:]) or "body"
        sentence = _SENTENCES.get(error["type"])
        context = error.get("ctx", {})
        if error["type"] in ("string_too_short", "too_short") and context.get("min_length") == 1:
            sentence = _EMPTY
        if error["type"] == "literal_error":
            context = {"expected": context["expected"].replace("'", "").replace(" or ", ", ")}
        faults.setdefault(path, error["msg"] if sentence is None else str(sentence) % context)
    return faults
