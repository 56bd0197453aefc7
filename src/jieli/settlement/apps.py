"""Django's registration of the app."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    """Register `jieli.settlement` under the label `settlement`."""

    name = "jieli.settlement"
    label = "settlement"
