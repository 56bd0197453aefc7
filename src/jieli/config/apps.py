"""Django's registration of the app."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Register `jieli.config` under the label `config`, with its system checks."""

    name = "jieli.config"
    label = "config"

    def ready(self) -> None:
        """Register the system checks."""
        from jieli.config import checks  # noqa: F401, PLC0415 - registers on import, needs the app registry
