"""What people type about the network, turned into clean values."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.functional import Promise as Lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Refused
from jieli.network.models import Document, Engineer, LicencePosting, Outlet, Provider, Skill
from jieli.network.queries.pages import product_lines, regions
from jieli.network.rules.licence import BEGINNINGS
from jieli.network.rules.shifts import read_week, write_week
from jieli.network.rules.words import product_choices
from jieli.people.models import Staff
from jieli.people.queries import person_named, unit_options
from jieli.policies.codes import ServiceType
from jieli.policies.queries import current

T = TypeVar("T")
Choices = list[tuple[Any, str | Lazy]]


class ActionForm(forms.Form):
    """A form whose values go to one action, and which shows the action's refusal beside its fields."""

    names: dict[str, str] = {}
    """Fields of an action by the name that they have in it, where it differs."""

    def attempt(self, act: Callable[[dict[str, Any]], T]) -> T | None:
        """Run `act` with the clean values; None when the values or the action were refused, with the errors in the form."""
        if not self.is_valid():
            return None
        try:
            return act(self.cleaned_data)
        except Refused as refused:
            if not refused.fields:
                self.add_error(None, str(refused))
            for name, text in refused.fields.items():
                known = self.names.get(name, name)
                self.add_error(known if known in self.fields else None, str(text))
            return None


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=kwargs.pop("required", False), widget=widget, **kwargs)


class WeekField(forms.CharField):
    """Hours of a week, as a text such as ``mon-fri 08:00-18:00``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("For example: mon-fri 08:00-12:00 13:00-18:00; sat 09:00-12:00"))
        super().__init__(required=False, max_length=500, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Write stored hours as text."""
        return write_week(value) if isinstance(value, dict) else value

    def clean(self, value: Any) -> Any:
        """Return the hours by weekday."""
        try:
            return read_week(super().clean(value))
        except ValueError:
            words = _("Hours are given like: mon-fri 08:00-12:00 13:00-18:00; sat 09:00-12:00")
            raise forms.ValidationError(words) from None


class CodesField(forms.CharField):
    """Codes between commas or semicolons; the clean value is a list."""

    def prepare_value(self, value: Any) -> Any:
        """Write a stored list as text."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the codes, each once."""
        text = super().clean(value).replace(";", ",").replace("，", ",").replace("、", ",")
        return list(dict.fromkeys(part for part in (one.strip() for one in text.split(",")) if part))


class ColleagueField(forms.CharField):
    """A person by login name or full name."""

    def clean(self, value: Any) -> Any:
        """Return the person; an empty optional field is None."""
        text = super().clean(value)
        if not text:
            return None
        found = person_named(text)
        if found is None:
            raise forms.ValidationError(_("Nobody active is called this, or more than one is: type the login name."))
        return found


def all_first(choices: Choices, words: str | Lazy) -> Choices:
    """Return choices with "all" before them."""
    return [("", words), *choices]


class OutletFilter(forms.Form):
    """The filter above the list of outlets."""

    q = forms.CharField(
        label=_("Name or code"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    tier = forms.ChoiceField(label=pgettext_lazy("an outlet", "Tier"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    product_line = forms.ChoiceField(label=_("Product line"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "tier", list(Outlet.Tier.choices))
        _choose(self, "region", [(one, one) for one in regions()])
        _choose(self, "status", list(Outlet.Status.choices))
        _choose(self, "product_line", list(product_choices(product_lines())))


class EngineerFilter(forms.Form):
    """The filter above the list of engineers."""

    q = forms.CharField(
        label=_("Name or code"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    standing = forms.ChoiceField(label=_("Standing"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False)
    product_line = forms.ChoiceField(label=_("Product line"), required=False)
    outlet = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(
            self,
            "standing",
            [
                ("good", _("normal or better")),
                ("warning", pgettext_lazy("licence", "warning")),
                ("revoked", pgettext_lazy("licence", "revoked")),
                ("expired", _("licence expired")),
            ],
        )
        _choose(self, "level", list(Engineer.Level.choices))
        _choose(self, "product_line", list(product_choices(product_lines())))


def _choose(form: forms.Form, name: str, choices: Choices) -> None:
    form.fields[name].choices = all_first(choices, _("all"))  # type: ignore[attr-defined]


class TextFilter(forms.Form):
    """The filter above the list of providers."""

    q = forms.CharField(
        label=_("Name or code"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )


class ProviderForm(ActionForm):
    """A provider; `seen_at` tells whether somebody else saved meanwhile."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.CharField(label=_("Code"), max_length=64)
    legal_person = forms.CharField(label=_("Legal representative"), max_length=100, required=False)
    registration_number = forms.CharField(label=_("Registration number"), max_length=60, required=False)
    capital_amount = forms.DecimalField(label=_("Registered capital"), min_value=0, decimal_places=2, required=False)
    contract_number = forms.CharField(label=_("Contract number"), max_length=60, required=False)
    contract_from = _day(_("Contract from"))
    contract_until = _day(_("Contract until"))
    is_exclusive = forms.BooleanField(label=_("Works for us alone"), required=False)
    bank_name = forms.CharField(label=_("Bank"), max_length=120, required=False)
    bank_holder = forms.CharField(label=_("Account holder"), max_length=120, required=False)
    bank_account = forms.CharField(label=_("Bank account"), max_length=60, required=False)
    contact_name = forms.CharField(label=_("Contact"), max_length=100, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    status = forms.ChoiceField(label=_("Status"), choices=Provider.Status.choices)
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sees_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_account:
            del self.fields["bank_account"]


class OutletForm(ActionForm):
    """An outlet; the unit's own fields are asked for a new one only."""

    names = {"provider_id": "provider"}

    code = forms.CharField(label=_("Code"), max_length=64)
    name = forms.CharField(label=_("Name"), max_length=200)
    parent = forms.TypedChoiceField(label=_("Belongs to"), coerce=int)
    provider = forms.ModelChoiceField(label=_("Provider"), queryset=Provider.objects.none(), required=False)
    type = forms.ChoiceField(label=_("Type"), choices=Outlet.Type.choices)
    tier = forms.ChoiceField(label=pgettext_lazy("an outlet", "Tier"), choices=Outlet.Tier.choices)
    region = forms.CharField(label=_("Region"), max_length=60, required=False)
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    district = forms.CharField(label=_("District code"), max_length=20, required=False)
    latitude = forms.DecimalField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.DecimalField(label=_("Longitude"), required=False, min_value=-180, max_value=180)
    radius_km = forms.DecimalField(
        label=_("Service radius, km"),
        required=False,
        min_value=0,
        max_value=200,
        help_text=_("Counts only when the outlet has no areas. Empty: as the policy says."),
    )
    product_lines = CodesField(
        label=_("Product lines"), required=False, help_text=_("Codes between commas. Empty: every product line.")
    )
    capacity_per_day = forms.IntegerField(label=_("Orders a day"), required=False, min_value=0, max_value=100_000)
    hours = WeekField(
        label=_("Opening hours"),
        help_text=_("For example: mon-fri 08:00-12:00 13:00-18:00; sat 09:00-12:00. Empty: those of the unit's calendar."),
    )
    contract_number = forms.CharField(label=_("Contract number"), max_length=60, required=False)
    contract_from = _day(_("Contract from"))
    contract_until = _day(_("Contract until"))
    deposit_amount = forms.DecimalField(label=_("Deposit"), min_value=0, decimal_places=2, required=False)
    bank_account = forms.CharField(label=_("Bank account"), max_length=60, required=False)
    contact_name = forms.CharField(label=_("Contact"), max_length=100, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool, sees_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = Provider.objects.order_by("name")  # type: ignore[attr-defined]
        if is_new:
            self.fields["parent"].choices = unit_options()  # type: ignore[attr-defined]
        else:
            for name in ("code", "name", "parent"):
                del self.fields[name]
        if not sees_account:
            del self.fields["bank_account"]


class ReasonForm(ActionForm):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class AreaForm(ActionForm):
    """One more area: a district or an outline."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        help_text=_("Of a district with its city, as addresses begin: they are found by it."),
    )
    district = forms.CharField(
        label=_("District code"),
        max_length=20,
        required=False,
        help_text=_("Six digits of GB/T 2260, for example 370202; 370200 stands for the whole city."),
    )
    polygon = forms.CharField(
        label=_("Outline"),
        required=False,
        max_length=500_000,
        help_text=_("GeoJSON of a Polygon or MultiPolygon, instead of a district code."),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def clean_polygon(self) -> Any:
        """Return the GeoJSON, None when there is none."""
        text = self.cleaned_data["polygon"].strip()
        if not text:
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("This is no GeoJSON.")) from None


class NewDocumentForm(ActionForm):
    """A paper of a provider, an outlet or an engineer."""

    kind = forms.ChoiceField(label=_("Kind of document"))
    number = forms.CharField(label=_("Number"), max_length=80, required=False)
    issued_on = _day(_("Issued on"))
    expires_on = _day(_("Valid until"), help_text=_("Empty: it does not expire."))

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        kinds = [kind for kind in current("network").data.documents if of in kind.of]
        self.fields["kind"].choices = [(kind.code, kind.label.in_language(language)) for kind in kinds]  # type: ignore[attr-defined]


class RenewalForm(ActionForm):
    """The new days of a paper."""

    number = forms.CharField(label=_("Number"), max_length=80, required=False)
    issued_on = _day(_("Issued on"))
    expires_on = _day(_("Valid until"), required=True)


class EngineerForm(ActionForm):
    """An engineer; the person is asked for a new one only."""

    names = {"outlet_id": "outlet"}

    person = ColleagueField(label=_("Person"), max_length=250, help_text=_("Login name or full name."))
    outlet = forms.ModelChoiceField(label=_("Outlet"), queryset=Outlet.objects.none(), required=False)
    level = forms.ChoiceField(label=_("Level"), choices=Engineer.Level.choices)
    licence_number = forms.CharField(label=_("Licence number"), max_length=60, required=False)
    licence_issued_on = _day(_("Licence issued on"))
    licence_expires_on = _day(_("Licence valid until"))
    capacity_per_day = forms.IntegerField(
        label=_("Orders a day"), required=False, min_value=0, max_value=1000, help_text=_("Empty: as the policy says.")
    )
    shifts = WeekField(
        label=_("Shifts"),
        help_text=_("For example: mon-fri 08:00-12:00 13:00-18:00; sat 09:00-12:00. Empty: the hours of the outlet."),
    )
    vehicle = forms.ChoiceField(label=_("Vehicle"), choices=Engineer.Vehicle.choices)
    home_address = forms.CharField(label=_("Home address"), max_length=300, required=False)
    home_latitude = forms.DecimalField(label=_("Home latitude"), required=False, min_value=-90, max_value=90)
    home_longitude = forms.DecimalField(label=_("Home longitude"), required=False, min_value=-180, max_value=180)
    ended_on = _day(_("Left on"))
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outlets = Outlet.objects.working().select_related("unit").order_by("unit__code")
        self.fields["outlet"].queryset = outlets  # type: ignore[attr-defined]
        for name in ("ended_on",) if is_new else ("person",):
            del self.fields[name]


class ShiftsForm(ActionForm):
    """The week of an engineer, and how many orders a day."""

    shifts = WeekField(
        label=_("Shifts"),
        help_text=_("For example: mon-fri 08:00-12:00 13:00-18:00; sat 09:00-12:00. Empty: the hours of the outlet."),
    )
    capacity_per_day = forms.IntegerField(
        label=_("Orders a day"), required=False, min_value=0, max_value=1000, help_text=_("Empty: as the policy says.")
    )


class SkillForm(ActionForm):
    """One product line of an engineer."""

    product_line = forms.CharField(label=_("Product line"), max_length=60, help_text=_("A code, for example washing_machine."))
    level = forms.TypedChoiceField(label=pgettext_lazy("skill", "Level"), choices=Skill.Level.choices, coerce=int)
    service_types = forms.MultipleChoiceField(
        label=_("Service types"),
        choices=ServiceType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: all of them."),
    )
    valid_until = _day(_("Valid until"))


class PointsForm(ActionForm):
    """Points by hand, for a case."""

    kind = forms.ChoiceField(label=pgettext_lazy("licence", "What happened"))
    case_number = forms.CharField(label=_("Case"), max_length=20, help_text=_("Its number, such as J-1048-2263-7."))
    note = forms.CharField(label=_("In words"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = current("licence").data.points
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind, f"{label} ({points.of(kind):+d})") for kind, label in LicencePosting.Kind.choices if kind not in BEGINNINGS
        ]


class NoteForm(ActionForm):
    """A note that may stay empty."""

    note = forms.CharField(label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class CoachForm(ActionForm):
    """Who coaches."""

    names = {"coach": "coach"}

    coach = ColleagueField(
        label=_("Coach"), max_length=250, required=False, help_text=_("Login name or full name. Empty: nobody.")
    )


class AppealForm(ActionForm):
    """Why a posting is not right."""

    reason = forms.CharField(label=_("Why the posting is not right"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))


class DecisionForm(ActionForm):
    """How an appeal ends, and why."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("upheld", _("Upheld: the posting no longer counts")), ("refused", _("Refused: it counts"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))


def values_of(row: Outlet | Engineer | Provider | Document, form: type[forms.Form]) -> dict[str, Any]:
    """Return what a form begins with: the row's own values, and when it was last saved."""
    values = {name: getattr(row, name) for name in form.base_fields if hasattr(row, name)}
    for name in ("provider", "outlet"):
        if name in values:
            values[name] = getattr(row, f"{name}_id")
    if hasattr(row, "changed_at"):
        values["seen_at"] = row.changed_at.isoformat()
    return values


def field_values(clean: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a form as the actions take them: keys instead of rows, without what is no field."""
    values = {name: value for name, value in clean.items() if name not in ("seen_at", "code", "name", "parent", "person")}
    for name in ("provider", "outlet"):
        if name in values:
            row = values.pop(name)
            values[f"{name}_id"] = row.pk if isinstance(row, Provider | Outlet) else None
    return values


def staff_of(clean: dict[str, Any], name: str) -> int | None:
    """Return the key of a person in a form."""
    person = clean.get(name)
    return person.pk if isinstance(person, Staff) else None
