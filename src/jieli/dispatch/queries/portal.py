"""What the customer sees of his appointment by the link of his case."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jieli.cases.models import Case
from jieli.dispatch.models import Appointment
from jieli.dispatch.queries.candidates import outlets_for
from jieli.dispatch.queries.reading import state_of
from jieli.dispatch.queries.slots import SlotDay, slot_days
from jieli.lib import clock
from jieli.people.queries import company_zone, local_date
from jieli.policies.queries import current
from jieli.ui import display


@dataclass(frozen=True, slots=True)
class Visiting:
    """The appointment of a case, the days on which it could be, and why it cannot be moved here; empty: it can."""

    appointment: Appointment | None
    days: list[SlotDay]
    fixed: str


def visiting(case: Case) -> Visiting:
    """Return what the customer's page of the appointment shows. As `outlets_for` and `slot_days`."""
    state, now, policy = state_of(case.pk), clock.now(), current("dispatch").data
    appointment = state.appointment
    fixed = ""
    if case.status not in (Case.Status.OPEN, Case.Status.WAITING) or state.is_under_way:
        fixed = _("The visit has begun, or the case is closed.")
    elif appointment is not None and now > appointment.starts_at - timedelta(minutes=policy.customer_until_minutes):
        fixed = _("It is too late to move the appointment here. Please write to us, we see to it.")
    elif _moves(case) >= policy.customer_moves:
        fixed = _("The appointment was moved several times already. Please write to us, we see to it.")
    days: list[SlotDay] = []
    if not fixed:
        outlet_id = state.outlet_id or (state.pending.outlet_id if state.pending else None)
        outlet_id = outlet_id or (appointment.outlet_id if appointment else None)
        if outlet_id is None:
            outlet_id = next((one.outlet.pk for one in outlets_for(case, now) if one.is_proposed), None)
        if outlet_id is None:
            fixed = _("We do not know yet which outlet comes to you. We will call you to agree on a time.")
        else:
            engineer = appointment.engineer_id if appointment is not None else None
            days = slot_days(
                outlet_id,
                product_line=case.product_line,
                service_type=case.service_type,
                engineer_id=engineer,
                ignoring=case.pk,
            )
    if not fixed and not any(day.free for day in days):
        fixed = _("No time is free in the next days. Please write to us, we see to it.")
        days = []
    return Visiting(appointment, days, fixed)


def _moves(case: Case) -> int:
    return Appointment.objects.filter(case_id=case.pk, by_customer=True, moved_from__isnull=False).count()


def words_for_customer(case: Case) -> str:
    """Return what the customer's page of a case says of its appointment; empty when it has none to choose. One query."""
    if case.kind != Case.Kind.SERVICE or case.status not in (Case.Status.OPEN, Case.Status.WAITING):
        return ""
    found = Appointment.objects.current().select_related("outlet", "engineer").filter(case_id=case.pk).first()
    if found is None:
        if case.stage not in ("intake", "dispatch") or not case.product_line or not case.address:
            return ""
        return _("Choose when we may come.")
    return appointment_words(found)


def appointment_words(found: Appointment) -> str:
    """Return an appointment in one sentence for its customer."""
    now, zone = clock.now(), company_zone()
    begins = display.near_text(found.starts_at, now=now, zone=zone, language=get_language() or "")
    times = f"{begins}–{found.ends_at.astimezone(zone):%H:%M}"
    values = {
        "window": _("today %(times)s") % {"times": times} if local_date(found.starts_at) == local_date(now) else times,
        "who": found.engineer.name if found.engineer else found.outlet.name if found.outlet else "",
    }
    if found.state != Appointment.State.ACCEPTED:
        return _("Your appointment: %(window)s, not confirmed yet.") % values
    if found.arrived_at is not None:
        return _("%(who)s is with you.") % values
    if found.set_out_at is not None and found.expected_at is not None:
        values["time"] = f"{found.expected_at.astimezone(company_zone()):%H:%M}"
        return _("%(who)s is on the way to you, about %(time)s.") % values
    if found.set_out_at is not None:
        return _("%(who)s is on the way to you: %(window)s.") % values
    if found.number > 1:
        return _("We come again: %(window)s, %(who)s.") % values
    return _("Your appointment: %(window)s, %(who)s.") % values
