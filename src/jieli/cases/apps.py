"""Django's registration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class CasesConfig(AppConfig):
    """Register `jieli.cases` under the label `cases`."""

    name = "jieli.cases"
    label = "cases"

    def ready(self) -> None:
        """Register what lower apps ask of cases: notices, orphans, erasure, trials of policies."""
        from jieli.cases import notices
        from jieli.cases.actions.erasing import erase_cases_of_customer
        from jieli.cases.actions.moving import move_cases_of_customer
        from jieli.cases.handlers import ANNOUNCED
        from jieli.cases.queries.dry_run import replay_month
        from jieli.cases.queries.links import case_path
        from jieli.cases.queries.owned import open_cases_of
        from jieli.cases.queries.reading import adds_to_case, customers_of, sees_case
        from jieli.customers import erasure, merging, panels, visibility
        from jieli.files import access
        from jieli.notify import kinds
        from jieli.people import orphans
        from jieli.policies import dry_run

        notices.register_kinds()
        kinds.register_case_link(case_path)
        panels.register(panels.Panel(gettext_lazy("Cases"), "cases:of_customer", lambda actor, _customer: actor.is_staff))
        orphans.register(open_cases_of)
        erasure.register("cases", erase_cases_of_customer)
        merging.register("cases", move_cases_of_customer)
        for fact in ANNOUNCED:
            kinds.register_announced(fact.type, fact.type)
        dry_run.register("promises", replay_month)
        access.register(sees_case, adds_to_case)
        visibility.register("cases", customers_of)
