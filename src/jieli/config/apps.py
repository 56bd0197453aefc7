"""Django's registration of the app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    """Register `jieli.config` under the label `config`: system checks, and every app's reactions to facts."""

    name = "jieli.config"
    label = "config"

    def ready(self) -> None:
        """Import the checks and each app's `handlers`, which register themselves."""
        from jieli.config import checks  # noqa: F401 - needs the app registry

        autodiscover_modules("handlers")
