"""Django's registration of the app."""

from django.apps import AppConfig


class PartsConfig(AppConfig):
    """Register `jieli.parts` under the label `parts`."""

    name = "jieli.parts"
    label = "parts"

    def ready(self) -> None:
        """Register the notices, the proof of the book of stock, and the importers of parts.csv and stock.csv."""
        from jieli.cases.queries import verifying
        from jieli.intake.actions.exchange import BatchImporter, register
        from jieli.parts.actions.importing import import_parts, import_stock
        from jieli.parts.notices import register_kinds
        from jieli.parts.queries.verifying import GUARDS, findings
        from jieli.parts.rules.part_rows import PART_COLUMNS, STOCK_COLUMNS, STOCK_NEEDS

        register_kinds()
        register("parts", BatchImporter(PART_COLUMNS, "code", lambda rows, actor: import_parts(rows, actor=actor)))
        register(
            "stock",
            BatchImporter(STOCK_COLUMNS, "", lambda rows, actor: import_stock(rows, actor=actor), also_needed=STOCK_NEEDS),
        )
        verifying.register("parts", findings, guards=GUARDS)
