"""What callers, stewards, quality officers and customers type, turned into clean values."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models import Case
from jieli.events.refusals import Refused
from jieli.quality.models import Attempt, CallBack
from jieli.quality.rules.answers import LONGEST, Answers

T = TypeVar("T")
Choices = list[tuple[Any, Any]]


class ActionForm(forms.Form):
    """A form whose values go to one action, and which shows the action's refusal beside its fields."""

    def attempt(self, act: Callable[[dict[str, Any]], T]) -> T | None:
        """Run `act` with the clean values; None when the values or the action were refused, with the errors in the form."""
        if not self.is_valid():
            return None
        try:
            return act(self.cleaned_data)
        except Refused as refused:
            for name, text in refused.fields.items():
                self.add_error(name if name in self.fields else None, str(text))
            if not refused.fields:
                self.add_error(None, str(refused))
            return None


def _words(label: Any, *, required: bool = True, rows: int = 2, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **kwargs
    )


def outcome_choices() -> Choices:
    """Return how an attempt may go; a link is sent by its own button."""
    return [one for one in Attempt.Outcome.choices if one[0] != Attempt.Outcome.TEXT_LINK]


class AttemptForm(ActionForm):
    """How an attempt went."""

    outcome = forms.ChoiceField(label=_("How it went"), choices=outcome_choices)
    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST)


def _yes_no() -> Choices:
    return [("", _("not asked")), ("yes", _("yes")), ("no", _("no"))]


class YesNoField(forms.ChoiceField):
    """Yes, no, or not asked: True, False, None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=_yes_no, required=False, widget=forms.RadioSelect, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the truth."""
        return {"yes": True, "no": False}.get(super().clean(value))


def moved_choices() -> Choices:
    """Return the degrees with "nothing" before them."""
    return [("", _("nothing in particular")), *CallBack.Moved.choices]


def how_bad_choices() -> Choices:
    """Return the levels with "not said" before them."""
    return [("", _("not said")), *((str(code), label) for code, label in Case.Severity.choices)]


def result_choices() -> Choices:
    """Return what a customer may say."""
    return [("satisfied", _("satisfied")), ("dissatisfied", _("dissatisfied"))]


class AnswerForm(ActionForm):
    """The answers of a customer, as his caller or he himself gives them; without a visit nobody asks about the charges."""

    result = forms.ChoiceField(label=_("All in all"), choices=result_choices, widget=forms.RadioSelect)
    solved = YesNoField(label=_("Is it solved?"))
    on_time = YesNoField(label=_("Did we come when we promised?"))
    charged_as_shown = YesNoField(label=_("Were the charges as shown?"))
    manners = YesNoField(label=_("Were we polite and tidy?"))
    moved = forms.ChoiceField(label=_("Did anything move you?"), choices=moved_choices, required=False)
    story = _words(_("What was it?"), required=False)
    what = _words(_("What was not right?"), required=False)
    how_bad = forms.ChoiceField(label=_("How bad is it?"), choices=how_bad_choices, required=False)
    wish = _words(_("What would put it right?"), required=False)

    def __init__(self, *args: Any, about: str = "visit", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if about == "complaint":
            del self.fields["charged_as_shown"]
            self.fields["on_time"].label = _("Did we answer when we promised?")

    @property
    def questions(self) -> list[forms.BoundField]:
        """Return the questions that are answered yes or no."""
        return [bound for bound in self if isinstance(bound.field, YesNoField)]

    def answers(self) -> Answers:
        """Return the clean values as answers."""
        clean = dict(self.cleaned_data)
        clean.pop("result", None)
        return Answers(**{**clean, "how_bad": int(clean["how_bad"]) if clean.get("how_bad") else None})


class ReasonForm(ActionForm):
    """Why it is not about the visit."""

    reason = _words(_("Why is it not about the visit?"))


class DelightForm(ActionForm):
    """How much the customer was moved."""

    moved = forms.ChoiceField(label=_("How much"), choices=CallBack.Moved.choices)
    story = _words(_("The story, as it is to be told"), required=False)


class SpendForm(ActionForm):
    """An amount and what it is for."""

    amount = forms.DecimalField(label=pgettext_lazy("money", "Amount"), max_digits=12, decimal_places=2)
    purpose = _words(_("For what"), rows=1)


class RecoveryForm(ActionForm):
    """What was restored, what was done personally, and what the customer is told."""

    restored = _words(_("How was what was missing restored?"))
    personal = _words(_("What was done personally?"))
    answer = _words(
        _("What the customer is told"),
        required=False,
        help_text=_("When it is filled in, the customer reads it, and the next call-back asks about the recovery."),
    )


def about_choices() -> Choices:
    """Return what a call-back may be about, with "all" before."""
    return [("", _("all")), *CallBack.About.choices]


def result_filter_choices() -> Choices:
    """Return the results, with "all" before."""
    return [("", _("all")), *CallBack.Result.choices]


class ListFilter(forms.Form):
    """The filter above the list of call-backs."""

    about = forms.ChoiceField(label=pgettext_lazy("a call-back", "About"), choices=about_choices, required=False)
    result = forms.ChoiceField(label=_("Result"), choices=result_filter_choices, required=False)
