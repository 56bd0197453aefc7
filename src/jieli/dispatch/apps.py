"""Django's registration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class DispatchConfig(AppConfig):
    """Register `jieli.dispatch` under the label `dispatch`."""

    name = "jieli.dispatch"
    label = "dispatch"

    def ready(self) -> None:
        """Register notices, and where the page of a case leads for dispatch."""
        from jieli.cases import panels
        from jieli.cases.models import Case, Pass
        from jieli.cases.queries import verifying
        from jieli.dispatch import notices
        from jieli.dispatch.events import CustomerTold
        from jieli.dispatch.policy import may_dispatch
        from jieli.dispatch.queries.portal import words_for_customer
        from jieli.dispatch.queries.verifying import findings
        from jieli.events.actor import Actor
        from jieli.intake import links
        from jieli.notify.kinds import register_announced

        def is_next(actor: Actor, case: Case) -> bool:
            return case.kind == "service" and case.stage in ("intake", "dispatch") and may_dispatch(actor, case)

        notices.register_kinds()
        register_announced(CustomerTold.type, gettext_lazy("the customer was told of a visit"))
        verifying.register("dispatch", findings)
        panels.register_answer(Pass.Way.DISPATCH, panels.Step(gettext_lazy("Answer the work order"), "truck", "dispatch:case"))
        panels.register_step(panels.Step(gettext_lazy("Dispatch"), "truck", "dispatch:case", is_next))
        links.register(links.LinkedPage("appointment", gettext_lazy("Appointment"), "calendar", words_for_customer))
