"""Django's registration of the app."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Register `jieli.complaints` under the label `complaints`, and its exchange file."""

    name = "jieli.complaints"
    label = "complaints"

    def ready(self) -> None:
        """Register the importer of complaints.csv."""
        from jieli.complaints.actions.importing import import_complaints
        from jieli.complaints.rules.complaint_rows import COLUMNS
        from jieli.intake.actions.exchange import BatchImporter, register

        register("complaints", BatchImporter(COLUMNS, "number", lambda rows, actor: import_complaints(rows, actor=actor)))
