"""Django's registration of the app."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Register `jieli.events` under the label `events`."""

    name = "jieli.events"
    label = "events"
