"""What people enter in dispatch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.fields import LocalDateTimeField
from jieli.customers.models import Device
from jieli.dispatch.rules.windows import Window
from jieli.policies.product_lines import product_words
from jieli.policies.queries import current


class BacklogFilter(forms.Form):
    """What narrows the backlog."""

    state = forms.ChoiceField(label=_("State"), required=False)
    product_line = forms.ChoiceField(label=_("Product line"), required=False)

    def __init__(self, *args: Any, lines: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ("", _("to be dispatched")),
            ("unplanned", _("nobody asked yet")),
            ("lapsed", _("refused or not answered")),
            ("asked", _("waits for an answer")),
            ("outlet", _("an outlet has it, no engineer yet")),
            ("again", _("another visit to be set")),
            ("out", _("the outlet fell out")),
        ]
        self.fields["product_line"].choices = [("", _("all")), *((one, product_words(one)) for one in lines)]  # type: ignore[attr-defined]


def window_value(window: Window) -> str:
    """Return a window as the value of a choice."""
    return f"{window[0].isoformat()}/{window[1].isoformat()}"


def read_window(text: str) -> Window | None:
    """Return the window of a choice's value, None for no window; raises ValueError."""
    if not text:
        return None
    starts, _slash, ends = text.partition("/")
    begin, end = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    if begin.tzinfo is None or end.tzinfo is None:
        raise ValueError(text)
    return begin, end


class OrderForm(forms.Form):
    """What an order is paid by; empty leaves what is known."""

    in_warranty = forms.ChoiceField(label=_("Warranty"), required=False)
    distance_km = forms.DecimalField(
        label=_("Distance by road, km"), required=False, min_value=0, max_value=9_999, decimal_places=3
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["in_warranty"].choices = [  # type: ignore[attr-defined]
            ("", _("not known")),
            ("yes", _("in warranty")),
            ("no", _("out of warranty")),
        ]

    def clean_in_warranty(self) -> bool | None:
        """Return True or False, None for not known."""
        said = self.cleaned_data["in_warranty"]
        return said == "yes" if said else None


class WindowForm(forms.Form):
    """A window: one of those shown, or a time of one's own."""

    window = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)
    starts_at = LocalDateTimeField(label=_("From"), required=False)
    ends_at = LocalDateTimeField(label=pgettext_lazy("a time", "Until"), required=False)
    agreed = forms.BooleanField(label=_("agreed with the customer"), required=False)
    needs_window = False

    def clean(self) -> dict[str, Any]:
        """Return the window as `chosen`; a time of one's own goes before one shown."""
        clean = super().clean() or {}
        starts, ends = clean.get("starts_at"), clean.get("ends_at")
        chosen: Window | None = None
        if starts and ends:
            chosen = (starts, ends)
        elif starts or ends:
            self.add_error("ends_at" if starts else "starts_at", _("A window has a beginning and an end."))
        else:
            try:
                chosen = read_window(clean.get("window") or "")
            except ValueError as error:
                raise ValidationError(_("Choose one of the times shown.")) from error
        if chosen is None and self.needs_window and not self.errors:
            self.add_error(None, _("Choose a time."))
        clean["chosen"] = chosen
        return clean


class NeededWindowForm(WindowForm):
    """A window that must be given."""

    needs_window = True


class OfferForm(WindowForm):
    """Whom to ask, for when, with what to know."""

    outlet = forms.IntegerField(required=False, widget=forms.HiddenInput)
    engineer = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("What to know"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )
    reason = forms.CharField(label=_("Why anew"), required=False, max_length=300)
    devices = forms.TypedMultipleChoiceField(
        label=_("Devices of this visit"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several are a set: one appointment, and one work order for each."),
    )

    def __init__(self, *args: Any, devices: Sequence[Device] = (), chosen: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = [(one.pk, f"{product_words(one.product_line)} {one.model} {one.serial}".strip()) for one in devices]
        self.fields["devices"].choices = shown  # type: ignore[attr-defined]
        self.fields["devices"].initial = list(chosen)


class RefuseForm(forms.Form):
    """Why one refuses."""

    reason = forms.ChoiceField(label=_("Reason"))
    note = forms.CharField(label=_("In words"), required=False, max_length=500, strip=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        listed = current("dispatch").data.refusals
        self.fields["reason"].choices = [(one.code, one.label.in_language(language)) for one in listed]  # type: ignore[attr-defined]


class CounterForm(NeededWindowForm):
    """Another time, and why."""

    reason = forms.CharField(label=_("Why"), required=False, max_length=300, strip=True)
