"""What people type on the pages of policies."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.lib import clock


class DraftForm(forms.Form):
    """The text of a draft, with the revision that was opened."""

    note = forms.CharField(
        label=_("What changes, and why"),
        help_text=_("One line for those who read the history."),
        max_length=400,
        required=False,
    )
    source = forms.CharField(
        label=_("Text of the policy (TOML)"),
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 32,
                "spellcheck": "false",
                "autocomplete": "off",
                "autocapitalize": "off",
                "wrap": "off",
                "class": "j-code",
            }
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)


class StartForm(forms.Form):
    """From when a draft holds; empty means at once."""

    starts_at = forms.DateTimeField(
        label=_("Holds from"),
        help_text=_("Leave it empty to start at once. A start never lies in the past."),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class DryRunForm(forms.Form):
    """Which month is replayed, and which of its promises are listed."""

    month = forms.CharField(label=_("Month"), required=False, widget=forms.TextInput(attrs={"type": "month"}))
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("changed", _("only changed")), ("all", _("all promises")), ("verdict", _("only with another verdict"))],
    )

    def clean_month(self) -> date:
        """Return the first day of the month; last month when nothing is given."""
        text = self.cleaned_data["month"]
        if not text:
            return last_month()
        try:
            month = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
        except ValueError:
            raise forms.ValidationError(_("Give a month such as 2026-10.")) from None
        if not 1970 <= month.year <= clock.now().year:
            raise forms.ValidationError(_("Give a month that has begun."))
        return month

    def clean_show(self) -> Any:
        """Return what to list; only what changed when nothing is given."""
        return self.cleaned_data["show"] or "changed"


def last_month() -> date:
    """Return the first day of the month before this one."""
    today = clock.now().date()
    return date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
