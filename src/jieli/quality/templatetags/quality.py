"""What customers said, in words and signs."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jieli.people.models import Role
from jieli.quality.models import Attempt, CallBack, Spending
from jieli.ui.templatetags.ui import badge, icon

register = template.Library()

_TONES = {
    "satisfied": ("ok", "thumb-up"),
    "dissatisfied": ("bad", "thumb-down"),
    "unreached": ("grey", "phone"),
    "open": ("accent", "phone"),
    "dropped": ("grey", "circle-minus"),
    "not_sampled": ("grey", "circle-minus"),
}
_SPENT = {"spent": ("ok", "check"), "asked": ("risk", "clock"), "refused": ("grey", "x")}


@register.simple_tag
def callback_badge(callback: CallBack) -> SafeString:
    """Show the result of a call-back, or where it is."""
    tone, sign = _TONES[callback.result or callback.state]
    label = CallBack.Result(callback.result).label if callback.result else CallBack.State(callback.state).label
    return badge(label, tone, sign)


@register.simple_tag
def result_badge(result: str) -> SafeString | str:
    """Show a result."""
    return badge(CallBack.Result(result).label, *_TONES[result]) if result else ""


@register.filter
def about_word(callback: CallBack) -> str:
    """Name what the customer is asked about."""
    return str(CallBack.About(callback.about).label)


@register.filter
def moved_word(degree: str) -> str:
    """Name how much a customer was moved."""
    return str(CallBack.Moved(degree).label) if degree else ""


@register.filter
def outcome_word(attempt: Attempt) -> str:
    """Name how an attempt went."""
    return str(Attempt.Outcome(attempt.outcome).label)


@register.filter
def role_word(role: str) -> str:
    """Name a role."""
    return str(Role(role).label) if role else ""


@register.simple_tag
def yes_no(value: bool | None) -> SafeString | str:
    """Show an answer: a sign and a word."""
    if value is None:
        return _("not asked")
    return badge(_("yes"), "ok", "check") if value else badge(_("no"), "bad", "x")


@register.simple_tag
def mark(value: bool | None, label: str) -> SafeString:
    """Show a mark: won, missed, or not known yet."""
    if value is None:
        return badge(label, "grey", "help-circle", _("not known yet"))
    return badge(label, "ok", "star", _("won")) if value else badge(label, "bad", "x", _("missed"))


@register.simple_tag
def spending_badge(spending: Spending) -> SafeString:
    """Show where an amount is."""
    return badge(Spending.State(spending.state).label, *_SPENT[spending.state])


@register.simple_tag
def outcome_icon(code: str) -> SafeString:
    """Show the sign of an outcome."""
    names = {"talked": "message", "called_us": "phone-incoming", "no_answer": "phone", "busy": "minus", "refused": "x"}
    return icon(names.get(code, "phone"))
