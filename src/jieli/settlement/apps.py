"""Django's registration of the app."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    """Register `jieli.settlement` under the label `settlement`, and its exchange files."""

    name = "jieli.settlement"
    label = "settlement"

    def ready(self) -> None:
        """Register the importers of its exchange files, the page of trials, notices, the proof, and who sees files."""
        from jieli.cases.queries import verifying
        from jieli.dispatch import grades
        from jieli.files import access
        from jieli.intake.actions.exchange import BatchImporter, register
        from jieli.policies import dry_run
        from jieli.quality import settled
        from jieli.settlement.actions.incentives import import_incentives
        from jieli.settlement.actions.rates import import_rates
        from jieli.settlement.notices import register_kinds
        from jieli.settlement.policy import may_see_files_behind
        from jieli.settlement.queries.decided import is_any_decided, last_grades
        from jieli.settlement.queries.verifying import GUARDS, findings
        from jieli.settlement.rules import incentive_rows, rate_rows

        verifying.register("settlement", findings, guards=GUARDS)
        register_kinds()
        access.register(may_see_files_behind, may_add=lambda _actor, _case_id: False)
        grades.register(last_grades)
        settled.register("settlement", is_any_decided)
        register(
            "rates",
            BatchImporter(
                rate_rows.COLUMNS,
                "",
                lambda rows, actor: import_rates(rows, actor=actor),
                also_needed=rate_rows.REQUIRED,
                at_once=None,
            ),
        )
        register(
            "incentives",
            BatchImporter(
                incentive_rows.COLUMNS,
                "",
                lambda rows, actor: import_incentives(rows, actor=actor),
                also_needed=("outlet", "month", "kind", "amount"),
                at_once=None,
            ),
        )
        for name in ("rates", "grade", "settlement"):
            dry_run.register_page(name, "settlement:first_trial")
