"""Fields which several forms have: people, times, numbers of cases, texts."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jieli.cases.models import Case
from jieli.cases.rules.numbers import WrongNumber, parse_case_number
from jieli.people.models import Staff
from jieli.people.queries import person_named
from jieli.policies.product_lines import product_line_of, product_words

Choices = list[tuple[Any, Any]]


def language() -> str:
    """Return the language of the moment."""
    return get_language() or settings.LANGUAGE_CODE


def person_text(staff: Staff) -> str:
    """Write a person as `PersonField` reads it."""
    return f"{staff.name} ({staff.code})"


class PersonField(forms.CharField):
    """A person by login name or full name, with suggestions from the page's list `people-list`."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"list": "people-list", "autocomplete": "off", "spellcheck": "false"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Return the active person whom the text means, None for no text."""
        text = super().clean(value)
        if not text:
            return None
        found = person_named(text)
        if found is None:
            raise ValidationError(_("Nobody active is called this, or more than one is: type the login name."))
        return found


class ProductLineField(forms.CharField):
    """A product line in the words of people; the clean value is its code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Product line"))
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 60)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show the line in words."""
        return product_words(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> str:
        """Return the code of what is written."""
        return product_line_of(super().to_python(value) or "")


class LocalDateTimeField(forms.DateTimeField):
    """An instant by the company's clock."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)


class CaseNumberField(forms.CharField):
    """Another case by its number; the clean value is its id."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Return the id of the case which the number names."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_case_number(text)
        except WrongNumber as wrong:
            raise ValidationError(str(wrong)) from None


def words_field(label: Any, *, rows: int = 3, required: bool = True, help_text: Any = "", **attrs: str) -> forms.CharField:
    """Return a field for words of several lines."""
    widget = forms.Textarea(attrs={"rows": rows, **attrs})
    return forms.CharField(label=label, required=required, max_length=20_000, widget=widget, help_text=help_text)


def severity_field(nothing: Any, *, help_text: Any = "") -> forms.TypedChoiceField:
    """Return a field for how bad it is; `nothing` names the choice of none."""
    return forms.TypedChoiceField(
        label=_("Severity"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", nothing), *Case.Severity.choices],
        help_text=help_text,
    )


def service_type_field(**kwargs: Any) -> forms.ChoiceField:
    """Return a field for what kind of service it is, or none."""
    return forms.ChoiceField(
        label=_("Service type"), required=False, choices=lambda: [("", "–"), *Case.ServiceType.choices], **kwargs
    )
