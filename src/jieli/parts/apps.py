"""Django's registration of the app."""

from django.apps import AppConfig


class PartsConfig(AppConfig):
    """Register `jieli.parts` under the label `parts`."""

    name = "jieli.parts"
    label = "parts"
