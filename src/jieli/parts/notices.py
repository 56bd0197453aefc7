"""The notices that parts send to people's bells."""

from django.utils.translation import gettext_lazy as _

from jieli.notify.kinds import register
from jieli.orders.models import WorkOrder

MACHINE_ASKED = "parts.machine_asked"
MACHINE_APPROVED = "parts.machine_approved"
MACHINE_REFUSED = "parts.machine_refused"
FINDING_CORRECTED = "parts.finding_corrected"


def register_kinds() -> None:
    """Register the kinds with their sentences."""
    register(
        MACHINE_ASKED,
        _("%(author)s asks for a whole machine on %(number)s (%(machine)s, %(amount)s): decide"),
        label=_("a whole machine to decide about"),
        by_email=True,
        icon="replace",
    )
    register(
        MACHINE_APPROVED,
        _("The whole machine %(machine)s on %(number)s was approved by %(author)s"),
        label=_("a whole machine that I asked for was decided"),
        icon="circle-check",
    )
    register(
        MACHINE_REFUSED,
        _("The whole machine %(machine)s on %(number)s was refused by %(author)s; why stands on its page"),
        label=_("a whole machine that I asked for was refused"),
        icon="circle-x",
    )
    register(
        FINDING_CORRECTED,
        _("The lab corrected its finding on %(tag)s (%(number)s): now %(finding)s"),
        label=_("the lab corrected a finding on one of our old parts"),
        icon="microscope",
        words={"finding": lambda: dict(WorkOrder.LabFinding.choices)},
    )
