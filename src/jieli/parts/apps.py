"""Django's registration of the app."""

from django.apps import AppConfig


class PartsConfig(AppConfig):
    """Register `jieli.parts` under the label `parts`."""

    name = "jieli.parts"
    label = "parts"

    def ready(self) -> None:
        """Register the proof of the book of stock."""
        from jieli.cases.queries import verifying
        from jieli.parts.queries.verifying import GUARDS, findings

        verifying.register("parts", findings, guards=GUARDS)
