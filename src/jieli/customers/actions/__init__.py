"""Every change of customers, contacts, devices and consent."""

from jieli.customers.actions.belonging import add_address, end_address, note_special_date, remove_special_date
from jieli.customers.actions.contacts import add_contact, change_contact, end_contact
from jieli.customers.actions.customers import (
    change_customer,
    find_or_make_customer,
    lift_legal_hold,
    make_customer,
    record_consent,
    rescore_customer,
    set_legal_hold,
    unmask,
)
from jieli.customers.actions.devices import change_device, find_device, find_or_make_device, make_device, move_device
from jieli.customers.actions.erasing import erase_customer
from jieli.customers.actions.importing import import_customer, import_device
from jieli.customers.actions.merging import merge_customers, undo_merge
from jieli.customers.actions.segments import keep_segment, remove_segment

__all__ = [
    "add_address",
    "add_contact",
    "change_contact",
    "change_customer",
    "change_device",
    "end_address",
    "end_contact",
    "erase_customer",
    "find_device",
    "find_or_make_customer",
    "find_or_make_device",
    "import_customer",
    "import_device",
    "keep_segment",
    "lift_legal_hold",
    "make_customer",
    "make_device",
    "merge_customers",
    "move_device",
    "note_special_date",
    "record_consent",
    "remove_segment",
    "remove_special_date",
    "rescore_customer",
    "set_legal_hold",
    "undo_merge",
    "unmask",
]
