"""Windows, states and reasons as pages of dispatch draw them."""

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from jieli.cases.rules.numbers import case_number
from jieli.dispatch.forms import window_value as value_of
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries.slots import Slot
from jieli.dispatch.rules.reasons import Why, from_json
from jieli.lib import clock
from jieli.network.rules.words import service_words
from jieli.people.queries import company_zone
from jieli.policies.product_lines import product_words
from jieli.ui import display
from jieli.ui.templatetags.ui import badge

register = template.Library()
register.filter(product_words)
register.filter(service_words)


@register.simple_tag
def window(starts_at: datetime, ends_at: datetime, style: str = "near") -> SafeString:
    """Draw a window: ``tomorrow 14:00–16:00``, with ``short`` the times alone."""
    zone = company_zone()
    ends = f"{ends_at.astimezone(zone):%H:%M}"
    if style == "short":
        begins = f"{starts_at.astimezone(zone):%H:%M}"
    else:
        language = get_language() or settings.LANGUAGE_CODE
        begins = display.near_text(starts_at, now=clock.now(), zone=zone, language=language)
    return format_html('<time class="j-window" datetime="{}">{}–{}</time>', starts_at.isoformat(), begins, ends)


@register.simple_tag
def window_value(slot: Slot) -> str:
    """Return a free window as the value of a choice."""
    return value_of((slot.starts_at, slot.ends_at))


@register.simple_tag
def slot_word(why: str) -> str:
    """Return why a window is not free."""
    words = {
        "closed": _("closed"),
        "nobody": pgettext("a window", "nobody to send"),
        "full": _("full"),
        "past": _("too soon"),
    }
    return words.get(why, "")


@register.simple_tag
def reason_line(reasons: Sequence[Why]) -> str:
    """Return reasons in one line."""
    return " · ".join(why.words for why in reasons)


@register.simple_tag
def reasons_kept(offer: Offer) -> str:
    """Return why a candidate was asked, as the offer keeps it."""
    return " · ".join(why.words for why in from_json(offer.reasons.get("for", ())))


@register.simple_tag
def case_number_of(case_id: int) -> str:
    """Return the number of a case."""
    return case_number(case_id)


@register.simple_tag
def dispatch_badge(state: str) -> SafeString:
    """Draw where a case of the backlog stands."""
    word, tone, icon_name = {
        "unplanned": (_("nobody asked yet"), "risk", "user-question"),
        "lapsed": (_("refused or not answered"), "bad", "clock-x"),
        "asked": (_("waits for an answer"), "accent", "hand-stop"),
        "outlet": (_("an outlet has it"), "ok", "building-store"),
    }[state]
    return badge(word, tone, icon_name)


@register.simple_tag
def appointment_badge(appointment: Appointment) -> SafeString:
    """Draw how far an appointment has come."""
    tone = {"accepted": "ok", "done": "grey", "offered": "accent", "planned": "risk"}.get(appointment.state, "grey")
    return badge(Appointment.State(appointment.state).label, tone)


@register.simple_tag
def visit_number(appointment: Appointment) -> str:
    """Name the coming to which an appointment belongs."""
    return _("Visit %(number)s") % {"number": appointment.number}


@register.simple_tag
def coming_line(appointment: Appointment) -> str:
    """Say that somebody is on the way, or there; empty before."""
    zone = company_zone()
    if appointment.arrived_at is not None:
        return _("on site since %(time)s") % {"time": f"{appointment.arrived_at.astimezone(zone):%H:%M}"}
    if appointment.set_out_at is None:
        return ""
    if appointment.expected_at is None:
        return _("on the way since %(time)s") % {"time": f"{appointment.set_out_at.astimezone(zone):%H:%M}"}
    return _("on the way, there at about %(time)s") % {"time": f"{appointment.expected_at.astimezone(zone):%H:%M}"}
