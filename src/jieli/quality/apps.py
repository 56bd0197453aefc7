"""Django's registration of the app."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Register `jieli.quality` under the label `quality`."""

    name = "jieli.quality"
    label = "quality"
