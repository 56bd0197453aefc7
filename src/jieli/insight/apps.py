"""Django's registration of the app."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Register `jieli.insight` under the label `insight`."""

    name = "jieli.insight"
    label = "insight"
