"""Policies."""

from ..table import EVERY, SOFTWARE, Who

MAY = {
    "may_see_policies": Who(any=EVERY, also=f"concerned receiver {SOFTWARE}"),
    "may_draft_policy": Who(any="AM", also="system"),
    "may_start_policy": Who(any="AM", also="system"),
    "may_try_policy": Who(any="AM"),
}

ACTIONS = {
    "draft_version": "may_draft_policy",
    "change_draft": "may_draft_policy",
    "discard_draft": "may_draft_policy",
    "start_version": "may_start_policy",
}
