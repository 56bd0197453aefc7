"""Django's registration of the app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from jieli.policies.schemas import register_shipped


def _install(**_: Any) -> None:
    from jieli.policies.actions import install_default_pack

    install_default_pack()


class PoliciesConfig(AppConfig):
    """Register `jieli.policies` under the label `policies`; every migrate ends with the default pack in place."""

    name = "jieli.policies"
    label = "policies"

    def ready(self) -> None:
        """Make known the shipped policies, and install their first versions after each migrate."""
        register_shipped()
        post_migrate.connect(_install, sender=self, dispatch_uid="policies.default_pack")
