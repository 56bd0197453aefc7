"""What customers fill in on the portal."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jieli.cases.rules.own_fields import PLACES, WHOLE_DIGITS
from jieli.customers.actions import find_device
from jieli.intake.actions.reporting import Report
from jieli.intake.rules.needs import Need
from jieli.lib import clock
from jieli.lib.text import is_phone, normalise_phone, strip_control
from jieli.people.queries import local_date
from jieli.policies.queries import current
from jieli.policies.schemas.fields import CustomField

LONGEST_DESCRIPTION = 5000
SHORTEST_PHONE = 7  # 110 and 12345 are numbers, but nobody's own


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


class PlainText(forms.CharField):
    """A text without characters that nobody can read."""

    def to_python(self, value: Any) -> str:
        """Return the text, cleaned."""
        return strip_control(super().to_python(value) or "").strip()


class AskedByServer(forms.TextInput):
    """A field whose need depends on another one: the browser does not insist on it by itself."""

    def use_required_attribute(self, initial: Any) -> bool:
        """Leave it to the script, and to the server."""
        return False


class Honeypot(forms.Form):
    """A field that people do not see; a program that fills in everything gives itself away."""

    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def clean_website(self) -> str:
        """Refuse what no person could have filled in; the page says what to do, should it be a person after all."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(
                _("A field that people do not see was filled in, perhaps by a program. Please send it once more.")
            )
        return ""


class Once(forms.Form):
    """The random mark of one form: sent twice, it acts once."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_once(self) -> str:
        """Return the mark; a form without one gets a mark of its own."""
        return str(self.cleaned_data.get("once") or uuid.uuid4())


class ReportForm(Honeypot, Once):
    """All questions of one need; the page asks them one at a time."""

    serial = PlainText(
        label=_("Serial number"),
        max_length=80,
        required=False,
        help_text=_("On the sticker of the device. Leave it empty if you cannot find it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    product_line = PlainText(
        label=_("What kind of device is it?"),
        max_length=60,
        required=False,
        help_text=_("For example: washing machine, air conditioner, water heater. Not needed when we know your serial number."),
        widget=AskedByServer(attrs={"data-needed-without": "serial"}),
    )
    description = PlainText(max_length=LONGEST_DESCRIPTION, widget=forms.Textarea(attrs={"rows": 5}))
    address = PlainText(
        label=_("Where shall we come to?"),
        max_length=500,
        required=False,
        help_text=_("City, street, house, floor and door."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "street-address"}),
    )
    latitude = forms.DecimalField(required=False, min_value=-90, max_value=90, max_digits=20, widget=forms.HiddenInput)
    longitude = forms.DecimalField(required=False, min_value=-180, max_value=180, max_digits=20, widget=forms.HiddenInput)
    name = PlainText(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = PlainText(
        label=_("Your phone number"),
        max_length=40,
        help_text=_("We call only about this case."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(self, need: Need, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        self.need = need
        self.fields["description"].label = str(need.question)
        self.fields["description"].help_text = str(need.example)
        if not need.asks_device:
            del self.fields["serial"], self.fields["product_line"]
        elif need.asks_address:
            self.fields["product_line"].required = not self._is_known_device()
        if need.asks_address:
            self.fields["address"].required = True
        else:
            del self.fields["address"], self.fields["latitude"], self.fields["longitude"]
        self.asked: list[CustomField] = [one for one in current("fields").data.of(need.kind) if one.portal]
        for one in self.asked:
            self.fields[f"custom_{one.name}"] = _field_of(one)

    @property
    def device_fields(self) -> list[forms.BoundField]:
        """Return the questions about the device."""
        return [self[name] for name in ("serial", "product_line") if name in self.fields]

    def _is_known_device(self) -> bool:
        """Tell whether the serial number that is given is that of a device whose product line we know."""
        serial = self.data.get("serial", "") if self.is_bound else self.initial.get("serial", "")
        device = find_device(strip_control(str(serial))[:80]) if serial else None
        return device is not None and bool(device.product_line)

    @property
    def custom_fields(self) -> list[forms.BoundField]:
        """Return the company's own questions."""
        return [self[f"custom_{one.name}"] for one in self.asked]

    def clean_phone(self) -> str:
        """Refuse what nobody can call."""
        phone = str(self.cleaned_data["phone"])
        if not is_phone(phone) or len(normalise_phone(phone)) < SHORTEST_PHONE:
            raise forms.ValidationError(
                _("This does not look like a phone number. Write it like 138 1234 5678 or 010-8888 8888.")
            )
        return phone

    def clean(self) -> dict[str, Any]:
        """Keep a place only when it is whole."""
        values: dict[str, Any] = super().clean() or {}
        place = [values.get("latitude"), values.get("longitude")]
        if None in place:
            values["latitude"] = values["longitude"] = None
        return values

    def report(self, *, channel: str) -> Report:
        """Return what was filled in; only after `is_valid`."""
        values = self.cleaned_data
        return Report(
            need=self.need,
            description=values["description"],
            name=values["name"],
            phone=values["phone"],
            once=values["once"],
            serial=values.get("serial", ""),
            product_line=values.get("product_line", ""),
            address=values.get("address", ""),
            latitude=_place(values.get("latitude")),
            longitude=_place(values.get("longitude")),
            channel=channel,
            language=_language(),
            custom=self._custom(),
        )

    def _custom(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in self.asked:
            value = self.cleaned_data.get(f"custom_{one.name}")
            if value in (None, ""):
                continue
            if one.type == "boolean":
                found[one.name] = value == "yes"
            else:
                found[one.name] = format(value, "f") if isinstance(value, Decimal) else str(value)
        return found


def _place(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("0.000001"))


def _field_of(one: CustomField) -> forms.Field:
    said: dict[str, Any] = {"label": one.label.in_language(_language()), "required": one.required}
    if one.type == "boolean":
        return forms.ChoiceField(choices=[("yes", _("yes")), ("no", _("no"))], widget=forms.RadioSelect, **said)
    if one.type == "choice":
        choices = [(choice.code, choice.label.in_language(_language())) for choice in one.choices]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **said)
    if one.type == "date":
        today = local_date(clock.now())
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date", "min": today.isoformat()}), **said)
    if one.type == "number":
        return forms.DecimalField(max_digits=WHOLE_DIGITS + PLACES, decimal_places=PLACES, **said)
    return PlainText(max_length=200, **said)


class FollowForm(forms.Form):
    """Number and code; a whole link may be pasted as either."""

    use_required_attribute = False  # a pasted link needs no code beside it

    number = PlainText(
        label=_("Case number"),
        max_length=300,
        help_text=_("For example J-1048-2263-7. You may also paste your whole link here."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    code = PlainText(
        label=pgettext_lazy("of a link", "Code"),
        max_length=100,
        help_text=_("The letters after the number in your link. Capitals matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Take number and code out of a pasted link."""
        values: dict[str, Any] = super().clean() or {}
        number = str(values.get("number") or "")
        if "/t/" in number:
            parts = number.partition("/t/")[2].split("/")
            values["number"], values["code"] = parts[0], parts[1] if len(parts) > 1 else ""
            if values["code"]:
                self.errors.pop("code", None)
        return values


class LostLinkForm(Honeypot):
    """Number and phone or e-mail of somebody who lost the link."""

    number = PlainText(
        label=_("Case number"),
        max_length=30,
        help_text=_("For example J-1048-2263-7."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    contact = PlainText(
        label=_("Your telephone number or e-mail address"),
        max_length=254,
        help_text=_("The one that you gave us when you reported the need."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "autocapitalize": "none"}),
    )

    def clean_contact(self) -> str:
        """Ask for something that can be a phone or an e-mail address."""
        text = str(self.cleaned_data["contact"])
        if "@" not in text and not normalise_phone(text):
            raise forms.ValidationError(_("Please write a telephone number or an e-mail address."))
        return text


class WriteForm(Once):
    """Words to us, with files beside; files alone are enough."""

    use_required_attribute = False

    body = PlainText(label=_("Write to us"), max_length=LONGEST_DESCRIPTION, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        """Ask for words only when nothing else comes."""
        values: dict[str, Any] = super().clean() or {}
        if self.files.getlist("files") and "body" not in values and len(self.data.get("body", "")) <= LONGEST_DESCRIPTION:
            self.errors.pop("body", None)
            values["body"] = ""
        return values


class ReasonForm(forms.Form):
    """Why a case is called off or reopened."""

    reason = PlainText(label=_("Why?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
