"""Django's registration of the app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Register `jieli.customers` under the label `customers`."""

    name = "jieli.customers"
    label = "customers"
