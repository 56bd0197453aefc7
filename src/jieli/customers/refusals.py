"""Why an act on customers or devices did not happen."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Refused


class ChangedMeanwhile(Refused):
    """Somebody else saved the same row first; `changed` holds field → the value that is stored now."""

    code = "changed_meanwhile"
    message = _("Somebody else changed this while you were writing. Compare both, then save again.")

    def __init__(self, changed: Mapping[str, Any]) -> None:
        super().__init__(fields={name: _("This was changed meanwhile.") for name in changed})
        self.changed = dict(changed)


class CodeTaken(Refused):
    """Another customer has this code."""

    code = "code_taken"
    message = _("Another customer has this code.")


class SerialTaken(Refused):
    """Another device has this serial number."""

    code = "serial_taken"
    message = _("Another device has this serial number.")


class CustomerErasedAlready(Refused):
    """The personal data of this customer were erased; nothing can be written to it."""

    code = "customer_erased"
    message = _("The data of this customer were erased; nothing more can be written to it.")


class CustomerMergedAlready(Refused):
    """This customer was merged into another."""

    code = "customer_merged"
    message = _("This customer was merged into another; work with that one.")


class OnLegalHold(Refused):
    """A legal hold forbids the erasure."""

    code = "on_legal_hold"
    message = _("A legal hold forbids erasing this customer.")


class MergeUndoneAlready(Refused):
    """The merge was undone before."""

    code = "merge_undone"
    message = _("This merge was undone before.")
