"""What people enter about visits."""

from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jieli.policies.schemas import VisitStandard
from jieli.visits.models import FieldEntry, VisitOrder


class SettleForm(forms.Form):
    """An entry taken over by hand, or set aside."""

    way = forms.ChoiceField(
        label=_("What to do"),
        choices=[(one.value, one.label) for one in (FieldEntry.State.TAKEN_OVER, FieldEntry.State.SET_ASIDE)],
    )
    reason = forms.CharField(label=_("What was done, or why"), max_length=400)


class GapsForm(forms.Form):
    """A visit finished with gaps."""

    result = forms.ChoiceField(label=_("Result"), choices=VisitOrder.Result.choices)
    not_fixed_because = forms.ChoiceField(label=_("Why not fixed"), required=False)
    reason = forms.CharField(label=_("Why it is finished with gaps"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, standard: VisitStandard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "zh-hans"
        listed = [(one.code, one.label.in_language(language)) for one in standard.not_fixed]
        self.fields["not_fixed_because"].choices = [("", "–"), *listed]  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    """Information accepted, or refused."""

    decision = forms.ChoiceField(
        choices=[("accept", pgettext_lazy("information", "Accept")), ("refuse", pgettext_lazy("information", "Refuse"))]
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, required=False)


class OutcomeForm(forms.Form):
    """What came of information."""

    outcome = forms.CharField(label=_("What came of it"), max_length=1000)
