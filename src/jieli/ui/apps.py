"""Django's registration of the app."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Register `jieli.ui` under the label `ui`."""

    name = "jieli.ui"
    label = "ui"
