"""Django's registration of the app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    """Register `jieli.config` under the label `config`: system checks, the case page's panels, every app's reactions."""

    name = "jieli.config"
    label = "config"

    def ready(self) -> None:
        """Import the checks and each app's `handlers`, which register themselves."""
        from jieli.config import checks  # noqa: F401 - needs the app registry
        from jieli.config.panels import register_panels

        register_panels()
        autodiscover_modules("handlers")
