"""Which month, unit and product line somebody wants to see."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.people.models import Unit
from jieli.policies.product_lines import product_words
from jieli.ui.templatetags.ui import month_words


class IndicatorFilter(forms.Form):
    """The month, a unit of those one sees, and a product line; what is not among the choices is none."""

    month = forms.ChoiceField(label=_("Month"), required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    line = forms.ChoiceField(label=_("Product line"), required=False)

    def __init__(self, data: object, *, months: list[date], units: list[Unit], lines: list[str]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.units = {unit.code: unit for unit in units}
        self.fields["month"].choices = [(f"{first:%Y-%m}", month_words(first)) for first in months]  # type: ignore[attr-defined]
        self.fields["unit"].choices = [(unit.code, unit.name) for unit in units]  # type: ignore[attr-defined]
        self.fields["line"].choices = [("", _("all")), *((line, product_words(line)) for line in lines)]  # type: ignore[attr-defined]
