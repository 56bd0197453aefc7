"""Django's registration of the app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Register `jieli.intake` under the label `intake`, and the exchange files of the apps below it."""

    name = "jieli.intake"
    label = "intake"

    def ready(self) -> None:
        """Register the importers of exchange files (apps above register their own), labels of devices, who comes by a link."""
        from django.utils.translation import gettext_lazy as _

        from jieli.customers.panels import DeviceLink, register_device_link
        from jieli.files import access
        from jieli.intake.actions import exchange
        from jieli.intake.queries.following import opened_by_token

        register_device_link(DeviceLink(_("Print labels"), "qrcode", "intake:device_labels"))
        exchange.register_lower_apps()
        access.register_tracking(opened_by_token)
