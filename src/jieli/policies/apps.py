"""Django's registration of the app."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Register `jieli.policies` under the label `policies`."""

    name = "jieli.policies"
    label = "policies"
