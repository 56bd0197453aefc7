"""Django's registration of the app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Register `jieli.orders` under the label `orders`, and its exchange file."""

    name = "jieli.orders"
    label = "orders"

    def ready(self) -> None:
        """Register the importer of orders.csv."""
        from jieli.intake.actions.exchange import BatchImporter, register
        from jieli.orders.actions.importing import import_orders
        from jieli.orders.rules.order_rows import COLUMNS

        register(
            "orders",
            BatchImporter(
                COLUMNS,
                "number",
                lambda rows, actor: import_orders(rows, actor=actor),
                also_needed=("outlet", "opened_at"),
                at_once=2000,
                side_by_side=2,
            ),
        )
