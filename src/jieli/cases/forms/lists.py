"""The filter above a list, saved views, bulk acts."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.acts import ActForm
from jieli.cases.forms.fields import Choices, PersonField, severity_field
from jieli.cases.models import Case


def _with_all(choices: Iterable[tuple[Any, Any]]) -> Choices:
    return [("", _("all")), *choices]


def status_choices() -> Choices:
    """Return what the status filter offers; nothing chosen means the open ones."""
    return [("", _("all open")), *Case.Status.choices]


COLUMNS: dict[str, Any] = {
    "kind": _("Kind"),
    "severity": _("Severity"),
    "unit": _("Unit"),
    "steward": _("Steward"),
    "channel": _("Channel"),
    "opened": _("Opened"),
    "tags": _("Tags"),
}


class ListFilter(forms.Form):
    """The filter above a list of cases."""

    status = forms.ChoiceField(label=_("Status"), required=False, choices=status_choices)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=lambda: _with_all(Case.Kind.choices))
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=lambda: _with_all(Case.Stage.choices))
    severity = severity_field(_("all"))
    tag = forms.CharField(label=_("Tag"), required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    owner = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    unit = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    columns = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)


class SaveViewForm(ActForm):
    """A name for the list as it stands."""

    name = forms.CharField(label=_("Name"), max_length=60)
    shared = forms.BooleanField(label=_("Show it to my unit"), required=False)
    query = forms.CharField(widget=forms.HiddenInput, max_length=1000)

    def clean_query(self) -> str:
        """Keep only the address of one of our lists."""
        query = str(self.cleaned_data["query"])
        if not query.startswith("/cases/") or "//" in query:
            raise ValidationError(_("This is no list of cases."))
        return query


class BulkForm(ActForm):
    """What a bulk act needs besides the cases."""

    to = PersonField(label=_("Assign to"), required=False)
    tag = forms.CharField(label=_("Tag"), required=False, max_length=40)
    severity = severity_field("–")

    NEEDS = {"take": (), "assign": ("to",), "tag": ("tag",), "severity": ("severity",)}

    def __init__(self, *args: Any, act: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name not in self.NEEDS[act]:
                del self.fields[name]
            else:
                self.fields[name].required = True
