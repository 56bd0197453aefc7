"""Policies as people write them: TOML text to checked data, and problems with the line where they stand."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from hashlib import sha256
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

LARGEST_SOURCE = 4_000_000
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (1-based line and column, None when unknown; path such as ``rules[3].target``) and why."""

    line: int | None
    column: int | None
    path: str
    message: str

    def __str__(self) -> str:
        place = _("line %(line)s") % {"line": self.line} if self.line else ""
        head = " · ".join(part for part in (place, self.path) if part)
        return _("%(what)s: %(values)s") % {"what": head, "values": self.message} if head else self.message


class SourceProblems(ValueError):
    """The text is not a policy of this name; `problems` says why, in the order of the text."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in problems))


def digest_of(source: str) -> str:
    """Return the hex SHA-256 of a policy's text: what an event vouches for."""
    return sha256(source.encode()).hexdigest()


def normal_source(source: str) -> str:
    """Return the text with plain line ends and one at the end, as forms and files differ in that."""
    return source.replace("\r\n", "\n").replace("\r", "\n").rstrip() + "\n"


def read_source(source: str, schema: type[BaseModel]) -> BaseModel:
    """Return the policy that a TOML text holds. Raises SourceProblems."""
    if len(source) > LARGEST_SOURCE:
        raise SourceProblems([Problem(None, None, "", _("The text is too long for a policy."))])
    if "\x00" in source:
        line = source[: source.index("\x00")].count("\n") + 1
        raise SourceProblems([Problem(line, None, "", _("There is a character that no text may contain."))])
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise SourceProblems([_syntax_problem(str(error), source)]) from None
    except (RecursionError, ValueError):
        raise SourceProblems([Problem(None, None, "", _("This is not TOML that can be read."))]) from None
    try:
        return schema.model_validate_json(json.dumps(values, default=_plain, allow_nan=True))
    except ValidationError as error:
        lines = line_numbers(source)
        known = _known_keys(schema)
        problems = [_problem(detail, values, lines, known, source) for detail in error.errors(include_url=False)]
        raise SourceProblems(sorted(problems, key=lambda problem: problem.line or 0)) from None


def read_body(body: Any, schema: type[BaseModel]) -> BaseModel:
    """Return the policy that was stored as JSON values."""
    return schema.model_validate_json(json.dumps(body))


def body_of(data: BaseModel) -> dict[str, Any]:
    """Return a policy as JSON values; what is the default is left out, as in the text."""
    return data.model_dump(mode="json", exclude_unset=True)


def _plain(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError


_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def _syntax_problem(text: str, source: str) -> Problem:
    place = _AT.search(text)
    line = int(place[1]) if place and place[1] else source.count("\n") + 1
    column = int(place[2]) if place and place[2] else None
    return Problem(line, column, "", _("This is not TOML: %(reason)s.") % {"reason": _AT.sub("", text)})


# --- where things stand

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_numbers(source: str) -> dict[Path, int]:
    """Return the line of each table, key and item of a list that begins a line; the text must be valid TOML."""
    found: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    table: Path = ()
    open_at: Path | None = None
    item = depth = 0
    quote = ""
    for number, line in enumerate(source.split("\n"), start=1):
        if depth == 0 and not quote:
            header = _HEADER.match(line)
            if header:
                table = _table_path(header[2], counts, is_list=header[1] == "[[")
                found[table] = number
                continue
            key = _KEY.match(line)
            if not key:
                continue
            open_at = table + _keys(key[1])
            item = 0
            for length in range(len(table) + 1, len(open_at) + 1):
                found.setdefault(open_at[:length], number)
            depth, quote = _brackets(line[key.end() :], depth, quote)
            continue
        if depth == 1 and not quote and open_at is not None and line.strip() and line.strip()[0] not in "]#,":
            found.setdefault((*open_at, item), number)
            item += 1
        depth, quote = _brackets(line, depth, quote)
    return found


def _keys(text: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""", text))


def _table_path(text: str, counts: dict[Path, int], *, is_list: bool) -> Path:
    path: Path = ()
    parts = _keys(text)
    for place, part in enumerate(parts, start=1):
        path = (*path, part)
        if is_list and place == len(parts):
            counts[path] = counts.get(path, -1) + 1
            for deeper in [other for other in counts if len(other) > len(path) and other[: len(path)] == path]:
                del counts[deeper]
        if path in counts:
            path = (*path, counts[path])
    return path


def _brackets(line: str, depth: int, quote: str) -> tuple[int, str]:
    place = 0
    while place < len(line):
        if quote:
            if quote[0] == '"' and line[place] == "\\":
                place += 2
                continue
            if line.startswith(quote, place):
                place += len(quote)
                quote = ""
                continue
            place += 1
            continue
        character = line[place]
        if character == "#":
            break
        if character in "\"'":
            quote = character * 3 if line.startswith(character * 3, place) else character
            place += len(quote)
            continue
        depth += (character in "[{") - (character in "]}")
        place += 1
    return max(depth, 0), quote if len(quote) == 3 else ""


def _line_of(path: Path, lines: dict[Path, int]) -> int | None:
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


# --- what is wrong, in words

_MESSAGES: dict[str, str | Lazy] = {
    "missing": gettext_lazy("is missing"),
    "extra_forbidden": gettext_lazy("is not known here"),
    "enum": gettext_lazy("must be one of: %(expected)s"),
    "literal_error": gettext_lazy("must be one of: %(expected)s"),
    "string_type": gettext_lazy("must be a text in quotes"),
    "string_too_short": gettext_lazy("must not be empty"),
    "string_too_long": gettext_lazy("may have at most %(max_length)s characters"),
    "string_pattern_mismatch": gettext_lazy("may only have small letters, digits, - and _"),
    "int_type": gettext_lazy("must be a whole number"),
    "int_from_float": gettext_lazy("must be a whole number"),
    "int_parsing": gettext_lazy("must be a whole number"),
    "decimal_type": gettext_lazy("must be a number"),
    "decimal_parsing": gettext_lazy("must be a number"),
    "finite_number": gettext_lazy("must be a number"),
    "decimal_max_places": gettext_lazy("may have at most %(decimal_places)s decimals"),
    "decimal_max_digits": gettext_lazy("has too many digits"),
    "bool_type": gettext_lazy("must be true or false"),
    "tuple_type": gettext_lazy("must be a list in [ ]"),
    "dict_type": gettext_lazy("must be a table"),
    "model_type": gettext_lazy("must be a table"),
    "model_attributes_type": gettext_lazy("must be a table"),
    "date_type": gettext_lazy("must be a date such as 2027-01-04"),
    "date_parsing": gettext_lazy("must be a date such as 2027-01-04"),
    "date_from_datetime_parsing": gettext_lazy("must be a date such as 2027-01-04"),
    "too_short": gettext_lazy("needs at least %(min_length)s"),
    "too_long": gettext_lazy("may have at most %(max_length)s"),
    "greater_than": gettext_lazy("must be more than %(gt)s"),
    "greater_than_equal": gettext_lazy("must be at least %(ge)s"),
    "less_than_equal": gettext_lazy("may be at most %(le)s"),
    "clock_time": gettext_lazy("is not a time of day such as 08:00"),
    "doubled": gettext_lazy("the name “%(name)s” is used twice"),
    "zone": gettext_lazy("is not a time zone such as Asia/Shanghai"),
    "interval": gettext_lazy("%(opens)s to %(closes)s is no interval"),
    "interval_order": gettext_lazy("%(opens)s begins before the interval ahead of it ends"),
    "hours": gettext_lazy("needs hours of the week, or always = true, and not both"),
    "field": gettext_lazy("is no field of a case; one of %(fields)s, or custom.<name>"),
    "no_route": gettext_lazy("no route for: %(kinds)s"),
    "choices": gettext_lazy('choices belong to type = "choice", which needs at least one'),
    "weights": gettext_lazy("the three weights must add up to 1"),
    "cut_offs": gettext_lazy("VIP must begin above gold, and gold above silver"),
    "warnings": gettext_lazy("warnings must rise, and 100 per cent (the breach) must be among them"),
    "band": gettext_lazy("the band must end above its beginning"),
    "bands": gettext_lazy("overlaps the band of fee %(other)s"),
    "marks": gettext_lazy("the full mark and the zero must differ"),
    "grades": gettext_lazy("A must begin above B"),
    "places": gettext_lazy("needs either share or count"),
    "levels": gettext_lazy("the levels are 1, 2, 3 and 4, in this order"),
    "no_licences": gettext_lazy("licences of people are not kept yet; leave “licence” out"),
}


def path_text(path: Path) -> str:
    """Return a path as people write it: ``rules[3].target``, places counted from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _last_line_with(name: str, source: str) -> int | None:
    texts = [f'"{name}"', f"'{name}'", f'"{name.rpartition(".")[2]}"']
    return next(
        (
            number
            for text in texts
            for number, line in reversed(list(enumerate(source.split("\n"), start=1)))
            if text.casefold() in line.casefold()
        ),
        None,
    )


def _problem(
    detail: ErrorDetails, values: dict[str, Any], lines: dict[Path, int], known: Sequence[str], source: str
) -> Problem:
    path = tuple(part for part in detail["loc"] if part != "[key]") + _place_in(detail)
    line = _line_of(path, lines)
    if line is None and detail["type"] == "doubled":
        line = _last_line_with(str(detail.get("ctx", {}).get("name", "")), source)
    template = _MESSAGES.get(detail["type"])
    context = {key: str(value).replace(" or ", ", ") for key, value in detail.get("ctx", {}).items()}
    message = str(template) % _Context(context) if template else detail["msg"]
    if detail["type"] == "extra_forbidden":
        near = get_close_matches(str(path[-1]), known, n=1)
        if near:
            message += _("; did you mean “%(near)s”?") % {"near": near[0]}
    name = _name_on(path, values)
    text = path_text(path)
    return Problem(line, None, f"{text} ({name})" if name else text, message)


def _place_in(detail: ErrorDetails) -> Path:
    """Return where inside a checked table the fault lies, when the check says so: ``rates.3``."""
    parts = str(detail.get("ctx", {}).get("at", "")).split(".")
    return tuple(int(part) if part.isdigit() else part for part in parts if part)


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _name_on(path: Path, values: Any) -> str:
    """Return the name or code of the innermost item of a list on the path, so that people find it."""
    name = ""
    for part in path:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(part, int) and isinstance(values, dict):
            name = str(values.get("name") or values.get("code") or "")
    return name


def _known_keys(schema: type[BaseModel]) -> list[str]:
    return sorted(set(_keys_in(schema.model_json_schema())))


def _keys_in(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from node["properties"]
        for value in node.values():
            yield from _keys_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from _keys_in(value)
