"""Django's registration of the app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Register `jieli.cases` under the label `cases`."""

    name = "jieli.cases"
    label = "cases"

    def ready(self) -> None:
        """Register what lower apps ask of cases: their notices, and what a person would leave without an owner."""
        from jieli.cases import notices
        from jieli.cases.queries.owned import open_cases_of
        from jieli.people import orphans

        notices.register_kinds()
        orphans.register(open_cases_of)
