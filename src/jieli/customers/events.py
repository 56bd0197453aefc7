"""The facts that this app records; names, phones and addresses are texts, kept outside the hash."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact, Text


@dataclass(frozen=True, slots=True)
class CustomerMade(Fact):
    """A customer was seen for the first time."""

    type: ClassVar[str] = "customers.made"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("Customer %(name)s was entered")

    customer_id: int
    name: Text


@dataclass(frozen=True, slots=True)
class CustomerChanged(Fact):
    """Data of a customer changed; `changes` is JSON ``{field: [old, new]}``."""

    type: ClassVar[str] = "customers.changed"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("Data of the customer were changed: %(fields)s")

    customer_id: int
    fields: str
    changes: Text


@dataclass(frozen=True, slots=True)
class TierChanged(Fact):
    """The tier of a customer changed by the policy named."""

    type: ClassVar[str] = "customers.tier_changed"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("The tier changed from %(old)s to %(new)s (score %(score)s, %(policy)s)")

    customer_id: int
    old: str
    new: str
    score: str
    policy: str


@dataclass(frozen=True, slots=True)
class ContactAdded(Fact):
    """A contact was added to a customer."""

    type: ClassVar[str] = "customers.contact_added"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("Contact %(name)s was added")

    customer_id: int
    contact_id: int
    name: Text


@dataclass(frozen=True, slots=True)
class ContactChanged(Fact):
    """Data of a contact changed; `changes` is JSON ``{field: [old, new]}``."""

    type: ClassVar[str] = "customers.contact_changed"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("Data of a contact were changed: %(fields)s")

    customer_id: int
    contact_id: int
    fields: str
    changes: Text


@dataclass(frozen=True, slots=True)
class ContactEnded(Fact):
    """A contact does not speak for the customer any more."""

    type: ClassVar[str] = "customers.contact_ended"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("Contact %(name)s left")

    customer_id: int
    contact_id: int
    name: Text


@dataclass(frozen=True, slots=True)
class AddressAdded(Fact):
    """A further address of a customer was noted."""

    type: ClassVar[str] = "customers.address_added"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("An address was added: %(name)s")

    customer_id: int
    address_id: int
    name: Text


@dataclass(frozen=True, slots=True)
class AddressEnded(Fact):
    """An address does not hold any more."""

    type: ClassVar[str] = "customers.address_ended"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("An address no longer holds: %(name)s")

    customer_id: int
    address_id: int
    name: Text


@dataclass(frozen=True, slots=True)
class SpecialDateNoted(Fact):
    """A day that matters to a customer was noted."""

    type: ClassVar[str] = "customers.special_date_noted"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("Special date noted: %(what)s")

    customer_id: int
    special_date_id: int
    what: Text


@dataclass(frozen=True, slots=True)
class SpecialDateRemoved(Fact):
    """A special date was taken away."""

    type: ClassVar[str] = "customers.special_date_removed"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("Special date removed: %(what)s")

    customer_id: int
    special_date_id: int
    what: Text


@dataclass(frozen=True, slots=True)
class SegmentKept(Fact):
    """A filter of the list of customers was saved under a name."""

    type: ClassVar[str] = "customers.segment_kept"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("Segment %(name)s was saved")

    company_id: int
    segment_id: int
    name: str
    filters: dict[str, str]


@dataclass(frozen=True, slots=True)
class SegmentRemoved(Fact):
    """A segment was removed; the customers stay."""

    type: ClassVar[str] = "customers.segment_removed"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("Segment %(name)s was removed")

    company_id: int
    segment_id: int
    name: str


@dataclass(frozen=True, slots=True)
class DeviceMade(Fact):
    """A device was seen for the first time."""

    type: ClassVar[str] = "customers.device_made"
    stream: ClassVar[str] = "device"
    sentence: ClassVar = _("Device %(serial)s was entered")

    device_id: int
    serial: str
    customer_id: int | None


@dataclass(frozen=True, slots=True)
class DeviceChanged(Fact):
    """Data of a device changed; `changes` is JSON ``{field: [old, new]}``."""

    type: ClassVar[str] = "customers.device_changed"
    stream: ClassVar[str] = "device"
    sentence: ClassVar = _("Data of the device were changed: %(fields)s")

    device_id: int
    fields: str
    changes: Text


@dataclass(frozen=True, slots=True)
class DeviceMoved(Fact):
    """A device went from one customer to another."""

    type: ClassVar[str] = "customers.device_moved"
    stream: ClassVar[str] = "device"
    sentence: ClassVar = _("The device went to another customer")

    device_id: int
    old_customer_id: int | None
    new_customer_id: int | None


@dataclass(frozen=True, slots=True)
class ConsentGiven(Fact):
    """A customer agreed to a purpose, or no longer does."""

    type: ClassVar[str] = "customers.consent"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("Consent for %(purpose)s: %(given)s")

    customer_id: int
    purpose: str
    given: bool


@dataclass(frozen=True, slots=True)
class FieldUnmasked(Fact):
    """A person looked at a masked field."""

    type: ClassVar[str] = "customers.field_unmasked"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("The field %(field)s was shown in full")

    customer_id: int
    field: str
    contact_id: int | None = None
    address_id: int | None = None


@dataclass(frozen=True, slots=True)
class CustomersMerged(Fact):
    """Another customer turned out to be this one."""

    type: ClassVar[str] = "customers.merged"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("Customer #%(merged_id)s was merged into this one")

    customer_id: int
    merged_id: int
    merge_id: int
    moved: dict[str, int]


@dataclass(frozen=True, slots=True)
class MergeUndone(Fact):
    """A merge was undone: the two are two again."""

    type: ClassVar[str] = "customers.merge_undone"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("The merge with customer #%(merged_id)s was undone")

    customer_id: int
    merged_id: int
    merge_id: int


@dataclass(frozen=True, slots=True)
class LegalHoldSet(Fact):
    """The data of a customer must be kept; erasure is refused until the hold ends."""

    type: ClassVar[str] = "customers.legal_hold_set"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("A legal hold was set: %(reason)s")

    customer_id: int
    until: str
    reason: Text


@dataclass(frozen=True, slots=True)
class LegalHoldLifted(Fact):
    """The legal hold on a customer ended."""

    type: ClassVar[str] = "customers.legal_hold_lifted"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("The legal hold was lifted")

    customer_id: int


@dataclass(frozen=True, slots=True)
class CustomerErased(Fact):
    """The personal data of a customer were erased everywhere; the certificate says what (spec 1, Erasure)."""

    type: ClassVar[str] = "customers.erased"
    stream: ClassVar[str] = "customer"
    sentence: ClassVar = _("The personal data were erased (certificate %(certificate_id)s)")

    customer_id: int
    certificate_id: int
