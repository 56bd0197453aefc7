"""The notices that the network sends."""

from django.utils.translation import gettext_lazy as _

from jieli.notify.kinds import register

LICENCE_POSTED = "network.licence_posted"
LICENCE_WARNED = "network.licence_warned"
LICENCE_REVOKED = "network.licence_revoked"
APPEAL_MADE = "network.appeal_made"
APPEAL_DECIDED = "network.appeal_decided"


def register_kinds() -> None:
    """Register the kinds with their sentences."""
    register(
        LICENCE_POSTED,
        _("Your licence: %(points)s points, now %(balance)s; you may appeal"),
        label=_("points on your licence"),
        icon="certificate",
    )
    register(
        LICENCE_WARNED,
        _("%(name)s has %(balance)s licence points left: fewer orders, and a coach"),
        label=_("an engineer of yours is warned"),
        by_email=True,
        icon="alert-triangle",
    )
    register(
        LICENCE_REVOKED,
        _("The licence of %(name)s is revoked: no more orders until the re-examination"),
        label=_("the licence of an engineer is revoked"),
        by_email=True,
        icon="alert-triangle",
    )
    register(
        APPEAL_MADE,
        _("%(name)s appeals against licence points; decide until %(until)s"),
        label=_("an appeal against licence points"),
        by_email=True,
        icon="certificate",
    )
    register(
        APPEAL_DECIDED,
        _("Your appeal was decided; your licence has %(balance)s points"),
        label=_("your appeal was decided"),
        icon="certificate",
    )
