"""What an administrator fills in to bring in a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.intake.actions.exchange import KINDS, importers
from jieli.lib.text import strip_control


class ImportForm(forms.Form):
    """A file, and what it is: a kind of exchange file, or a foreign history with its mapping."""

    file = forms.FileField(
        label=_("File"), help_text=_(".csv, .csv.gz or .xlsx"), widget=forms.FileInput(attrs={"accept": ".csv,.gz,.xlsx"})
    )
    kind = forms.ChoiceField(label=_("What it is"), required=False)
    mapping_file = forms.FileField(
        label=_("Mapping"),
        required=False,
        help_text=_("for a foreign history: the TOML file that says what its columns and values mean"),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(kind, f"{kind}.csv") for kind in KINDS if kind in importers]
        self.fields["kind"].choices = [("", _("a foreign history, by its mapping")), *known]  # type: ignore[attr-defined]

    def clean_mapping_file(self) -> str:
        """Return the text of the mapping, "" when there is none."""
        file = self.cleaned_data.get("mapping_file")
        if not file:
            return ""
        if file.size > 400_000:
            raise forms.ValidationError(_("This is too long for a mapping."))
        try:
            return strip_control(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The mapping is no text in UTF-8.")) from None

    def clean(self) -> dict[str, Any]:
        """Ask for a mapping where the kind does not say what the file is."""
        values = super().clean() or {}
        if not values.get("kind") and not values.get("mapping_file") and "mapping_file" not in self.errors:
            self.add_error("mapping_file", _("A foreign history needs a mapping."))
        return values
