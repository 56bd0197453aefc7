"""What the customer is told of a visit: its window after each change, a reminder before it, that somebody is on the way.

Each is a message on the case, in the customer's language; it goes by e-mail, too, to who has an address.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.conversing import say
from jieli.cases.actions.promises import end_running
from jieli.cases.models import Case, Message, Promise
from jieli.dispatch.events import CustomerTold
from jieli.dispatch.models import Appointment
from jieli.dispatch.rules.telling import is_quiet, reminder_due
from jieli.dispatch.rules.windows import Window
from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor, rule_actor
from jieli.events.models import Event
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.notify.actions import send_mail
from jieli.people.queries import company_zone
from jieli.policies.queries import current
from jieli.ui import display

WINDOW, REMINDER, ON_THE_WAY = "window", "reminder", "on_the_way"


def near(at: datetime) -> str:
    """Write an instant as people say it."""
    return display.near_text(at, now=clock.now(), zone=company_zone(), language=get_language() or settings.LANGUAGE_CODE)


def window_words(window: Window) -> str:
    """Write a window with its date, ``Tue 24 Nov 14:00–16:00``: what is kept is also read when tomorrow is over."""
    language = get_language() or settings.LANGUAGE_CODE
    begins = display.instant_text(window[0], now=clock.now(), zone=company_zone(), language=language)
    return f"{begins}–{window[1].astimezone(company_zone()):%H:%M}"


@contextmanager
def customers_language(case: Case) -> Iterator[None]:
    """Speak the customer's language."""
    with override(case.language or case.customer.language or settings.LANGUAGE_CODE):
        yield


def _values(appointment: Appointment) -> dict[str, str]:
    return {
        "window": window_words((appointment.starts_at, appointment.ends_at)),
        "outlet": appointment.outlet.name if appointment.outlet is not None else "",
        "engineer": appointment.engineer.name if appointment.engineer is not None else "",
    }


def tell_window(case: Case, appointment: Appointment, *, actor: Actor, at: datetime) -> None:
    """Tell the customer the window, and who comes, on the locked case; what was to be answered is answered."""
    with customers_language(case):
        values = _values(appointment)
        if appointment.state != Appointment.State.ACCEPTED:
            text = _("We have noted your appointment: %(window)s. We confirm it as soon as an outlet has accepted.") % values
        elif appointment.engineer is None:
            text = _("Your appointment is confirmed: %(window)s, %(outlet)s. You will be told who comes.") % values
        elif appointment.number > 1:
            text = _("We come again: %(window)s. %(engineer)s from %(outlet)s will be with you.") % values
        else:
            text = _("Your appointment is confirmed: %(window)s. %(engineer)s from %(outlet)s will be with you.") % values
        subject = _("Your appointment: %(window)s") % values
    by = actor if actor.is_staff else rule_actor("dispatch")
    _inform(case, appointment, WINDOW, subject, text, actor=by, at=at)
    if appointment.state == Appointment.State.ACCEPTED:
        answered = [Promise.Kind.FIRST_REPLY, Promise.Kind.NEXT_REPLY]
        running = case.promises.unended().filter(kind__in=answered, due_at=appointment.ends_at)
        if not running.exists():
            end_running(case, answered, actor=by, at=at)


@changing
def remind_customer(appointment_id: int, *, actor: Actor) -> bool:
    """Remind the customer of an accepted appointment when it is time, once for each window; tell whether it was told now.

    The policy `dispatch` says how long before, and between which hours nobody is told. Who was told the window after that
    time knows it.
    """
    case_id = Appointment.objects.filter(pk=appointment_id).values_list("case_id", flat=True).first()
    if case_id is None:
        return False
    require(actor.is_internal)
    case = locked_case(case_id, actor, must_be_open=False)
    appointment = _locked(appointment_id)
    now, telling = clock.now(), current("dispatch").data.telling
    if not _is_to_come(case, appointment) or appointment.reminded_at is not None or not telling.reminds:
        return False
    due = reminder_due(appointment.starts_at, telling, company_zone())
    if not due <= now < appointment.starts_at or appointment.changed_at >= due or is_quiet(now, telling, company_zone()):
        return False
    appointment.reminded_at = now
    appointment.save(update_fields=["reminded_at"])
    with customers_language(case):
        values = _values(appointment)
        if appointment.engineer is not None:
            text = _("A reminder: %(engineer)s from %(outlet)s is with you %(window)s.") % values
        else:
            text = _("A reminder: %(outlet)s is with you %(window)s.") % values
        text = _("%(reminder)s If it does not suit you, choose another time by the link of your case.") % {"reminder": text}
        subject = _("Reminder: %(window)s") % values
    _inform(case, appointment, REMINDER, subject, text, actor=actor, at=now)
    return True


@changing
def tell_on_the_way(case_id: int, *, actor: Actor) -> bool:
    """Tell the customer once that the engineer set out, and about when he will be there; tell whether it was told now.

    Nothing is told any more when he has arrived, when the time of the forecast has passed, or when the case has ended.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    require(actor.is_internal)
    found = Appointment.objects.current().filter(case_id=case.pk, set_out_at__isnull=False).values_list("pk", flat=True).first()
    if found is None:
        return False
    appointment, now = _locked(found), clock.now()
    if not _is_to_come(case, appointment) or (appointment.expected_at or appointment.ends_at) <= now:
        return False
    told = Event.objects.of_case(case.pk).filter(type=CustomerTold.type, data__what=ON_THE_WAY)
    if told.filter(data__appointment_id=appointment.pk).exists():
        return False
    with customers_language(case):
        values = _values(appointment)
        if appointment.expected_at is not None:
            values["time"] = f"{appointment.expected_at.astimezone(company_zone()):%H:%M}"
            text = _("%(engineer)s from %(outlet)s is on the way to you and will be there at about %(time)s.") % values
            subject = _("On the way to you, about %(time)s") % values
        else:
            text = _("%(engineer)s from %(outlet)s is on the way to you: %(window)s.") % values
            subject = _("On the way to you")
    _inform(case, appointment, ON_THE_WAY, subject, text, actor=actor, at=now)
    return True


def _locked(appointment_id: int) -> Appointment:
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("outlet", "engineer")
    return rows.get(pk=appointment_id)


def _is_to_come(case: Case, appointment: Appointment) -> bool:
    is_open = case.status in (Case.Status.OPEN, Case.Status.WAITING)
    return is_open and appointment.state == Appointment.State.ACCEPTED and appointment.arrived_at is None


def _inform(case: Case, appointment: Appointment, what: str, subject: str, text: str, *, actor: Actor, at: datetime) -> None:
    """Write to the customer on the locked case, and by e-mail to who has an address."""
    say(case, text, direction=Message.Direction.OUT, actor=actor, at=at)
    address = _address(case)
    if address:
        with customers_language(case):
            body = _("%(text)s\n\nCase %(number)s: %(subject)s") % {
                "text": text, "number": case.number, "subject": case.subject,
            }  # fmt: skip
        send_mail(to_address=address, subject=subject, text=f"{body}\n", case_id=case.pk, actor=SYSTEM)
    fact = CustomerTold(
        case_id=case.pk,
        appointment_id=appointment.pk,
        what=what,
        by_email=bool(address),
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        expected_at=appointment.expected_at,
    )
    record(fact, actor=actor, at=at)


def _address(case: Case) -> str:
    """Return where mail of a case goes: to who is its contact, else to the customer; empty when no address can be one."""
    known = (case.contact.email if case.contact is not None else "", case.customer.email)
    return next((one for one in known if _is_email(one)), "")


def _is_email(text: str) -> bool:
    # What came in by an import may be anything; a bad address must not keep an appointment from being made.
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
