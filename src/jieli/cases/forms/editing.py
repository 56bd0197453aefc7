"""The correction of what is known of a case."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.acts import ActForm
from jieli.cases.forms.fields import ProductLineField, service_type_field, severity_field, words_field
from jieli.cases.forms.own_fields import CaseFieldsMixin, kind_in, typed_custom
from jieli.cases.models import Case
from jieli.customers.models import Device
from jieli.lib.text import mask_address


class EditForm(CaseFieldsMixin, ActForm):
    """All that people correct about a case; `revision` tells whether somebody else saved meanwhile."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    description = words_field(_("Description"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=Case.Kind.choices)
    service_type = service_type_field()
    severity = severity_field(_("not judged yet"), help_text=_("A change plans the running promises anew."))
    product_line = ProductLineField()
    fault_code = forms.CharField(label=_("Fault code"), required=False, max_length=60)
    address = forms.CharField(label=_("Address"), required=False, max_length=500)
    device_id = forms.TypedChoiceField(label=_("Device"), required=False, coerce=int, empty_value=None)
    tags = forms.CharField(label=_("Tags"), required=False, max_length=400, help_text=_("Separated by commas."))
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        case: Case = kwargs["case"]
        kwargs["initial"] = fields_of(case) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        devices = Device.objects.filter(customer_id=case.customer_id).order_by("-pk")[:100]
        options = [("", "–"), *((one.pk, device_text(one)) for one in devices)]
        if case.device_id and case.device_id not in [pk for pk, _label in options]:
            options.append((case.device_id, device_text(case.device)))  # type: ignore[arg-type]
        self.fields["device_id"].choices = options  # type: ignore[attr-defined]
        assert self.actor is not None
        kind = kind_in(self.data or kwargs["initial"], case.kind)
        self.add_custom(kind, self.actor, case.custom, drawn_by=reverse("cases:edit", args=[case.number]))
        if case.address:
            shown = {"address": mask_address(case.address)}
            self.fields["address"].help_text = _("Now: %(address)s. Left empty, it stays.") % shown

    def clean_tags(self) -> list[str]:
        """Return the tags, each once."""
        return split_tags(self.cleaned_data["tags"])

    def values(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Return the values that differ from what the person saw when the form was opened."""
        assert self.case is not None
        clean = {name: self.cleaned_data[name] for name in EDITED if name in self.cleaned_data}
        if not clean.get("address"):
            clean.pop("address", None)
        changed = {name: value for name, value in clean.items() if value != seen.get(name)}
        mine = self.custom_values()
        typed = {name: value for name, value in mine.items() if typed_custom(value) != typed_custom(seen["custom"].get(name))}
        if typed:
            kept = {**self.case.custom, **typed}
            changed["custom"] = {name: value for name, value in kept.items() if value is not None}
        return changed


EDITED = (
    "subject",
    "description",
    "kind",
    "service_type",
    "severity",
    "product_line",
    "fault_code",
    "address",
    "device_id",
    "tags",
)


def split_tags(text: str) -> list[str]:
    """Return tags typed with commas between them, each once and at most 40 letters long."""
    parts = [part.strip()[:40] for part in text.replace("，", ",").replace("、", ",").split(",")]
    return list(dict.fromkeys(part for part in parts if part))


def fields_of(case: Case) -> dict[str, Any]:
    """Return the present values of a case as `EditForm` shows them: the address is not written out."""
    return {
        **{name: getattr(case, name) for name in EDITED if name not in ("tags", "address")},
        "tags": ", ".join(case.tags),
        "revision": case.revision,
    }


def device_text(device: Device) -> str:
    """Write a device for a choice: model and serial number."""
    return " · ".join(part for part in (device.model or device.product_line, device.serial) if part) or f"#{device.pk}"
