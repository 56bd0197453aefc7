"""What people type about customers and devices, turned into clean values."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.customers.models import Contact, Customer, Device, Tier
from jieli.customers.queries import masked_values
from jieli.customers.refusals import ChangedMeanwhile
from jieli.customers.rules import SEGMENT_FILTERS
from jieli.events.refusals import Refused

T = TypeVar("T")
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]


class ActionForm(forms.Form):
    """A form whose values go to one action, and which shows the action's refusal beside its fields."""

    def attempt(self, act: Callable[[dict[str, Any]], T]) -> T | None:
        """Run `act` with the clean values; None when the values or the action were refused, with the errors in the form.

        ChangedMeanwhile passes through: the page shows both versions.
        """
        if not self.is_valid():
            return None
        try:
            return act(self.cleaned_data)
        except ChangedMeanwhile:
            raise
        except Refused as refused:
            for name, text in refused.fields.items():
                self.add_error(name if name in self.fields else None, str(text))
            if not refused.fields:
                self.add_error(None, str(refused))
            return None


def tier_filter_choices() -> list[tuple[str, Any]]:
    """Return the tiers with "all" before them."""
    return [("", _("all tiers")), *Tier.choices]


def kind_filter_choices() -> list[tuple[str, Any]]:
    """Return the kinds of customers with "all" before them."""
    return [("", _("persons and organisations")), *Customer.Kind.choices]


def month_choices() -> list[tuple[str, Any]]:
    """Return the months with "any" before them."""
    return [("", _("any month")), *((str(number), name) for number, name in MONTHS.items())]


class CustomerFilter(forms.Form):
    """The filter above the list of customers."""

    q = forms.CharField(
        label=_("Name, phone or serial number"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    tier = forms.ChoiceField(label=_("Tier"), required=False, choices=tier_filter_choices)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=kind_filter_choices)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("all languages")), *LANGUAGES])
    product_line = forms.CharField(label=_("Has a device of this line"), required=False, max_length=80)
    purpose = forms.CharField(label=_("Agrees to"), required=False, max_length=60)
    born_in = forms.ChoiceField(label=_("Birthday in"), required=False, choices=month_choices)

    def filters(self) -> dict[str, str]:
        """Return what a segment of this list would keep: everything but the words."""
        values = self.cleaned_data if self.is_valid() else {}
        return {name: values[name] for name in SEGMENT_FILTERS if values.get(name)}


def temperament_form_choices() -> list[tuple[str, Any]]:
    """Return the temperaments with "unknown" before them."""
    return [("", _("unknown")), *Customer.Temperament.choices]


class CustomerForm(ActionForm):
    """All that people write about a customer; `seen_at` tells whether somebody else saved meanwhile."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Customer.Kind.choices)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    address = forms.CharField(label=_("Address"), max_length=500, required=False)
    latitude = forms.DecimalField(label=_("Latitude"), required=False, min_value=-90, max_value=90, max_digits=12)
    longitude = forms.DecimalField(label=_("Longitude"), required=False, min_value=-180, max_value=180, max_digits=12)
    birthday = forms.DateField(
        label=_("Birthday"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", "–"), *LANGUAGES])
    code = forms.CharField(label=_("Customer code"), max_length=60, required=False)
    preferences = forms.CharField(label=_("Preferences"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    temperament = forms.ChoiceField(
        label=_("Temperament"),
        required=False,
        choices=temperament_form_choices,
        help_text=_("Your guess, as a help for colleagues; it goes nowhere else."),
    )
    value = forms.DecimalField(
        label=pgettext_lazy("of a customer", "Value"), required=False, min_value=0, max_value=100, decimal_places=2
    )
    importance = forms.DecimalField(
        label=pgettext_lazy("of a customer", "Importance"), required=False, min_value=0, max_value=100, decimal_places=2
    )
    potential = forms.DecimalField(
        label=pgettext_lazy("of a customer", "Potential"), required=False, min_value=0, max_value=100, decimal_places=2
    )
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, may_judge: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_judge:
            for name in ("value", "importance", "potential"):
                del self.fields[name]


class ContactForm(ActionForm):
    """A contact of a customer."""

    name = forms.CharField(label=_("Name"), max_length=200)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    role = forms.CharField(label=pgettext_lazy("of a contact", "Role"), max_length=100, required=False)


class DeviceForm(ActionForm):
    """A device."""

    serial = forms.CharField(label=_("Serial number"), max_length=80, required=False)
    product_line = forms.CharField(label=_("Product line"), max_length=80, required=False)
    model = forms.CharField(label=_("Model"), max_length=120, required=False)
    bought_on = forms.DateField(
        label=_("Bought on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    warranty_until = forms.DateField(
        label=_("Warranty until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    extended_warranty_until = forms.DateField(
        label=_("Extended warranty until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    genuine = forms.TypedChoiceField(
        label=_("Genuine"),
        required=False,
        choices=[("", _("unknown")), ("true", _("yes")), ("false", _("no"))],
        coerce=lambda text: text == "true",
        empty_value=None,
    )
    produced_on = forms.DateField(
        label=_("Produced on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    production_line = forms.CharField(label=_("Production line"), max_length=80, required=False)
    batch = forms.CharField(label=_("Batch"), max_length=80, required=False)
    supplier = forms.CharField(label=_("Supplier"), max_length=120, required=False)
    delivery_route = forms.CharField(label=_("Delivery route"), max_length=200, required=False)
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)


class DeviceFilter(forms.Form):
    """The filter above the list of devices; a batch is what a recall asks for."""

    serial = forms.CharField(
        label=_("Serial number"), required=False, max_length=80, widget=forms.TextInput(attrs={"type": "search"})
    )
    batch = forms.CharField(label=_("Batch"), required=False, max_length=80)
    product_line = forms.CharField(label=_("Product line"), required=False, max_length=80)


class AddressForm(ActionForm):
    """A further address of a customer."""

    name = forms.CharField(label=_("Name of the place"), max_length=60, required=False, help_text=_("Office, parents' home …"))
    text = forms.CharField(label=_("Address"), max_length=500)
    latitude = forms.DecimalField(label=_("Latitude"), required=False, min_value=-90, max_value=90, max_digits=12)
    longitude = forms.DecimalField(label=_("Longitude"), required=False, min_value=-180, max_value=180, max_digits=12)


class SpecialDateForm(ActionForm):
    """A day that matters to a customer."""

    name = forms.CharField(label=_("Which day"), max_length=60, help_text=_("Wedding day, founding of the company …"))
    on = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    is_yearly = forms.BooleanField(label=_("Returns every year"), required=False, initial=True)


class SegmentForm(ActionForm):
    """The name under which a filter is saved."""

    name = forms.CharField(label=_("Name of the segment"), max_length=60)


class OtherCustomerForm(ActionForm):
    """Which other customer: his number on the list, or his code."""

    other = forms.CharField(label=_("Number (#) or code of the other customer"), max_length=60)

    def clean_other(self) -> Customer:
        """Return the customer named."""
        text = self.cleaned_data["other"].strip().lstrip("#")
        found = Customer.objects.present().filter(code=text).first()
        if found is None and text.isdigit() and len(text) < 18:
            found = Customer.objects.present().filter(pk=int(text)).first()
        if found is None:
            raise forms.ValidationError(_("There is no such customer."))
        return found


class ConsentForm(ActionForm):
    """What a customer said to a purpose."""

    purpose = forms.CharField(label=_("Purpose"), max_length=60)
    given = forms.TypedChoiceField(
        label=_("Answer"), choices=[("true", _("agrees")), ("false", _("does not agree"))], coerce=lambda text: text == "true"
    )


class EraseForm(ActionForm):
    """Why the data are erased, and that this is meant."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
    sure = forms.BooleanField(label=_("I know that this cannot be undone."))


class HoldForm(ActionForm):
    """Why and until when the data must be kept."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = forms.DateField(
        label=_("Until"),
        required=False,
        help_text=_("Empty: until it is lifted."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def values_of(row: Customer | Contact | Device, form: type[forms.Form]) -> dict[str, Any]:
    """Return what a form begins with: the row's own values, masked as on the page, and when it was last saved."""
    values = {name: getattr(row, name) for name in form.base_fields if hasattr(row, name)}
    if isinstance(row, Device):
        values["genuine"] = {True: "true", False: "false", None: ""}[row.genuine]
    else:
        values |= masked_values(row)
    if not isinstance(row, Contact):
        values["seen_at"] = row.changed_at.isoformat()
    return values


def changed_values(clean: dict[str, Any], row: Customer | Contact | Device | None = None) -> dict[str, Any]:
    """Return what the person wrote, without the masked values that came back as they were shown."""
    shown = {} if row is None or isinstance(row, Device) else masked_values(row)
    return {name: value for name, value in clean.items() if name != "seen_at" and (not value or shown.get(name) != value)}
