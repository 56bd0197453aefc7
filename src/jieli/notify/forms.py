"""What people choose about notices, and administrators about webhooks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.notify import kinds
from jieli.notify.queries import choices_of


class MailChoices(forms.Form):
    """Which kinds of notices come by e-mail too."""

    by_email = forms.MultipleChoiceField(
        label=_("Also by e-mail"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: Any, staff_id: int, **kwargs: Any) -> None:
        chosen = choices_of(staff_id)
        kwargs.setdefault("initial", {"by_email": [one.kind.code for one in chosen if one.by_email]})
        super().__init__(*args, **kwargs)
        self.fields["by_email"].choices = [(one.kind.code, one.kind.label) for one in chosen]  # type: ignore[attr-defined]


class SubscriptionForm(forms.Form):
    """A new webhook."""

    name = forms.CharField(label=pgettext_lazy("of a webhook", "Name"), max_length=120)
    url = forms.CharField(label=_("Address"), max_length=500, widget=forms.URLInput(attrs={"placeholder": "https://"}))
    kinds = forms.MultipleChoiceField(
        label=_("What it is told"),
        required=False,
        choices=(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen: everything."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        announced = kinds.announced()
        self.fields["kinds"].choices = list(announced.items())  # type: ignore[attr-defined]
        if not announced:
            del self.fields["kinds"]
