"""Django's registration of the app."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """Register `jieli.network` under the label `network`."""

    name = "jieli.network"
    label = "network"

    def ready(self) -> None:
        """Register the notices."""
        from jieli.network.notices import register_kinds

        register_kinds()
