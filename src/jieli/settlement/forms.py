"""Filters of the month end's lists."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.settlement.models import Line
from jieli.settlement.queries.pages import regions


class OutletsFilter(forms.Form):
    """Which outlets of a month are listed."""

    q = forms.CharField(
        label=pgettext_lazy("month end", "Outlet"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    region = forms.ChoiceField(label=_("Region"), required=False)
    grade = forms.ChoiceField(
        label=pgettext_lazy("month end", "Grade"),
        required=False,
        choices=[("", _("all")), ("A", "A"), ("B", "B"), ("C", "C"), ("none", _("not graded"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("all")), *((one, one) for one in regions())]  # type: ignore[attr-defined]


class UnpaidFilter(forms.Form):
    """Which held or rejected orders are listed."""

    decision = forms.ChoiceField(
        label=pgettext_lazy("month end", "Decision"), required=False, choices=[("held", _("held")), ("rejected", _("rejected"))]
    )
    gate = forms.ChoiceField(label=_("Gate"), required=False)
    outlet = forms.CharField(
        label=pgettext_lazy("month end", "Outlet"),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gate"].choices = [("", _("all")), *Line.Gate.choices]  # type: ignore[attr-defined]


class TrialFilter(forms.Form):
    """Which outlets of a trial are listed."""

    show = forms.ChoiceField(
        label=pgettext_lazy("month end", "Show"),
        required=False,
        choices=[("changed", _("only what changes")), ("all", _("all outlets"))],
    )
