"""The notice that the month end sends."""

from django.utils.translation import gettext_lazy as _

from jieli.notify.kinds import register

RATE_MISSING = "settlement.rate_missing"


def register_kinds() -> None:
    """Register the kind with its sentence."""
    register(
        RATE_MISSING,
        _("%(month)s was settled; %(orders)s orders are held because the rate table has no fee for them"),
        label=_("orders are held because a fee is missing"),
        by_email=True,
    )
