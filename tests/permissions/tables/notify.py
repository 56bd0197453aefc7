"""Notices, mail and webhooks."""

from ..table import EVERY, INSIDE, OWN, SOFTWARE, Who

MAY = {
    "may_tell": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}", everybody=True),
    "may_read": Who(also="concerned"),
    "may_send_mail": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}", everybody=True),
    "may_see_outgoing": Who(any="AMS"),
    "may_resend": Who(any="AMS"),
    "may_subscribe": Who(any="A"),
}

ACTIONS = {
    "tell": INSIDE,
    "tell_all": "may_tell",
    "announce": "may_tell",
    "send_mail": "may_send_mail",
    "mark_read": "may_read",
    "mark_all_read": OWN,
    "mark_case_read": OWN,
    "choose_mail": OWN,
    "resend_mail": "may_resend",
    "resend_call": "may_resend",
    "subscribe": "may_subscribe",
    "switch_subscription": "may_subscribe",
    "renew_secret": "may_subscribe",
    "erase_of_cases": INSIDE,
}
