"""What people type on the pages of people, turned into clean values."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django import forms
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.events.refusals import Refused
from jieli.people import queries, rules
from jieli.people.models import Role, Staff, Unit

T = TypeVar("T")


class ActionForm(forms.Form):
    """A form whose values go to one action, and which shows the action's refusal beside its fields."""

    required_css_class = ""

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
                if name in self.fields:
                    self.add_error(name, str(text))
                else:
                    self.add_error(None, str(text))
            return None


class PersonField(forms.CharField):
    """A person by login name or full name, with suggestions from the page's list `people-list`."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "people-list", "autocomplete": "off", "spellcheck": "false"})
        kwargs.setdefault("widget", widget)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Return the person; an empty optional field is None."""
        text = super().clean(value)
        if not text:
            return None
        found = queries.person_named(text)
        if found is None:
            raise forms.ValidationError(_("Nobody active is called this, or more than one is: type the login name."))
        return found


class CodesField(forms.CharField):
    """Codes between commas; the clean value is a list."""

    def clean(self, value: Any) -> Any:
        """Return the codes, each once, in order."""
        return rules.split_typed_list(super().clean(value) or "")

    def prepare_value(self, value: Any) -> Any:
        """Write a list as it is read."""
        return ", ".join(value) if isinstance(value, list) else value


def person_text(staff: Staff | None) -> str:
    """Write a person as `PersonField` reads it."""
    return "" if staff is None else f"{staff.name} ({staff.code})"


def unit_choices(*, blank: str | Lazy = "") -> list[tuple[str, str | Lazy]]:
    """Return the active units for a select, indented by their depth."""
    choices: list[tuple[str, str | Lazy]] = [(str(pk), label) for pk, label in queries.unit_options()]
    return [("", blank), *choices] if blank else choices


class UnitField(forms.TypedChoiceField):
    """A unit out of the tree; the clean value is its id."""

    def __init__(self, *, blank: str | Lazy = "", **kwargs: Any) -> None:
        super().__init__(choices=lambda: unit_choices(blank=blank), coerce=int, empty_value=None, **kwargs)


class LocalDateTimeField(forms.DateTimeField):
    """An instant by the company's clock."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)


class DayField(forms.DateField):
    """A calendar day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def calendar_choices() -> list[tuple[str, str]]:
    """Return the calendars of the present policy for a select."""
    return [(hours.code, f"{queries.calendar_label(hours)} ({hours.code})") for hours in queries.all_calendar_hours()]


class SignInForm(forms.Form):
    """The login name and the password, as typed."""

    username = forms.CharField(label=_("Login name"), max_length=64)
    password = forms.CharField(label=_("Password"), max_length=200, strip=False, widget=forms.PasswordInput)


class LanguageForm(ActionForm):
    """The language of the pages."""

    language = forms.ChoiceField(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])


class OwnPasswordForm(ActionForm):
    """One's own password, changed."""

    old = forms.CharField(
        label=_("Present password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 10 characters, not a common word."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean_again(self) -> str:
        """Refuse two different new passwords."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("The two new passwords differ."))
        return again


class PasswordForm(ActionForm):
    """Another person's password, set by an administrator."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 10 characters, not a common word."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class StaffFilterForm(forms.Form):
    """What the list of staff shows."""

    q = forms.CharField(
        label=_("Name or login name"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    unit = UnitField(label=_("Unit"), required=False, blank=_("all"))
    role = forms.ChoiceField(label=_("Role"), required=False, choices=lambda: [("", _("all")), *Role.choices])
    left = forms.BooleanField(label=_("Also those who left"), required=False)


class StaffForm(ActionForm):
    """A person's record."""

    name = forms.CharField(label=_("Name"), max_length=200)
    unit = UnitField(label=_("Unit"))
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40)
    language = forms.ChoiceField(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])
    hired_on = DayField(label=_("Hired on"), required=False)
    product_lines = CodesField(
        label=_("Product lines"),
        required=False,
        max_length=4000,
        help_text=_("Codes of the product lines this person knows, with commas between; assignment by skill asks for them."),
    )
    languages = CodesField(
        label=_("Further languages"),
        required=False,
        max_length=400,
        help_text=_("Codes such as zh or en, with commas between; the language of the pages counts anyway."),
    )
    areas = CodesField(
        label=_("Areas"),
        required=False,
        max_length=4000,
        help_text=_("Codes of areas, with commas between; the region of the unit counts anyway."),
    )


class HireForm(StaffForm):
    """A new person, with first roles and a first password."""

    code = forms.CharField(label=_("Login name"), max_length=64)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), required=False, choices=lambda: Role.choices, widget=forms.CheckboxSelectMultiple
    )
    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        help_text=_("Empty: nobody can log in with this account until a password is set."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = [
        "name",
        "code",
        "unit",
        "roles",
        "email",
        "phone",
        "language",
        "hired_on",
        "product_lines",
        "languages",
        "areas",
        "password",
    ]


class RoleForm(ActionForm):
    """A role in a unit."""

    role = forms.ChoiceField(label=_("Role"), choices=lambda: Role.choices)
    unit = UnitField(label=_("In the unit and below"))


class AbsenceForm(ActionForm):
    """From when to when somebody is away."""

    starts_at = LocalDateTimeField(label=_("From"))
    ends_at = LocalDateTimeField(label=_("Until"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)


class DeputyForm(ActionForm):
    """Who stands in, and from which day to which."""

    deputy = PersonField(label=_("Deputy"))
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("To and including"), required=False, help_text=_("Empty: until further notice."))
    order = forms.IntegerField(label=_("Order"), min_value=1, max_value=99, initial=1, help_text=_("1 is asked first."))


class TokenForm(ActionForm):
    """A key for a program."""

    name = forms.CharField(label=_("What it is for"), max_length=120)
    role = forms.ChoiceField(label=_("Role"), choices=lambda: Role.choices)
    unit = UnitField(label=_("In the unit and below"))
    scopes = forms.MultipleChoiceField(
        label=_("Narrowed to"),
        required=False,
        choices=[("read", _("read")), ("write", _("write")), ("settle", _("settle"))],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing ticked: everything the role allows."),
    )


class UnitForm(ActionForm):
    """A unit's record."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind of unit"), choices=lambda: Unit.Kind.choices)
    parent = UnitField(label=_("Belongs to"), required=False, blank=_("the root"))
    leader = PersonField(label=_("Leader"), required=False)
    region = forms.CharField(label=_("Region"), required=False, max_length=120)
    calendar = forms.ChoiceField(label=_("Calendar"), choices=calendar_choices)


class NewUnitForm(UnitForm):
    """A new unit."""

    code = forms.CharField(label=_("Code"), max_length=64)
    field_order = ["name", "code", "kind", "parent", "leader", "region", "calendar"]


class ChangeUnitForm(UnitForm):
    """A unit's record, with whether it still works."""

    is_active = forms.BooleanField(label=_("Active"), required=False)


class ClosureForm(ActionForm):
    """A day on which a unit keeps other hours."""

    on = DayField(label=_("Day"))
    hours = forms.CharField(
        label=_("Hours"),
        required=False,
        help_text=_("Like 09:00-12:00, 13:00-18:00. Empty: closed all day."),
        widget=forms.TextInput(attrs={"placeholder": "09:00-12:00, 13:00-18:00"}),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def clean_hours(self) -> rules.Intervals:
        """Return the intervals."""
        try:
            return rules.parse_intervals(self.cleaned_data["hours"])
        except ValueError as error:
            raise forms.ValidationError(_("These hours cannot be read: %(piece)s") % {"piece": error}) from error


class ShiftForm(ActionForm):
    """A person's duty on a day; an end at or before the start is on the next day."""

    staff = PersonField(label=_("Duty officer"))
    on = DayField(label=_("Day"))
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(
        label=_("Until"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("A time not after the start is on the next day."),
    )
    days = forms.IntegerField(label=_("On so many days in a row"), min_value=1, max_value=31, initial=1, required=False)

    def shifts(self) -> list[tuple[datetime, datetime]]:
        """Return the start and end of each day's shift, by the company's clock."""
        values = self.cleaned_data
        return [
            _stretch(values["on"] + timedelta(days=number), values["starts"], values["ends"])
            for number in range(values["days"] or 1)
        ]


def _stretch(on: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    zone = queries.company_zone()
    last = on if ends > starts else on + timedelta(days=1)
    return datetime.combine(on, starts, tzinfo=zone), datetime.combine(last, ends, tzinfo=zone)


class CompanyDutyForm(ActionForm):
    """The last place where a case can land."""

    staff = PersonField(label=_("Duty officer of the company"))


class TesterForm(forms.Form):
    """A question to a calendar: what is so many working minutes or days from then."""

    unit = UnitField(label=_("Closures of"), required=False, blank=_("no unit"))
    start = LocalDateTimeField(label=_("Start"))
    amount = forms.IntegerField(label=pgettext_lazy("how many", "Amount"), min_value=0, max_value=100_000)
    mode = forms.ChoiceField(label=_("Counted in"), choices=[("minutes", _("working minutes")), ("days", _("working days"))])
