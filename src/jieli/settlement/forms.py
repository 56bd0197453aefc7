"""Filters of the month end's lists."""

from decimal import Decimal
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


class DisputeForm(forms.Form):
    """Why a line is disputed, and what it should be."""

    reason = forms.CharField(label=_("Why you do not agree"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    claimed_amount = forms.DecimalField(
        label=_("Amount claimed"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=9,
        decimal_places=2,
        help_text=_("What you think is missing, such as 82.00"),
    )


class RulingForm(forms.Form):
    """What becomes of a dispute."""

    decision = forms.ChoiceField(
        label=pgettext_lazy("month end", "Decision"),
        choices=[("granted", pgettext_lazy("a dispute", "grant it")), ("refused", pgettext_lazy("a dispute", "refuse it"))],
        widget=forms.RadioSelect,
    )
    amount = forms.DecimalField(
        label=pgettext_lazy("month end", "Amount"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=9,
        decimal_places=2,
        help_text=_("A line of Q in the next open month; the sealed statement stays as it is"),
    )
    reason = forms.CharField(
        label=pgettext_lazy("month end", "Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The outlet reads it"),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the amount of what is granted."""
        clean: dict[str, Any] = super().clean() or {}
        if clean.get("decision") == "granted" and clean.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", _("Give an amount above zero such as 82.00."))
        return clean

    @property
    def granted_amount(self) -> Decimal | None:
        """Return the amount, None when it is refused."""
        granted = self.cleaned_data["decision"] == "granted"
        return self.cleaned_data["amount"] if granted else None


class CheckForm(forms.Form):
    """A hash as it is printed on a statement, or the file itself."""

    hash = forms.CharField(
        label=_("Seal (SHA-256)"),
        required=False,
        max_length=400,
        help_text=_("64 characters, at the foot of each page"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(label=_("or the file"), required=False)
