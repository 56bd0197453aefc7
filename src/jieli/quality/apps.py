"""Django's registration of the app."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Register `jieli.quality` under the label `quality`."""

    name = "jieli.quality"
    label = "quality"

    def ready(self) -> None:
        """Register what lower apps ask of quality: notices and erasure."""
        from jieli.customers import erasure
        from jieli.quality.actions.erasing import erase_quality_of_customer
        from jieli.quality.notices import register_kinds

        register_kinds()
        erasure.register("quality", erase_quality_of_customer)
