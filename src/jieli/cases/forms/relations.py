"""How cases belong together."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.acts import ActForm
from jieli.cases.forms.fields import CaseNumberField
from jieli.cases.models import Relation


class RelateForm(ActForm):
    """How the case belongs to another."""

    kind = forms.ChoiceField(
        label=_("This case is"),
        choices=lambda: [(kind.value, kind.label) for kind in Relation.Kind if kind not in ("duplicate_of", "split_from")],
    )
    to = CaseNumberField(label=_("Number of the other case"))


class MergeForm(ActForm):
    """The case in which this one goes on."""

    to = CaseNumberField(
        label=_("Goes on under"), help_text=_("Both histories stay, and both customers are told. It can be undone.")
    )


class SplitForm(ActForm):
    """The messages with which a new case of the same customer begins."""

    subject = forms.CharField(label=_("Subject of the new case"), max_length=200)
    message_ids = forms.TypedMultipleChoiceField(label=_("Messages to copy"), coerce=int, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            rows = self.case.messages.order_by("id").values_list("pk", "body")[:300]
            self.fields["message_ids"].choices = [(pk, body[:160] or "…") for pk, body in rows]  # type: ignore[attr-defined]
