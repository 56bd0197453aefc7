"""What moves a case along and ends it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.conversing import ForbiddenPhrase
from jieli.cases.forms.acts import ActForm
from jieli.cases.forms.fields import language, words_field
from jieli.policies.queries import current


class ResolveForm(ActForm):
    """The result, as the customer is told."""

    answer = words_field(_("What the customer is told"), rows=5)
    in_spite_of_phrases = forms.BooleanField(
        label=_("Send in spite of it"), required=False, widget=forms.HiddenInput, initial=False
    )

    def warn(self, refused: ForbiddenPhrase) -> None:
        """Show the better words, and let the person send in spite of them."""
        words = "; ".join(f"“{one.phrase}” → {one.better}" for one in refused.found)
        self.add_error("answer", f"{refused} {words}")
        self.fields["in_spite_of_phrases"].widget = forms.CheckboxInput()


class StageForm(ActForm):
    """The next station of the route."""

    stage = forms.ChoiceField(label=_("Stage"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            stages = current("routes").data.of(self.case.kind).stages
            self.fields["stage"].choices = [(one.code.value, one.label.in_language(language())) for one in stages]  # type: ignore[attr-defined]
            self.fields["stage"].initial = self.case.stage
