"""Customers and devices."""

from ..table import EVERY, SOFTWARE, Who

MAY = {
    "may_see_customers": Who(any="AMSGDPQ", also=f"concerned receiver {SOFTWARE}"),
    "may_see_customer": Who(any="AMSGDPQ", unit="O", also=f"concerned receiver client {SOFTWARE}"),
    "may_make_customer": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}", everybody=True),
    "may_change_customer": Who(any="AMSGD", also=f"concerned receiver {SOFTWARE}"),
    "may_judge_customer": Who(any="AMS", also=SOFTWARE),
    "may_make_device": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}", everybody=True),
    "may_change_device": Who(any="AMSGDOPE", also=f"concerned receiver {SOFTWARE}"),
    "may_unmask": Who(any="AMSGDQE", also="concerned receiver"),
    "may_merge_customers": Who(any="AMS", also=SOFTWARE),
    "may_erase_customer": Who(any="AM"),
    "may_hold_customer": Who(any="AM"),
    "may_record_consent": Who(any="AMSGD", also=f"concerned receiver client other_client {SOFTWARE}"),
}

ACTIONS = {
    "find_or_make_customer": "may_make_customer",
    "find_or_make_customers": "may_make_customer",
    "make_customer": "may_make_customer may_judge_customer",
    "change_customer": "may_change_customer may_judge_customer",
    "rescore_customer": "may_judge_customer",
    "record_consent": "may_record_consent",
    "set_legal_hold": "may_hold_customer",
    "lift_legal_hold": "may_hold_customer",
    "unmask": "may_unmask",
    "add_contact": "may_change_customer",
    "change_contact": "may_change_customer",
    "end_contact": "may_change_customer",
    "find_or_make_device": "may_make_device",
    "make_device": "may_make_device",
    "change_device": "may_change_device",
    "move_device": "may_change_customer",
    "erase_customer": "may_erase_customer",
    "import_customer": "may_change_customer may_judge_customer",
    "import_device": "may_change_customer",
    "find_or_make_named": "may_change_customer",
    "merge_customers": "may_merge_customers",
    "undo_merge": "may_merge_customers",
}
