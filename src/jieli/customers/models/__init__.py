"""Customers, what belongs to them, devices, and the records of merges, erasures and segments."""

from jieli.customers.models.belonging import Address, Consent, Contact, SpecialDate
from jieli.customers.models.customers import Customer, CustomerQuerySet, Tier, kind_choices, temperament_choices, tier_choices
from jieli.customers.models.devices import Device
from jieli.customers.models.records import ErasureCertificate, Merge, Segment

__all__ = [
    "Address",
    "Consent",
    "Contact",
    "Customer",
    "CustomerQuerySet",
    "Device",
    "ErasureCertificate",
    "Merge",
    "Segment",
    "SpecialDate",
    "Tier",
    "kind_choices",
    "temperament_choices",
    "tier_choices",
]
