"""The customer's link."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.acts import ActForm
from jieli.cases.rules.proofs import proof_choices


class ProofForm(ActForm):
    """How it was checked that the customer asks."""

    proof = forms.ChoiceField(label=_("How did you check who asks?"), choices=proof_choices, widget=forms.RadioSelect)
