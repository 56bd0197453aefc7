"""What the fields of a case were when somebody opened them for editing."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from jieli.cases.events import FieldsChanged
from jieli.cases.models import Case
from jieli.events.models import Event
from jieli.people.models import Staff


def values_at(case: Case, revision: int, names: Iterable[str]) -> dict[str, Any]:
    """Return the fields of a case, with ``custom``, as they stood at a revision: the present ones, later edits taken back.

    A free text whose old words the event keeps apart is read from there. One query, one more when it was edited since.
    """
    values = {name: getattr(case, name) for name in names} | {"custom": dict(case.custom)}
    if revision >= case.revision:
        return values
    later = Event.objects.of_case(case.pk).filter(type=FieldsChanged.type, data__old__revision__gte=revision)
    for event in reversed(list(later.prefetch_related("texts"))):
        for name in event.data["names"]:
            if name in values and name in event.data["old"]:
                values[name] = event.data["old"][name]
        for text in event.texts.all():
            if text.field == "old_custom":
                values["custom"] |= json.loads(text.body or "{}")
            else:
                values |= _old_texts(text.body, set(values))
    values["custom"] = {name: value for name, value in values["custom"].items() if value is not None}
    return values


def _old_texts(body: str, names: set[str]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    current = ""
    for line in body.split("\n"):
        head, sign, rest = line.partition(": ")
        if sign and head in names and head in ("subject", "description", "address"):
            current = head
            found[current] = [rest]
        elif current:
            found[current].append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def last_edit(case_id: int) -> tuple[str, datetime | None]:
    """Return who edited the fields of a case last, and when; empty when a person did not."""
    event = Event.objects.of_case(case_id).filter(type=FieldsChanged.type).order_by("-sequence").first()
    if event is None:
        return "", None
    who = Staff.objects.filter(pk=event.actor_id or 0) if event.actor_kind == "staff" else Staff.objects.none()
    return who.values_list("name", flat=True).first() or "", event.at
