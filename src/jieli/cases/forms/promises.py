"""Promised times and clocks that stand."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.acts import ActForm
from jieli.cases.forms.fields import Choices, LocalDateTimeField, language
from jieli.cases.models import Promise
from jieli.policies.queries import current


def _promise_choices() -> Choices:
    return [(kind.value, kind.label) for kind in Promise.Kind if kind not in Promise.OFFER_KINDS]


HOW = [("phone", _("by phone")), ("message", _("by message")), ("counter", _("in person"))]


class PromiseForm(ActForm):
    """A time that a person gives."""

    kind = forms.ChoiceField(label=_("What"), choices=_promise_choices, initial="next_reply")
    due_at = LocalDateTimeField(label=_("Until when"))
    told = forms.BooleanField(label=_("The customer has been told"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            hint = {"hx-get": reverse("cases:promise_hint", args=[self.case.number]), "hx-target": "#act-forecast"}
            self.fields["due_at"].widget.attrs |= {**hint, "hx-trigger": "change", "hx-params": "due_at"}


class HowForm(ActForm):
    """How the other side was told."""

    how = forms.ChoiceField(label=_("How"), choices=HOW, widget=forms.RadioSelect, initial="phone")


def pause_choices() -> Choices:
    """Return the reasons for a pause which the policy lists."""
    return [(one.code, one.label.in_language(language())) for one in current("numbers").data.pauses]


class PauseForm(ActForm):
    """Let the clocks stand until a time to which the customer agreed."""

    reason = forms.ChoiceField(label=_("Reason"), choices=pause_choices)
    until = LocalDateTimeField(label=_("Until when"))
    consent = forms.BooleanField(label=_("The customer has agreed to wait until then"), required=False)
