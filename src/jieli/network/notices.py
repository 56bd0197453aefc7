"""The notices that the network sends."""

from django.utils.translation import gettext_lazy as _

from jieli.notify.kinds import register

LICENCE_POSTED = "network.licence_posted"
LICENCE_WARNED = "network.licence_warned"
LICENCE_REVOKED = "network.licence_revoked"
APPEAL_MADE = "network.appeal_made"
APPEAL_OVERDUE = "network.appeal_overdue"
APPEAL_DECIDED = "network.appeal_decided"
DOCUMENT_ENDS = "network.document_ends"
CONTRACT_ENDS = "network.contract_ends"
LICENCE_ENDS = "network.licence_ends"


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
        APPEAL_OVERDUE,
        _("The appeal of %(name)s was to be decided until %(until)s, and nobody has"),
        label=_("an appeal that nobody decided in time"),
        by_email=True,
        icon="alert-triangle",
    )
    register(
        DOCUMENT_ENDS,
        _("%(name)s: the document %(document)s is valid until %(day)s"),
        label=_("a document expires soon"),
        by_email=True,
        icon="clock",
    )
    register(
        CONTRACT_ENDS,
        _("The contract of %(name)s runs until %(day)s"),
        label=_("a contract ends soon"),
        by_email=True,
        icon="clock",
    )
    register(
        LICENCE_ENDS,
        _("The licence of %(name)s is valid until %(day)s; the annual review renews it"),
        label=_("a licence expires soon"),
        by_email=True,
        icon="clock",
    )
    register(
        APPEAL_DECIDED,
        _("Your appeal was decided; your licence has %(balance)s points"),
        label=_("your appeal was decided"),
        icon="certificate",
    )
