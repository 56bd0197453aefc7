"""What people type about parts, turned into clean values."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.events.refusals import Refused
from jieli.orders.models import WorkOrder
from jieli.parts.models import MachineReturn, Part, Place
from jieli.parts.queries.stock import product_lines
from jieli.policies.product_lines import product_words

T = TypeVar("T")
SEARCH = {"type": "search"}
CODE = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}


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

    @property
    def said(self) -> str:
        """Return everything that is wrong as one text."""
        return " ".join(str(text) for texts in self.errors.values() for text in texts)


class PartFilter(forms.Form):
    """Which parts of the master are listed."""

    q = forms.CharField(label=_("Part"), max_length=60, required=False, widget=forms.TextInput(attrs=SEARCH))
    product_line = forms.ChoiceField(label=_("Product line"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = [(line, product_words(line)) for line in product_lines()]
        self.fields["product_line"].choices = [("", _("all")), *lines]  # type: ignore[attr-defined]


class PlaceFilter(forms.Form):
    """Which places are listed."""

    q = forms.CharField(
        label=pgettext_lazy("parts", "Place"), max_length=60, required=False, widget=forms.TextInput(attrs=SEARCH)
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=lambda: [("", _("all")), *((kind, Place.Kind(kind).label) for kind in Place.STOCKED)],
    )


def _part() -> forms.CharField:
    return forms.CharField(
        label=_("Part"),
        max_length=40,
        help_text=_("The code, typed or scanned."),
        widget=forms.TextInput(attrs={**CODE, "list": "parts-here"}),
    )


def _quantity() -> forms.IntegerField:
    return forms.IntegerField(label=_("Quantity"), initial=1)


class ReceiveForm(ActionForm):
    """Parts that came from the supplier."""

    part = _part()
    quantity = _quantity()
    reason = forms.CharField(label=_("Delivery note"), max_length=300, required=False)


class MoveForm(ActionForm):
    """Parts that go to another place."""

    part = _part()
    quantity = _quantity()
    to = forms.ChoiceField(label=pgettext_lazy("a movement of parts", "To"))
    reason = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, places: Iterable[Place] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = [(str(place.pk), f"{place.name} · {Place.Kind(place.kind).label}") for place in places]
        self.fields["to"].choices = shown  # type: ignore[attr-defined]


class CountForm(ActionForm):
    """What somebody counted of a part."""

    part = _part()
    quantity = forms.IntegerField(label=pgettext_lazy("stock", "Counted"))
    reason = forms.CharField(label=_("Why"), max_length=300)


class ScrapForm(ActionForm):
    """Parts that are thrown away."""

    part = _part()
    quantity = _quantity()
    reason = forms.CharField(label=_("Why"), max_length=300)


class PlaceForm(ActionForm):
    """A store of a unit, or the van of one of its people."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=lambda: [(kind, Place.Kind(kind).label) for kind in Place.STOCKED], initial="outlet"
    )
    unit = forms.CharField(label=_("Unit"), max_length=64, help_text=_("The code of the unit to which it belongs."))
    staff = forms.CharField(label=_("Engineer"), max_length=64, required=False, help_text=_("For a van: the engineer's code."))
    code = forms.CharField(
        label=_("Code"), max_length=38, required=False, help_text=_("Empty: that of the unit or the engineer.")
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)


class PartForm(ActionForm):
    """A part of the master."""

    code = forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput(attrs=CODE))
    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: list(Part.Kind.choices))
    price_amount = forms.DecimalField(label=_("Price"), required=False, min_value=0, max_digits=10, decimal_places=2)
    warranty_code = forms.CharField(label=_("Warranty code"), max_length=40, required=False)
    is_returnable = forms.BooleanField(label=_("The old part has to come back"), required=False, initial=True)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    fits = forms.CharField(
        label=_("Fits"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One product line per line, after a space a model; without a model the whole line. Empty: fits everything."
        ),
    )
    substitutes = forms.CharField(
        label=_("Substitutes"), required=False, help_text=_("Codes of parts, with spaces between them.")
    )

    def clean_fits(self) -> list[tuple[str, str]]:
        """Return product lines with models."""
        lines = [line.split(None, 1) for line in self.cleaned_data["fits"].splitlines() if line.strip()]
        return [(line[0], line[1].strip() if len(line) > 1 else "") for line in lines]

    def clean_substitutes(self) -> list[str]:
        """Return codes."""
        return str(self.cleaned_data["substitutes"]).replace(",", " ").replace("，", " ").split()


class ShipForm(ActionForm):
    """From where an ordered part is sent."""

    place = forms.IntegerField(label=pgettext_lazy("parts", "From"))
    waybill = forms.CharField(label=_("Waybill"), max_length=60, required=False)


class ReasonForm(ActionForm):
    """Why something is taken back."""

    reason = forms.CharField(label=_("Why"), max_length=300)


class ScanForm(ActionForm):
    """An old part that came back: its label or its serial number."""

    scanned = forms.CharField(label=_("Label or serial number"), max_length=120, widget=forms.TextInput(attrs=CODE))


class FindingForm(ActionForm):
    """What the lab found."""

    finding = forms.CharField(label=_("Lab finding"), max_length=12)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class CorrectionForm(ActionForm):
    """Another finding of the lab in place of the one that stands, and why."""

    finding = forms.ChoiceField(label=_("Lab finding"))
    reason = forms.CharField(label=_("Why it is corrected"), max_length=300)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, stands: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [("", ""), *(one for one in WorkOrder.LabFinding.choices if one[0] != stands)]
        self.fields["finding"].choices = others  # type: ignore[attr-defined]


class MachineForm(ActionForm):
    """A whole machine that somebody asks for."""

    kind = forms.ChoiceField(label=_("What the customer gets"), choices=lambda: list(MachineReturn.Kind.choices))
    machine = forms.CharField(
        label=_("Machine given"),
        max_length=40,
        required=False,
        help_text=_("For an exchange: its code in the part master."),
        widget=forms.TextInput(attrs={**CODE, "list": "parts-here"}),
    )
    old_machine = forms.CharField(
        label=_("Machine that comes back"),
        max_length=40,
        required=False,
        help_text=_("Its code; for an exchange empty when it is the same."),
        widget=forms.TextInput(attrs={**CODE, "list": "parts-here"}),
    )
    old_serial = forms.CharField(label=_("Serial of the old machine"), max_length=80, widget=forms.TextInput(attrs=CODE))
    amount = forms.DecimalField(
        label=_("Amount"),
        required=False,
        max_digits=10,
        decimal_places=2,
        help_text=_("What is paid back for a return; empty, and for every exchange, the price of the part master counts."),
    )
    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class DecisionForm(ActionForm):
    """Whether a whole machine is approved."""

    reason = forms.CharField(
        label=_("Why"), max_length=300, required=False, help_text=_("Needed for a refusal: who asked for it reads it.")
    )


class DisposeForm(ActionForm):
    """What becomes of a machine that came back."""

    way = forms.ChoiceField(
        label=_("What becomes of it"),
        choices=lambda: [("", ""), ("scrap", _("scrap")), ("refurbish", pgettext_lazy("a machine", "refurbish into stock"))],
    )
    place = forms.ChoiceField(
        label=pgettext_lazy("a machine stands", "At"), required=False, help_text=_("For a refurbished machine.")
    )
    reason = forms.CharField(label=_("Why"), max_length=300)

    def __init__(self, *args: Any, places: Iterable[Place] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = [("", ""), *((str(place.pk), f"{place.name} · {Place.Kind(place.kind).label}") for place in places)]
        self.fields["place"].choices = stores  # type: ignore[attr-defined]


class UseForm(ActionForm):
    """A part that was put in."""

    part = _part()
    place = forms.ChoiceField(label=pgettext_lazy("parts", "From"), required=False)
    old_serial = forms.CharField(
        label=_("Serial of the old part"), max_length=80, required=False, widget=forms.TextInput(attrs=CODE)
    )
    new_serial = forms.CharField(
        label=_("Serial of the new part"), max_length=80, required=False, widget=forms.TextInput(attrs=CODE)
    )

    def __init__(self, *args: Any, places: Iterable[Place] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = [("", _("the nearest that has it")), *((str(place.pk), place.name) for place in places)]
        self.fields["place"].choices = near  # type: ignore[attr-defined]


class OrderForm(ActionForm):
    """A part that a visit lacks."""

    part = _part()
    quantity = _quantity()
    consent = forms.BooleanField(
        label=_("The customer agrees that we wait for it"),
        required=False,
        help_text=_("Only then do the other promised times wait."),
    )


class ReserveForm(ActionForm):
    """Parts that are kept for the order."""

    part = _part()
    quantity = _quantity()
    place = forms.ChoiceField(label=pgettext_lazy("parts are reserved", "At"))

    def __init__(self, *args: Any, places: Iterable[Place] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(str(place.pk), place.name) for place in places]  # type: ignore[attr-defined]
