"""Django's registration of the app."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Register `jieli.visits` under the label `visits`, its notices, and who adds photos to a case."""

    name = "jieli.visits"
    label = "visits"

    def ready(self) -> None:
        """Register the notices, the engineers' access to the files of their visits, and the erasure of what phones sent."""
        from jieli.cases.queries import verifying
        from jieli.customers.erasure import register as register_eraser
        from jieli.files import access
        from jieli.visits.actions.erasing import erase_visits
        from jieli.visits.notices import register_kinds
        from jieli.visits.policy import may_see_files_of
        from jieli.visits.queries.proving import findings

        register_kinds()
        verifying.register("visits", findings)
        access.register(may_see_files_of)
        register_eraser("visits", erase_visits)
