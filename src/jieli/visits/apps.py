"""Django's registration of the app."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Register `jieli.visits` under the label `visits`, and its exchange file."""

    name = "jieli.visits"
    label = "visits"

    def ready(self) -> None:
        """Register the importer of orders.csv."""
        from jieli.intake.actions.exchange import BatchImporter, register
        from jieli.visits.actions.importing import import_orders
        from jieli.visits.rules.order_rows import COLUMNS

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
