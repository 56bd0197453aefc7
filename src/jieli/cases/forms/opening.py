"""The phone and counter form."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.acts import ActForm
from jieli.cases.forms.fields import ProductLineField, service_type_field, severity_field, words_field
from jieli.cases.forms.own_fields import CaseFieldsMixin, kind_in
from jieli.cases.models import Case


class QuickForm(CaseFieldsMixin, ActForm):
    """The phone and counter form: who calls, what it is, and who takes it."""

    channel = forms.ChoiceField(label=_("Channel"), choices=[("phone", _("phone")), ("counter", _("counter"))], initial="phone")
    phone = forms.CharField(label=_("Caller's number"), required=False, max_length=40)
    customer_id = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Case.Kind.choices, initial="service")
    service_type = service_type_field(initial="repair")
    device_id = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    product_line = ProductLineField()
    subject = forms.CharField(label=_("What is it about"), max_length=200)
    description = words_field(_("In the customer's own words"), required=False)
    severity = severity_field(_("not judged yet"))
    address = forms.CharField(
        label=_("Address"), required=False, max_length=500, help_text=_("Left empty, the customer's own address is taken.")
    )
    take = forms.BooleanField(label=_("I take it"), required=False, initial=True)
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.actor is not None
        caller = {"hx-get": reverse("cases:callers"), "hx-trigger": "input changed delay:150ms", "hx-target": "#callers"}
        self.fields["phone"].widget.attrs |= {**caller, "inputmode": "tel", "autocomplete": "off", "data-caller-phone": ""}
        self.fields["phone"].widget.attrs |= {"data-focus": "", "hx-params": "phone"}
        kind = kind_in(self.data or self.initial, str(self.fields["kind"].initial))
        self.add_custom(kind, self.actor, {}, drawn_by=reverse("cases:new"))

    def clean(self) -> dict[str, Any]:
        """Ask for a name when the caller is not known yet."""
        values: dict[str, Any] = super().clean() or {}
        if not values.get("customer_id") and not values.get("name"):
            self.add_error("name", _("Who calls? Choose a known customer, or give a name."))
        return values
