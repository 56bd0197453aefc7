"""What people type about cases, turned into clean values for one action each."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.conversing import ForbiddenPhrase
from jieli.cases.models import Case, Pass, Promise, Relation
from jieli.cases.queries.own_fields import own_fields
from jieli.cases.queries.timeline import field_label
from jieli.cases.refusals import ChangedMeanwhile
from jieli.cases.rules.numbers import WrongNumber, parse_case_number
from jieli.cases.rules.own_fields import LONGEST_TEXT, PLACES, WHOLE_DIGITS
from jieli.cases.rules.proofs import proof_choices
from jieli.customers.models import Device
from jieli.events.actor import Actor
from jieli.events.refusals import Refused
from jieli.lib.text import mask_address
from jieli.people.models import Staff
from jieli.people.queries import person_named, superior_of
from jieli.policies.queries import current
from jieli.policies.schemas.fields import CustomField

T = TypeVar("T")
Choices = list[tuple[Any, Any]]


def language() -> str:
    """Return the language of the moment."""
    return get_language() or settings.LANGUAGE_CODE


class ActForm(forms.Form):
    """A form for one act on a case; the action's refusal is shown beside its fields.

    ChangedMeanwhile and ForbiddenPhrase pass through: their pages show more than a message.
    """

    def __init__(self, *args: Any, case: Case | None = None, actor: Actor | None = None, **kwargs: Any) -> None:
        self.case = case
        self.actor = actor
        super().__init__(*args, **kwargs)

    def attempt(self, act: Callable[[dict[str, Any]], T]) -> T | None:
        """Run `act` with the clean values; None when the values or the action were refused, with the errors in the form."""
        if not self.is_valid():
            return None
        try:
            return act(self.cleaned_data)
        except (ChangedMeanwhile, ForbiddenPhrase):
            raise
        except Refused as refused:
            self.show(refused)
            return None

    def show(self, refused: Refused) -> None:
        """Show a refusal beside the fields which it names, else above the form."""
        for name, text in refused.fields.items():
            place = {"proposal": "options"}.get(name, name).replace("custom.", "custom_", 1)
            if place in self.fields:
                self.add_error(place, str(text))
            else:
                self.add_error(None, _("%(field)s: %(fault)s") % {"field": field_label(name), "fault": text})
        if not refused.fields:
            self.add_error(None, str(refused))


def person_text(staff: Staff) -> str:
    """Write a person as `PersonField` reads it."""
    return f"{staff.name} ({staff.code})"


class PersonField(forms.CharField):
    """A person by login name or full name, with suggestions from the page's list `people-list`."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"list": "people-list", "autocomplete": "off", "spellcheck": "false"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Return the active person whom the text means, None for no text."""
        text = super().clean(value)
        if not text:
            return None
        found = person_named(text)
        if found is None:
            raise ValidationError(_("Nobody active is called this, or more than one is: type the login name."))
        return found


class LocalDateTimeField(forms.DateTimeField):
    """An instant by the company's clock."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)


class CaseNumberField(forms.CharField):
    """Another case by its number; the clean value is its id."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Return the id of the case which the number names."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_case_number(text)
        except WrongNumber as wrong:
            raise ValidationError(str(wrong)) from None


def _text(label: Any, *, rows: int = 3, required: bool = True, help_text: Any = "", **attrs: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, **attrs})
    return forms.CharField(label=label, required=required, max_length=20_000, widget=widget, help_text=help_text)


# --- lists


def _with_all(choices: Iterable[tuple[Any, Any]]) -> Choices:
    return [("", _("all")), *choices]


def status_choices() -> Choices:
    """Return what the status filter offers; nothing chosen means the open ones."""
    return [("", _("all open")), *Case.Status.choices]


COLUMNS: dict[str, Any] = {
    "kind": _("Kind"),
    "severity": _("Severity"),
    "unit": _("Unit"),
    "steward": _("Steward"),
    "channel": _("Channel"),
    "opened": _("Opened"),
    "tags": _("Tags"),
}


class ListFilter(forms.Form):
    """The filter above a list of cases."""

    status = forms.ChoiceField(label=_("Status"), required=False, choices=status_choices)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=lambda: _with_all(Case.Kind.choices))
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=lambda: _with_all(Case.Stage.choices))
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: _with_all(Case.Severity.choices),
    )
    tag = forms.CharField(label=_("Tag"), required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    owner = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    unit = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    columns = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)


class SaveViewForm(ActForm):
    """A name for the list as it stands."""

    name = forms.CharField(label=_("Name"), max_length=60)
    shared = forms.BooleanField(label=_("Show it to my unit"), required=False)
    query = forms.CharField(widget=forms.HiddenInput, max_length=1000)

    def clean_query(self) -> str:
        """Keep only the address of one of our lists."""
        query = str(self.cleaned_data["query"])
        if not query.startswith("/cases/") or "//" in query:
            raise ValidationError(_("This is no list of cases."))
        return query


class BulkForm(ActForm):
    """What a bulk act needs besides the cases."""

    to = PersonField(label=_("Assign to"), required=False)
    tag = forms.CharField(label=_("Tag"), required=False, max_length=40)
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", "–"), *Case.Severity.choices],
    )

    NEEDS = {"take": (), "assign": ("to",), "tag": ("tag",), "severity": ("severity",)}

    def __init__(self, *args: Any, act: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name not in self.NEEDS[act]:
                del self.fields[name]
            else:
                self.fields[name].required = True


# --- writing


class WriteForm(ActForm):
    """The composer: words for the customer or a note between colleagues, and the next promised time."""

    side = forms.ChoiceField(choices=[("reply", _("To the customer")), ("note", _("Note"))], initial="reply")
    body = _text(_("Message"), rows=4)
    next_reply_at = LocalDateTimeField(label=_("Next reply by"), required=False)
    in_spite = forms.BooleanField(required=False)


# --- ownership


class ReasonForm(ActForm):
    """Why."""

    reason = _text(_("Reason"))


class PassForm(ActForm):
    """An offer of the baton; to one's own superior it takes a proposal."""

    to = PersonField(label=_("To whom"))
    done = _text(_("Done so far"), help_text=_("What you and others have done for the customer."))
    next = _text(_("What is to be done next"))
    options = _text(
        _("Your proposal: one option a line"),
        required=False,
        help_text=_("Only when you ask your superior: the case stays with you, and comes back with a decision."),
    )
    recommended = forms.IntegerField(label=_("Recommended option (line)"), required=False, min_value=1, max_value=20, initial=1)

    def clean(self) -> dict[str, Any]:
        """Ask for a proposal when the receiver is the owner's superior."""
        values: dict[str, Any] = super().clean() or {}
        lines = [line.strip() for line in str(values.get("options") or "").splitlines() if line.strip()]
        values["proposal"] = {"options": lines, "recommended": (values.get("recommended") or 1) - 1} if lines else None
        to = values.get("to")
        if to is not None and self.case is not None and not lines:
            superior = superior_of(self.case.owner)
            if superior is not None and superior.pk == to.pk:
                self.add_error(
                    "options",
                    _("%(name)s is your superior: lay out the options and say which you recommend.") % {"name": to.name},
                )
        return values


class AcceptForm(ActForm):
    """The need in the receiver's own words."""

    restatement = _text(
        _("Say in your own words what the customer needs"),
        help_text=_("The giver reads it: what you misunderstood shows here, not at the customer's."),
    )


class DecideForm(ActForm):
    """The word of the superior on a proposal."""

    decision = forms.ChoiceField(label=_("Decision"), choices=Pass.Decision.choices, widget=forms.RadioSelect)
    text = _text(_("What is to be done"))


class AssignForm(ActForm):
    """Whom to offer the case."""

    to = PersonField(label=_("To whom"))
    note = _text(_("What is to be done"), required=False)


class QuestionForm(ActForm):
    """A question to the escort."""

    question = _text(_("Your question"))


# --- promises


def _promise_choices() -> Choices:
    return [(kind.value, kind.label) for kind in Promise.Kind if kind not in Promise.OFFER_KINDS]


HOW = [("phone", _("by phone")), ("message", _("by message")), ("counter", _("in person"))]


class PromiseForm(ActForm):
    """A time that a person gives."""

    kind = forms.ChoiceField(label=_("What"), choices=_promise_choices, initial="next_reply")
    due_at = LocalDateTimeField(label=_("Until when"))
    told = forms.BooleanField(label=_("The customer has been told"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            hint = {"hx-get": reverse("cases:promise_hint", args=[self.case.number]), "hx-target": "#act-forecast"}
            self.fields["due_at"].widget.attrs |= {**hint, "hx-trigger": "change", "hx-params": "due_at"}


class HowForm(ActForm):
    """How the other side was told."""

    how = forms.ChoiceField(label=_("How"), choices=HOW, widget=forms.RadioSelect, initial="phone")


def pause_choices() -> Choices:
    """Return the reasons for a pause which the policy lists."""
    return [(one.code, one.label.in_language(language())) for one in current("numbers").data.pauses]


class PauseForm(ActForm):
    """Let the clocks stand until a time to which the customer agreed."""

    reason = forms.ChoiceField(label=_("Reason"), choices=pause_choices)
    until = LocalDateTimeField(label=_("Until when"))
    consent = forms.BooleanField(label=_("The customer has agreed to wait until then"), required=False)


# --- life


class ResolveForm(ActForm):
    """The result, as the customer is told."""

    answer = _text(_("What the customer is told"), rows=5)
    in_spite_of_phrases = forms.BooleanField(
        label=_("Send in spite of it"), required=False, widget=forms.HiddenInput, initial=False
    )

    def warn(self, refused: ForbiddenPhrase) -> None:
        """Show the better words, and let the person send in spite of them."""
        words = "; ".join(f"“{one.phrase}” → {one.better}" for one in refused.found)
        self.add_error("answer", f"{refused} {words}")
        self.fields["in_spite_of_phrases"].widget = forms.CheckboxInput()


class StageForm(ActForm):
    """The next station of the route."""

    stage = forms.ChoiceField(label=_("Stage"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            stages = current("routes").data.of(self.case.kind).stages
            self.fields["stage"].choices = [(one.code.value, one.label.in_language(language())) for one in stages]  # type: ignore[attr-defined]
            self.fields["stage"].initial = self.case.stage


class ProofForm(ActForm):
    """How it was checked that the customer asks."""

    proof = forms.ChoiceField(label=_("How did you check who asks?"), choices=proof_choices, widget=forms.RadioSelect)


class NothingForm(ActForm):
    """An act that needs no words."""


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


# --- fields


def custom_field(one: CustomField) -> forms.Field:
    """Return the form field for a field of the company's own."""
    said: dict[str, Any] = {"label": one.label.in_language(language()), "required": one.required}
    if one.type == "number":
        return forms.DecimalField(max_digits=WHOLE_DIGITS + PLACES, decimal_places=PLACES, **said)
    if one.type == "date":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **said)
    if one.type == "boolean":
        return forms.ChoiceField(choices=[("", "–"), ("true", _("yes")), ("false", _("no"))], **said)
    if one.type == "choice":
        options = [("", "–"), *((choice.code, choice.label.in_language(language())) for choice in one.choices)]
        return forms.ChoiceField(choices=options, **said)
    return forms.CharField(max_length=LONGEST_TEXT, **said)


def stored_custom(one: CustomField, value: Any) -> Any:
    """Return a clean value of a custom field as the case keeps it; None when nothing was said."""
    if value in (None, ""):
        return None
    if one.type == "boolean":
        return value == "true"
    if one.type == "number":
        return format(value, "f")
    return str(value)


def typed_custom(value: Any) -> Any:
    """Return a kept custom value as its form field shows it."""
    return str(value).lower() if isinstance(value, bool) else value


class CaseFieldsMixin(forms.Form):
    """The fields of the company's own, named ``custom_<name>``."""

    own: list[CustomField]

    def add_custom(self, kind: str, actor: Actor, values: dict[str, Any], *, drawn_by: str) -> None:
        """Add the fields of a kind that the actor sees, with their present values; another kind draws its own by `drawn_by`."""
        self.own = list(own_fields(kind, actor).values())
        for one in self.own:
            field = custom_field(one)
            field.initial = typed_custom(values.get(one.name))
            self.fields[f"custom_{one.name}"] = field
        again = {"hx-post": drawn_by, "hx-target": "#own-fields", "hx-select": "#own-fields", "hx-swap": "outerHTML"}
        self.fields["kind"].widget.attrs |= {**again, "hx-vals": '{"refresh": "1"}'}

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """Return the custom fields of this form, in order."""
        return [self[f"custom_{one.name}"] for one in self.own]

    @property
    def known_fields(self) -> list[forms.BoundField]:
        """Return the visible fields which every kind has, in order."""
        return [one for one in self.visible_fields() if not one.name.startswith("custom_")]

    def custom_values(self) -> dict[str, Any]:
        """Return what was typed into the custom fields, by name; None where a field was emptied."""
        return {one.name: stored_custom(one, self.cleaned_data.get(f"custom_{one.name}")) for one in self.own}


class EditForm(CaseFieldsMixin, ActForm):
    """All that people correct about a case; `revision` tells whether somebody else saved meanwhile."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    description = _text(_("Description"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=Case.Kind.choices)
    service_type = forms.ChoiceField(
        label=_("Service type"), required=False, choices=lambda: [("", "–"), *Case.ServiceType.choices]
    )
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", _("not judged yet")), *Case.Severity.choices],
        help_text=_("A change plans the running promises anew."),
    )
    product_line = forms.CharField(label=_("Product line"), required=False, max_length=60)
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


def kind_in(typed: Mapping[str, Any], otherwise: str) -> str:
    """Return the kind of case chosen in what was typed."""
    kind = str(typed.get("kind", otherwise))
    return kind if kind in Case.Kind.values else otherwise


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


# --- opening


class QuickForm(CaseFieldsMixin, ActForm):
    """The phone and counter form: who calls, what it is, and who takes it."""

    channel = forms.ChoiceField(label=_("Channel"), choices=[("phone", _("phone")), ("counter", _("counter"))], initial="phone")
    phone = forms.CharField(label=_("Caller's number"), required=False, max_length=40)
    customer_id = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Case.Kind.choices, initial="service")
    service_type = forms.ChoiceField(
        label=_("Service type"), required=False, choices=lambda: [("", "–"), *Case.ServiceType.choices], initial="repair"
    )
    device_id = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    product_line = forms.CharField(label=_("Product line"), required=False, max_length=60)
    subject = forms.CharField(label=_("What is it about"), max_length=200)
    description = _text(_("In the customer's own words"), required=False)
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", _("not judged yet")), *Case.Severity.choices],
    )
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


class ClockForm(ActForm):
    """By how much the demo clock moves."""

    hours = forms.DecimalField(label=_("Hours ahead"), min_value=0, max_value=9600, decimal_places=2, required=False)
    until = LocalDateTimeField(label=_("Or until"), required=False)
