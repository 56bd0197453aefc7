"""The notices that the month end sends."""

from django.utils.translation import gettext_lazy as _

from jieli.notify.kinds import register

RATE_MISSING = "settlement.rate_missing"
STATEMENT_SEALED = "settlement.statement_sealed"
LINE_DISPUTED = "settlement.line_disputed"
DISPUTE_GRANTED = "settlement.dispute_granted"
DISPUTE_REFUSED = "settlement.dispute_refused"


def register_kinds() -> None:
    """Register the kinds with their sentences."""
    register(
        RATE_MISSING,
        _("%(month)s was settled; orders held because the rate table has no fee for them: %(orders)s"),
        label=_("orders are held because a fee is missing"),
        by_email=True,
    )
    register(
        STATEMENT_SEALED,
        _("The statement of %(outlet)s for %(month)s is there: %(amount)s to pay. Lines may be disputed until %(until)s"),
        label=_("a statement was sealed"),
        by_email=True,
        icon="receipt",
    )
    register(
        LINE_DISPUTED,
        _("%(outlet)s disputes a line of %(month)s: %(line)s"),
        label=_("a line of a statement is disputed"),
        by_email=True,
        icon="scale",
    )
    register(
        DISPUTE_GRANTED,
        _("Your dispute about %(line)s (%(month)s) was granted: %(amount)s in the next open month"),
        label=_("a dispute was granted"),
        by_email=True,
        icon="scale",
    )
    register(
        DISPUTE_REFUSED,
        _("Your dispute about %(line)s (%(month)s) was refused; the reason stands on its page"),
        label=_("a dispute was refused"),
        by_email=True,
        icon="scale",
    )
