"""A form for one act, and the acts that need a reason or nothing."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.conversing import ForbiddenPhrase
from jieli.cases.forms.fields import words_field
from jieli.cases.models import Case
from jieli.cases.queries.timeline import field_label
from jieli.cases.refusals import ChangedMeanwhile
from jieli.events.actor import Actor
from jieli.events.refusals import Refused

T = TypeVar("T")


class ActForm(forms.Form):
    """A form for one act on a case; the action's refusal is shown beside its fields.

    ChangedMeanwhile and ForbiddenPhrase pass through: their pages show more than a message.
    """

    def __init__(self, *args: Any, case: Case | None = None, actor: Actor | None = None, **kwargs: Any) -> None:
        self.case = case
        self.actor = actor
        super().__init__(*args, **kwargs)

    def attempt(self, act: Callable[[dict[str, Any]], T]) -> T | None:
        """Run `act` with the clean values; None when the values or the action were refused, with the errors in the form."""
        if not self.is_valid():
            return None
        try:
            return act(self.cleaned_data)
        except (ChangedMeanwhile, ForbiddenPhrase):
            raise
        except Refused as refused:
            self.show(refused)
            return None

    def show(self, refused: Refused) -> None:
        """Show a refusal beside the fields which it names, else above the form."""
        for name, text in refused.fields.items():
            place = {"proposal": "options"}.get(name, name).replace("custom.", "custom_", 1)
            if place in self.fields:
                self.add_error(place, str(text))
            else:
                self.add_error(None, _("%(field)s: %(fault)s") % {"field": field_label(name), "fault": text})
        if not refused.fields:
            self.add_error(None, str(refused))


class ReasonForm(ActForm):
    """Why."""

    reason = words_field(_("Reason"))


class NothingForm(ActForm):
    """An act that needs no words."""
