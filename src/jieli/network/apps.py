"""Django's registration of the app."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """Register `jieli.network` under the label `network`."""

    name = "jieli.network"
    label = "network"
