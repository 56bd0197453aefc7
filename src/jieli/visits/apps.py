"""Django's registration of the app."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Register `jieli.visits` under the label `visits`."""

    name = "jieli.visits"
    label = "visits"
