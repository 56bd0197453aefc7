"""The panels of the case page: URLs of higher apps, shown to whom their policy allows. The page itself knows none of them."""

from jieli.cases.panels import Panel, register

PANELS: tuple[Panel, ...] = ()


def register_panels() -> None:
    """Hand the panels to the case page, in this order."""
    for panel in PANELS:
        register(panel)
