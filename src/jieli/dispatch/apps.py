"""Django's registration of the app."""

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    """Register `jieli.dispatch` under the label `dispatch`."""

    name = "jieli.dispatch"
    label = "dispatch"
