"""Which labels somebody wants."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from jieli.intake.rules.serials import MOST, Serials, read_serials


class LabelForm(forms.Form):
    """Serial numbers, one by one or from one to another."""

    serials = forms.CharField(
        label=_("Serial numbers"),
        max_length=40_000,
        widget=forms.Textarea(
            attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "characters", "autocomplete": "off", "class": "j-code"}
        ),
        help_text=_("One per line, or with commas between them; a range as SN0001..SN0120."),
        error_messages={"required": _("Give at least one serial number.")},
    )

    def clean_serials(self) -> Serials:
        """Return what was read; refuse what is no serial number, naming it, and more than fit."""
        read = read_serials(self.cleaned_data["serials"])
        if read.unread:
            shown = ", ".join(read.unread[:5])
            raise forms.ValidationError(
                ngettext(
                    "This cannot be read as a serial number or a range: %(shown)s",
                    "These cannot be read as serial numbers or ranges: %(shown)s",
                    len(read.unread),
                )
                % {"shown": shown}
            )
        if read.too_many:
            raise forms.ValidationError(_("At most %(most)s labels at once: that is 20 sheets.") % {"most": MOST})
        return read
