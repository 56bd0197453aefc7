"""The panels of the case page: URLs of higher apps, shown to whom their policy allows. The page itself knows none of them."""

from django.utils.translation import gettext_lazy as _

from jieli.cases.panels import Panel, register
from jieli.dispatch.policy import may_see_dispatch_of
from jieli.parts.policy import may_see_parts_of
from jieli.quality.policy import may_see_callbacks_of
from jieli.settlement.policy import may_see_settlement_of
from jieli.visits.policy import may_see_visits_of

PANELS: tuple[Panel, ...] = (
    Panel(_("Dispatch"), "dispatch:of_case", may_see_dispatch_of),
    Panel(_("Visit"), "visits:of_case", may_see_visits_of),
    Panel(_("Parts"), "parts:of_case", may_see_parts_of),
    Panel(_("Call-back"), "quality:of_case", may_see_callbacks_of),
    Panel(_("Settlement"), "settlement:of_case", may_see_settlement_of),
)


def register_panels() -> None:
    """Hand the panels to the case page, in this order."""
    for panel in PANELS:
        register(panel)
