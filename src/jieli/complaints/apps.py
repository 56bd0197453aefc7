"""Django's registration of the app."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Register `jieli.complaints` under the label `complaints`."""

    name = "jieli.complaints"
    label = "complaints"
