"""Django's registration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext, gettext_lazy


class InsightConfig(AppConfig):
    """Register `jieli.insight` under the label `insight`, and the whole way of a ticket at its case, on desk and portal."""

    name = "jieli.insight"
    label = "insight"

    def ready(self) -> None:
        """Lead to the whole way from the page of a case, and from what its customer follows."""
        from jieli.cases import panels
        from jieli.cases.models import Case
        from jieli.intake import links

        def words(_case: Case) -> str:
            return gettext("Step by step, with every promise")

        panels.register_link(panels.Link(gettext_lazy("The whole way"), "route", "insight:ticket", for_readers=True))
        links.register(links.LinkedPage("way", gettext_lazy("Everything that was done"), "route", words))
