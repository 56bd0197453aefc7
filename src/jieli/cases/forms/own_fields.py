"""The fields of the company's own in a form (policy `fields`)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.fields import language
from jieli.cases.models import Case
from jieli.cases.queries.own_fields import own_fields
from jieli.cases.rules.own_fields import LONGEST_TEXT, PLACES, WHOLE_DIGITS
from jieli.events.actor import Actor
from jieli.policies.schemas.fields import CustomField


def custom_field(one: CustomField) -> forms.Field:
    """Return the form field for a field of the company's own."""
    said: dict[str, Any] = {"label": one.label.in_language(language()), "required": one.required}
    if one.type == "number":
        return forms.DecimalField(max_digits=WHOLE_DIGITS + PLACES, decimal_places=PLACES, **said)
    if one.type == "date":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **said)
    if one.type == "boolean":
        return forms.ChoiceField(choices=[("", "–"), ("true", _("yes")), ("false", _("no"))], **said)
    if one.type == "choice":
        options = [("", "–"), *((choice.code, choice.label.in_language(language())) for choice in one.choices)]
        return forms.ChoiceField(choices=options, **said)
    return forms.CharField(max_length=LONGEST_TEXT, **said)


def stored_custom(one: CustomField, value: Any) -> Any:
    """Return a clean value of a custom field as the case keeps it; None when nothing was said."""
    if value in (None, ""):
        return None
    if one.type == "boolean":
        return value == "true"
    if one.type == "number":
        return format(value, "f")
    return str(value)


def typed_custom(value: Any) -> Any:
    """Return a kept custom value as its form field shows it."""
    return str(value).lower() if isinstance(value, bool) else value


class CaseFieldsMixin(forms.Form):
    """The fields of the company's own, named ``custom_<name>``."""

    own: list[CustomField]

    def add_custom(self, kind: str, actor: Actor, values: dict[str, Any], *, drawn_by: str) -> None:
        """Add the fields of a kind that the actor sees, with their present values; another kind draws its own by `drawn_by`."""
        self.own = list(own_fields(kind, actor).values())
        for one in self.own:
            field = custom_field(one)
            field.initial = typed_custom(values.get(one.name))
            self.fields[f"custom_{one.name}"] = field
        again = {"hx-post": drawn_by, "hx-target": "#own-fields", "hx-select": "#own-fields", "hx-swap": "outerHTML"}
        self.fields["kind"].widget.attrs |= {**again, "hx-vals": '{"refresh": "1"}'}

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """Return the custom fields of this form, in order."""
        return [self[f"custom_{one.name}"] for one in self.own]

    @property
    def known_fields(self) -> list[forms.BoundField]:
        """Return the visible fields which every kind has, in order."""
        return [one for one in self.visible_fields() if not one.name.startswith("custom_")]

    def custom_values(self) -> dict[str, Any]:
        """Return what was typed into the custom fields, by name; None where a field was emptied."""
        return {one.name: stored_custom(one, self.cleaned_data.get(f"custom_{one.name}")) for one in self.own}


def kind_in(typed: Mapping[str, Any], otherwise: str) -> str:
    """Return the kind of case chosen in what was typed."""
    kind = str(typed.get("kind", otherwise))
    return kind if kind in Case.Kind.values else otherwise
