"""Offers of the baton and the answers to them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.acts import ActForm
from jieli.cases.forms.fields import PersonField, words_field
from jieli.cases.models import Pass
from jieli.people.queries import superior_of


class PassForm(ActForm):
    """An offer of the baton; to one's own superior it takes a proposal."""

    to = PersonField(label=_("To whom"))
    done = words_field(_("Done so far"), help_text=_("What you and others have done for the customer."))
    next = words_field(_("What is to be done next"))
    options = words_field(
        _("Your proposal: one option a line"),
        required=False,
        help_text=_("Only when you ask your superior: the case stays with you, and comes back with a decision."),
    )
    recommended = forms.IntegerField(label=_("Recommended option (line)"), required=False, min_value=1, max_value=20, initial=1)

    def clean(self) -> dict[str, Any]:
        """Ask for a proposal when the receiver is the owner's superior."""
        values: dict[str, Any] = super().clean() or {}
        lines = [line.strip() for line in str(values.get("options") or "").splitlines() if line.strip()]
        values["proposal"] = {"options": lines, "recommended": (values.get("recommended") or 1) - 1} if lines else None
        to = values.get("to")
        if to is not None and self.case is not None and not lines:
            superior = superior_of(self.case.owner)
            if superior is not None and superior.pk == to.pk:
                self.add_error(
                    "options",
                    _("%(name)s is your superior: lay out the options and say which you recommend.") % {"name": to.name},
                )
        return values


class AcceptForm(ActForm):
    """The need in the receiver's own words."""

    restatement = words_field(
        _("Say in your own words what the customer needs"),
        help_text=_("The giver reads it: what you misunderstood shows here, not at the customer's."),
    )


class DecideForm(ActForm):
    """The word of the superior on a proposal."""

    decision = forms.ChoiceField(label=_("Decision"), choices=Pass.Decision.choices, widget=forms.RadioSelect)
    text = words_field(_("What is to be done"))


class AssignForm(ActForm):
    """Whom to offer the case."""

    to = PersonField(label=_("To whom"))
    note = words_field(_("What is to be done"), required=False)


class QuestionForm(ActForm):
    """A question to the escort."""

    question = words_field(_("Your question"))
