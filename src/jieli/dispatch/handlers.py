"""What follows: the next candidate after a refusal or a lapse, and what happens to appointments when cases end."""

from jieli.cases.events import CaseCancelled, CaseClosed, CaseResolved, PassDeclined, PassLapsed, PassWithdrawn
from jieli.cases.rules.numbers import case_number
from jieli.dispatch.actions.appointing import end_appointment, let_time_go
from jieli.dispatch.actions.following import ask_next, cases_at_outlet, replace_outlet
from jieli.dispatch.events import CustomerTold
from jieli.events.actor import SYSTEM, rule_actor
from jieli.events.models import Event
from jieli.events.reactions import on
from jieli.network.events import OutletEnded, OutletSuspended
from jieli.notify.actions import announce
from jieli.notify.queries import is_subscribed


@on(PassDeclined, PassLapsed)
def offer_to_next(event: Event) -> None:
    """Ask the next candidate when the pass was a work order."""
    ask_next(int(event.data["pass_id"]), actor=rule_actor("dispatch"))


@on(PassWithdrawn)
def offer_taken_back(event: Event) -> None:
    """Let the time go that was kept for who is not asked any more."""
    let_time_go(event.stream_id, actor=rule_actor("dispatch"))


@on(CaseResolved, CaseClosed)
def appointment_is_over(event: Event) -> None:
    """End an appointment that nobody ended: the work is done."""
    end_appointment(event.stream_id, state="done", actor=SYSTEM)


@on(CaseCancelled)
def nobody_comes(event: Event) -> None:
    """Call the appointment off with its case."""
    end_appointment(event.stream_id, state="cancelled", actor=SYSTEM)


@on(OutletSuspended, OutletEnded)
def outlet_falls_out(event: Event) -> None:
    """Ask others instead of an outlet that gets no new orders, and tell the people of the work it has."""
    for case_id in cases_at_outlet(event.stream_id):
        replace_outlet(case_id, outlet_id=event.stream_id, actor=rule_actor("dispatch"))


@on(CustomerTold, wanted=is_subscribed)
def announce_telling(event: Event) -> None:
    """Call the webhooks that want it, such as a gateway of text messages; the payload holds no personal data."""
    payload = {"number": case_number(event.stream_id), "type": event.type, "at": event.at.isoformat(), "data": event.data}
    announce(event.type, payload=payload, case_id=event.stream_id, actor=SYSTEM)
