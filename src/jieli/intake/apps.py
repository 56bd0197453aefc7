"""Django's registration of the app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Register `jieli.intake` under the label `intake`."""

    name = "jieli.intake"
    label = "intake"
