"""How figures and tickets are written."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from jieli.dispatch.models import Appointment, Offer
from jieli.lib import clock
from jieli.policies.product_lines import product_words
from jieli.quality.models import Attempt, CallBack, Spending
from jieli.quality.rules.marks import Marks
from jieli.ui import display
from jieli.ui.templatetags.ui import badge
from jieli.visits.models import Information, Visit, VisitOrder

register = template.Library()

register.filter(product_words)


@register.filter
def percent(value: float | None) -> str:
    """Write a share as a percentage with one decimal; a dash when there was nothing to count."""
    return "–" if value is None else f"{100 * value:.1f}%"


@register.filter
def points(value: float) -> str:
    """Write a change in percentage points with its sign."""
    text = f"{value:+.1f}"
    text = "±0.0" if text in ("-0.0", "+0.0") else text.replace("-", "−")
    return _("%(points)s points") % {"points": text}


@register.simple_tag
def window(starts_at: datetime, ends_at: datetime) -> SafeString:
    """Show a stretch of a day: ``11月23日 周一 09:00–11:00``."""
    return format_html('<time datetime="{}">{}</time>', starts_at.isoformat(), window_text(starts_at, ends_at))


def window_text(starts_at: datetime, ends_at: datetime) -> str:
    """Write a stretch of a day, in the company's zone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    language = get_language() or settings.LANGUAGE_CODE
    begins = display.instant_text(starts_at, now=clock.now(), zone=zone, language=language)
    if starts_at.astimezone(zone).date() == ends_at.astimezone(zone).date():
        return f"{begins}–{ends_at.astimezone(zone):%H:%M}"
    return f"{begins} – {display.instant_text(ends_at, now=clock.now(), zone=zone, language=language)}"


@register.simple_tag
def clock_time(at: datetime) -> SafeString:
    """Show the time of day alone, to the second; the day is on hover."""
    zone = ZoneInfo(settings.TIME_ZONE)
    language = get_language() or settings.LANGUAGE_CODE
    exact = display.instant_text(at, now=clock.now(), zone=zone, language=language)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, f"{at.astimezone(zone):%H:%M:%S}")


_APPOINTMENTS = {"accepted": "ok", "done": "ok", "moved": "risk", "cancelled": "grey"}


@register.simple_tag
def appointment_badge(one: Appointment) -> SafeString:
    """Show how far an appointment has come."""
    return badge(Appointment.State(one.state).label, _APPOINTMENTS.get(one.state, "accent"))


@register.simple_tag
def counter_word(one: Offer) -> str:
    """Name what became of another window that was proposed."""
    return str(Offer.CounterState(one.counter_state).label)


@register.simple_tag
def visit_badge(one: Visit) -> SafeString:
    """Show whether a visit goes on."""
    return badge(Visit.State(one.state).label, {"finished": "ok", "open": "accent"}.get(one.state, "grey"))


@register.simple_tag
def visit_result(row: VisitOrder) -> str:
    """Name how a visit went for one order."""
    return str(VisitOrder.Result(row.result).label) if row.result else ""


@register.simple_tag
def information_state(one: Information) -> str:
    """Name whether information was answered."""
    return str(Information.State(one.state).label)


@register.simple_tag
def callback_about(one: CallBack) -> str:
    """Name what a call-back is about."""
    return str(CallBack.About(one.about).label)


@register.simple_tag
def callback_word(one: CallBack) -> str:
    """Name the result of a call-back, or where the task is."""
    return result_word(one.result) if one.result else str(CallBack.State(one.state).label)


@register.simple_tag
def result_word(result: str) -> str:
    """Name what a customer said."""
    return str(CallBack.Result(result).label)


@register.simple_tag
def attempt_word(one: Attempt) -> str:
    """Name how an attempt went."""
    return str(Attempt.Outcome(one.outcome).label)


@register.simple_tag
def spending_word(one: Spending) -> str:
    """Name whether an amount is spent."""
    return str(Spending.State(one.state).label)


@register.simple_tag
def callback_answers(one: CallBack) -> list[tuple[str, bool | None]]:
    """Return the short answers of a call-back with their questions; nothing while there are none."""
    answers = [
        (_("solved"), one.solved),
        (_("on time"), one.on_time),
        (_("charged as shown"), one.charged_as_shown),
        (_("good manners"), one.manners),
    ]
    return [pair for pair in answers if pair[1] is not None]


@register.simple_tag
def marks_in_words(marks: Marks) -> list[tuple[str, str, str]]:
    """Return the four marks of a visit as name, word and tone."""
    moved = str(CallBack.Moved(marks.moved).label) if marks.moved else "–"
    if marks.moved and not marks.is_moved_confirmed:
        moved = _("%(degree)s (not confirmed yet)") % {"degree": moved}
    return [
        (pgettext("a mark of the visit", "on call"), *_yes_or_no(marks.on_call)),
        (pgettext("a mark of the visit", "fixed on arrival"), *_yes_or_no(marks.fixed_on_arrival)),
        (pgettext("a mark of the visit", "moved"), moved, "ok" if marks.is_moved_confirmed else "grey"),
        (
            pgettext("a mark of the visit", "information"),
            pgettext("a mark of the visit", "accepted") if marks.information else "–",
            "ok" if marks.information else "grey",
        ),
    ]


def _yes_or_no(value: bool | None) -> tuple[str, str]:
    if value is None:
        return "–", "grey"
    return (_("yes"), "ok") if value else (_("no"), "bad")
