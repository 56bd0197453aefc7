"""Django's registration of the app."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Register `jieli.notify` under the label `notify`."""

    name = "jieli.notify"
    label = "notify"
