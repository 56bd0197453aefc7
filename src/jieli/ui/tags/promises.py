"""Promises as bars and cells, and the stages of a case."""

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieli.lib import clock
from jieli.ui import display
from jieli.ui.tags.signs import company_zone, icon, reader_language

register = template.Library()


_STATE_WORDS = {
    "running": gettext_lazy("on track"),
    "risk": gettext_lazy("at risk"),
    "broken": gettext_lazy("overdue"),
    "kept": gettext_lazy("kept"),
    "late": gettext_lazy("late"),
    "paused": gettext_lazy("paused"),
    "ended": gettext_lazy("ended"),
}
TICKING = ("running", "risk", "broken")
STATE_ICONS = {
    "running": "clock",
    "risk": "alert-triangle",
    "broken": "flame",
    "kept": "circle-check",
    "late": "circle-x",
    "paused": "player-pause",
    "ended": "circle-minus",
}


def state_word(state: str) -> str:
    """Name the state of a promise for people; colour is never the only sign."""
    return str(_STATE_WORDS[state])


@register.inclusion_tag("ui/_promise_bar.html")
def promise_bar(
    due_at: datetime | None,
    *,
    what: str = "",
    whom: str = "",
    start_at: datetime | None = None,
    warn_at: datetime | None = None,
    kept_at: datetime | None = None,
    broken_at: datetime | None = None,
    is_paused: bool = False,
    is_ended: bool = False,
    why: str = "",
    why_url: str = "",
    compact: bool = False,
) -> dict[str, object]:
    """Show a promise: what, to whom, when, how sure; a quiet bar, a word and an icon.

    `why` is the explanation kept with the promise, one tap away; `compact` is the form for table cells.
    """
    if not due_at:
        return {"missing": True}
    now, zone, language = clock.now(), company_zone(), reader_language()
    shape = display.promise_shape(
        now=now,
        due_at=due_at,
        start_at=start_at or None,
        warn_at=warn_at or None,
        kept_at=kept_at or None,
        broken_at=broken_at or None,
        is_paused=bool(is_paused),
        is_ended=bool(is_ended),
    )
    return {
        "what": what,
        "whom": whom,
        "state": shape.state,
        "state_word": state_word(shape.state),
        "state_icon": STATE_ICONS[shape.state],
        "used_percent": shape.used_percent,
        "words": _promise_words(shape, language),
        "due_at": due_at,
        "due_stamp": due_at.isoformat(),
        "start_stamp": start_at.isoformat() if start_at else "",
        "warn_stamp": warn_at.isoformat() if warn_at else "",
        "due_text": (display.short_text if compact else display.near_text)(due_at, now=now, zone=zone, language=language),
        "due_exact": display.instant_text(due_at, now=now, zone=zone, language=language),
        "is_ticking": shape.state in TICKING,
        "why": why,
        "why_url": why_url,
        "compact": compact,
    }


def _promise_words(shape: display.PromiseShape, language: str) -> str:
    left = display.length_text(shape.left, language=language)
    if shape.state == "broken":
        return _("%(time)s over") % {"time": left}
    return _("%(time)s left") % {"time": left} if shape.state in TICKING else state_word(shape.state)


@register.simple_tag
def promise_cell(
    due_at: datetime | None,
    *,
    start_at: datetime | None = None,
    broken_at: datetime | None = None,
    is_paused: bool = False,
) -> SafeString:
    """Show a promise in a table cell: the compact `promise_bar`, drawn without a template because lists have many."""
    if not due_at:
        return format_html('<span class="j-none">–</span>')
    now, zone, language = clock.now(), company_zone(), reader_language()
    shape = display.promise_shape(
        now=now, due_at=due_at, start_at=start_at or None, broken_at=broken_at or None, is_paused=bool(is_paused)
    )
    stamp = due_at.isoformat()
    ticking: SafeString | str = ""
    if shape.state in TICKING:
        ticking = format_html(' data-due="{}" data-start="{}" data-warn=""', stamp, start_at.isoformat() if start_at else "")
    return format_html(
        '<div class="j-promise j-promise-compact" data-state="{}"{}><span class="j-promise-icon">{}</span>'
        '<time class="j-promise-due" datetime="{}" title="{}">{}</time>'
        '<svg class="j-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="j-bar-all" width="100" height="4"/><rect class="j-bar-used" width="{}" height="4"/></svg>'
        '<span class="j-promise-left">{}</span></div>',
        shape.state,
        ticking,
        icon(STATE_ICONS[shape.state], label=state_word(shape.state)),
        stamp,
        display.instant_text(due_at, now=now, zone=zone, language=language),
        display.short_text(due_at, now=now, zone=zone, language=language),
        shape.used_percent,
        _promise_words(shape, language),
    )


@register.inclusion_tag("ui/_stage_line.html")
def stage_line(stages: Sequence[tuple[str, str]], current: str) -> dict[str, object]:
    """Show the stages of a case with the present one marked; `stages` are (code, label) in order."""
    codes = [code for code, _label in stages]
    place = codes.index(current) if current in codes else -1
    states = ["done" if n < place else "now" if n == place else "later" for n in range(len(codes))]
    return {"stages": [{"label": label, "state": state} for (_code, label), state in zip(stages, states, strict=True)]}
