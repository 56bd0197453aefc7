"""Django's registration of the app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Register `jieli.cases` under the label `cases`."""

    name = "jieli.cases"
    label = "cases"
