"""Django's registration of the app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Register `jieli.people` under the label `people`."""

    name = "jieli.people"
    label = "people"
