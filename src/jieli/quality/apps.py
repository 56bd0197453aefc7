"""Django's registration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    """Register `jieli.quality` under the label `quality`."""

    name = "jieli.quality"
    label = "quality"

    def ready(self) -> None:
        """Register what lower apps ask of quality: notices, erasure, the step that comes next on the page of a case."""
        from jieli.cases import panels
        from jieli.customers import erasure
        from jieli.quality.actions.erasing import erase_quality_of_customer
        from jieli.quality.notices import register_kinds
        from jieli.quality.queries.pages import is_to_call, is_to_recover

        register_kinds()
        erasure.register("quality", erase_quality_of_customer)
        panels.register_step(panels.Step(_("Call back"), "phone", "quality:of_case_page", is_to_call))
        panels.register_step(panels.Step(_("Make it good"), "heart", "quality:recovery_of_case", is_to_recover))
