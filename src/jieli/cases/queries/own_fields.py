"""The company's own fields of a case for whoever reads or fills them in (policy `fields`)."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jieli.cases.models import Case
from jieli.cases.policy import sees_own_field
from jieli.cases.rules.own_fields import HIDDEN, is_empty
from jieli.events.actor import Actor
from jieli.policies.queries import current
from jieli.policies.schemas.fields import CustomField


def own_fields(kind: str, actor: Actor) -> dict[str, CustomField]:
    """Return the fields of a kind of case which the actor sees and fills in, by name, in the order of asking."""
    return {one.name: one for one in current("fields").data.of(kind) if sees_own_field(actor, one)}


class AskedFields:
    """The fields that one actor is asked, looked up once for each kind: many cases are opened together."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._known: dict[str, dict[str, CustomField]] = {}

    def of(self, kind: str) -> dict[str, CustomField]:
        """Return the fields of a kind; see `own_fields`."""
        asked = self._known.get(kind)
        if asked is None:
            asked = self._known[kind] = own_fields(kind, self.actor)
        return asked


def seen_custom(custom: Mapping[str, Any], kind: str, actor: Actor) -> dict[str, Any]:
    """Return kept values as the actor may read them: those of fields that others see are hidden.

    What no field of the kind names (columns of an import, fields of a former kind) is hidden from whom that former field is.
    """
    return {name: value if is_seen(name, kind, actor) else HIDDEN for name, value in custom.items()}


def is_seen(name: str, kind: str, actor: Actor) -> bool:
    """Tell whether the actor sees what a case holds under a name."""
    policy = current("fields").data
    named = [one for one in policy.of(kind) if one.name == name] or [one for one in policy.fields if one.name == name]
    return all(sees_own_field(actor, one) for one in named) if named else actor.kind != "customer"


def shown_custom(case: Case, actor: Actor) -> list[tuple[str, str]]:
    """Return label and value of what a case holds in its own fields, in their order, the actor's hidden ones masked.

    Columns of an import and fields of a former kind come last.
    """
    language = get_language() or settings.LANGUAGE_CODE
    asked = {one.name: one for one in current("fields").data.of(case.kind)}
    former = {one.name: one for one in current("fields").data.fields if one.name not in asked}
    names = [*asked, *(name for name in case.custom if name not in asked)]
    values = seen_custom(case.custom, case.kind, actor)
    shown = []
    for name in names:
        value = values.get(name)
        one = asked.get(name) or former.get(name)
        if is_empty(value):
            continue
        label = one.label.in_language(language) if one is not None else name
        shown.append((label, worded(one, value, language) if one is not None else str(value)))
    return shown


def worded(one: CustomField, value: Any, language: str) -> str:
    """Write a kept value for people; nothing for none."""
    if is_empty(value):
        return ""
    if one.type == "choice":
        return next((choice.label.in_language(language) for choice in one.choices if choice.code == value), str(value))
    if one.type == "boolean" and isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
