"""The movable clock of a demo."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.acts import ActForm
from jieli.cases.forms.fields import LocalDateTimeField


class ClockForm(ActForm):
    """By how much the demo clock moves."""

    hours = forms.DecimalField(label=_("Hours ahead"), min_value=0, max_value=9600, decimal_places=2, required=False)
    until = LocalDateTimeField(label=_("Or until"), required=False)
