"""The components of the look as template tags; `docs/design.md` shows each in use."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from jieli.lib import clock
from jieli.ui import assets, display

register = template.Library()

_STATE_WORDS = {
    "running": gettext_lazy("on track"),
    "risk": gettext_lazy("at risk"),
    "broken": gettext_lazy("overdue"),
    "kept": gettext_lazy("kept"),
    "late": gettext_lazy("kept late"),
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


def company_zone() -> ZoneInfo:
    """Return the zone in which the company's people read the time."""
    return ZoneInfo(settings.TIME_ZONE)


def _nothing() -> SafeString:
    return format_html('<span class="j-none" title="{}">–</span>', _("none"))


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def state_word(state: str) -> str:
    """Name the state of a promise for people; colour is never the only sign."""
    return str(_STATE_WORDS[state])


@register.simple_tag
def asset(name: str) -> str:
    """Return the address of a built script, style or picture, whose name carries a hash of its content."""
    return static(f"ui/build/{assets.built_name(name)}")


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """Draw an icon of the sprite; without a label it is decoration and hidden from screen readers."""
    return _drawn_icon(f"{asset('icons.svg')}#{name}", label, f"icon icon-{size}" if size else "icon")


@lru_cache(maxsize=1024, typed=True)  # a text marked as safe is another one
def _drawn_icon(href: str, label: str, css: str) -> SafeString:
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', css, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', css, href)


@register.simple_tag
def badge(text: object, tone: str = "grey", icon_name: str = "", title: str = "") -> SafeString:
    """Show a word in a quiet frame; tones: grey, accent, ok, risk, bad."""
    return _drawn_badge(str(text), tone, icon(icon_name) if icon_name else SafeString(""), title)


@lru_cache(maxsize=1024, typed=True)  # a text marked as safe is another one
def _drawn_badge(text: str, tone: str, drawn_icon: SafeString, title: str) -> SafeString:
    return format_html('<span class="j-badge" data-tone="{}" title="{}">{}{}</span>', tone, title, drawn_icon, text)


# --- values ---------------------------------------------------------------------------------------------------------


@register.simple_tag
def when(at: datetime | date | None, style: str = "relative") -> SafeString | str:
    """Show an instant: style relative (5 min ago), near (15:30, tomorrow 09:00), short or exact; the exact form is on hover.

    A date without a time is written with its weekday.
    """
    if at is None:
        return _nothing()
    now, zone, language = clock.now(), company_zone(), _language()
    if not isinstance(at, datetime):
        text = display.date_text(at, today=now.astimezone(zone).date(), language=language)
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), text)
    exact = display.instant_text(at, now=now, zone=zone, language=language)
    text = {"near": display.near_text, "exact": display.instant_text, "short": display.short_text}.get(
        style, display.relative_text
    )(at, now=now, zone=zone, language=language)
    ticking = "relative" if style == "relative" else ""
    stamp = at.astimezone(zone).isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}" data-when="{}">{}</time>', stamp, exact, ticking, text)


@register.filter
def month_words(first: date) -> str:
    """Write the month that begins on a day."""
    return display.month_text(first, language=_language())


@register.filter
def length_of_time(seconds: float | None) -> str:
    """Write a number of seconds as a length of time in its two largest units."""
    return "–" if seconds is None else display.length_text(timedelta(seconds=seconds), language=_language())


@register.simple_tag
def money(amount: Decimal | None, currency: str = "CNY") -> SafeString:
    """Show an amount with its sign of currency, aligned for columns."""
    if amount is None:
        return _nothing()
    text = display.money_text(Decimal(amount), currency=currency)
    return format_html('<data class="j-money" value="{}">{}</data>', str(amount), text)


@register.inclusion_tag("ui/_masked.html")
def masked(value: str, reveal_url: str = "", label: str = "") -> dict[str, object]:
    """Show a value with its middle hidden; with a URL a button posts there and swaps in the answer (which is recorded)."""
    return {"shown": display.masked(value) if value else "", "reveal_url": reveal_url, "label": label}


# --- people ---------------------------------------------------------------------------------------------------------


def _name_of(person: object) -> str:
    return str(getattr(person, "name", person) or "")


@register.simple_tag
def face(person: object, size: str = "") -> SafeString:
    """Show a person's initials in a circle; `person` is a name or anything with a `name`."""
    name = _name_of(person)
    return _drawn_face(name, str(getattr(person, "code", "") or name), size)


@lru_cache(maxsize=4096, typed=True)
def _drawn_face(name: str, key: str, size: str) -> SafeString:
    return format_html(
        '<span class="j-face" data-size="{}" data-tint="{}" title="{}" aria-hidden="true">{}</span>',
        size,
        display.face_tint(key),
        name,
        display.initials(name),
    )


@register.simple_tag
def person(who: object, note: str = "", href: str = "") -> SafeString | str:
    """Show a face with the name beside it, an optional note (unit, role) and link."""
    name = _name_of(who)
    if not name:
        return _nothing()
    label = format_html('<a href="{}">{}</a>', href, name) if href else name
    small = format_html(' <small class="j-muted">{}</small>', note) if note else ""
    return format_html('<span class="j-person">{}<span class="j-person-name">{}{}</span></span>', face(who), label, small)


@register.inclusion_tag("ui/_baton.html")
def baton(
    owner: object,
    steward: object = None,
    pending_to: object = None,
    pending_until: datetime | None = None,
    compact: bool = False,
) -> dict[str, object]:
    """Show who has the case, the steward beside, and a pending pass as a hand reaching to its receiver."""
    return {
        "owner": owner,
        "steward": steward,
        "same": bool(steward) and _name_of(owner) == _name_of(steward),
        "pending_to": pending_to,
        "pending_until": pending_until,
        "compact": compact,
    }


@register.simple_tag
def baton_cell(owner: object, pending_to: object = None) -> SafeString:
    """Show who has the case in a table cell: the compact `baton`, drawn without a template because lists have many."""
    reach: SafeString | str = ""
    if pending_to:
        name = _name_of(pending_to)
        reach = format_html(
            '<span class="j-reach" title="{}">{}'
            '<svg class="j-reach-line" viewBox="0 0 24 8" aria-hidden="true"><path d="M0 4h20M16 1l4 3-4 3"/></svg>'
            '{}<span class="j-person-name"><span class="visually-hidden">{}</span> {}</span></span>',
            _("Offered to %(name)s, not yet accepted") % {"name": name},
            icon("hand-stop"),
            face(pending_to),
            _("offered to"),
            name,
        )
    return format_html(
        '<span class="j-baton j-baton-compact"><span class="j-person">{}<span class="j-person-name">'
        '<span class="visually-hidden">{}</span> {}</span></span>{}</span>',
        face(owner),
        _("Owner"),
        _name_of(owner),
        reach,
    )


# --- promises and stages ----------------------------------------------------------------------------------------------


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
    now, zone, language = clock.now(), company_zone(), _language()
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
    now, zone, language = clock.now(), company_zone(), _language()
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


# --- lists ------------------------------------------------------------------------------------------------------------


def _query_with(request: HttpRequest | None, **changes: str | None) -> str:
    if request is None:
        return "?"
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def with_query(context: Mapping[str, Any], **changes: str | None) -> str:
    """Return the page's own query string with some parameters changed; None removes one."""
    return _query_with(context.get("request"), **changes)


@register.inclusion_tag("ui/_sort_header.html", takes_context=True)
def sort_header(
    context: Mapping[str, Any], key: str, label: str, default: str = "", numeric: bool = False
) -> dict[str, object]:
    """A column header which sorts: `?sort=key`, then `?sort=-key`; `default` is the list's own order."""
    request: HttpRequest | None = context.get("request")
    current = (request.GET.get("sort") if request else "") or default
    direction = "ascending" if current == key else "descending" if current == f"-{key}" else "none"
    target = f"-{key}" if current == key else key
    return {
        "label": label,
        "direction": direction,
        "numeric": numeric,
        "href": _query_with(request, sort=target, after=None, before=None),
    }


@register.inclusion_tag("ui/_paging.html", takes_context=True)
def paging(
    context: Mapping[str, Any], next_cursor: str = "", previous_cursor: str = "", shown: int | None = None, total: str = ""
) -> dict[str, object]:
    """Links to the next and the previous page by cursor (`?after=…`, `?before=…`); no page numbers, no OFFSET."""
    request: HttpRequest | None = context.get("request")
    return {
        "next": _query_with(request, after=next_cursor, before=None) if next_cursor else "",
        "previous": _query_with(request, before=previous_cursor, after=None) if previous_cursor else "",
        "shown": shown,
        "total": total,
    }


@register.inclusion_tag("ui/_filter_form.html", takes_context=True)
def filter_form(context: Mapping[str, Any], form: BaseForm, target: str = "#rows") -> dict[str, object]:
    """A form of filters above a list: works by its button, and by itself on change where scripts run."""
    form.auto_id = "filter_%s"
    for field in form:
        _dress(field, small=True)
    request: HttpRequest | None = context.get("request")
    return {
        "form": form,
        "target": target,
        "sort": request.GET.get("sort", "") if request else "",
        "is_filtered": bool(request and any(request.GET.get(name) for name in form.fields)),
        "path": request.path if request else "",
    }


@register.inclusion_tag("ui/_empty.html")
def empty(title: str, text: str = "", icon_name: str = "inbox", href: str = "", action: str = "") -> dict[str, object]:
    """Say what would be here and how it gets here, with at most one thing to do."""
    return {"title": title, "text": text, "icon_name": icon_name, "href": href, "action": action}


@register.inclusion_tag("ui/_tabs.html")
def tabs(items: Sequence[Mapping[str, object]], label: str = "") -> dict[str, object]:
    """Links to the sides of one thing; each item has label, url, is_current and perhaps count."""
    return {"items": items, "label": label}


@register.inclusion_tag("ui/_timeline.html")
def timeline(entries: Sequence[object]) -> dict[str, object]:
    """What happened, newest last; an entry has at, text and perhaps who, icon, tone, detail, url."""
    return {"entries": entries}


@register.inclusion_tag("ui/_conversation.html")
def conversation(entries: Sequence[object]) -> dict[str, object]:
    """Bubbles: an entry has side (customer, staff, note, event), at, text and perhaps who, delivery, files."""
    return {"entries": entries}


@register.inclusion_tag("ui/_diff.html")
def diff_view(old: str, new: str, old_title: str = "", new_title: str = "") -> dict[str, object]:
    """Two texts in two columns with the changed lines marked by sign and colour."""
    rows = display.diff_rows(old, new)
    has_change = any(row.kind not in ("same", "skipped") for row in rows)
    return {"rows": rows, "has_change": has_change, "old_title": old_title, "new_title": new_title}


@register.inclusion_tag("ui/_sparkline.html")
def sparkline(
    values: Sequence[float | None], label: str = "", tone: str = "accent", percent: bool = False
) -> dict[str, object]:
    """A small line drawn on the server, with its last value and n; the values are in its title."""
    points = display.sparkline_points(values, width=96.0, height=18.0)
    known = [value for value in values if value is not None]
    shown = [f"{value:.0%}" if percent else f"{value:g}" for value in known]
    return {
        "points": " ".join(f"{x + 2:g},{y + 3:g}" for x, y in points),
        "last": {"x": points[-1][0] + 2, "y": points[-1][1] + 3} if points else None,
        "last_text": shown[-1] if shown else "–",
        "values_text": ", ".join(shown),
        "count": len(known),
        "label": label,
        "tone": tone,
    }


@register.simple_tag
def key(name: str) -> SafeString:
    """Show a key to press; the word "mod" becomes ⌘ or Ctrl by the reader's machine."""
    return format_html('<kbd class="j-key" data-keycap="{}">{}</kbd>', name, "Ctrl" if name == "mod" else name)


# --- forms ------------------------------------------------------------------------------------------------------------


def _dress(field: BoundField, *, small: bool = False) -> None:
    widget = field.field.widget
    if isinstance(widget, (CheckboxSelectMultiple, RadioSelect)):
        return
    if isinstance(widget, CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, Select):
        css = "form-select form-select-sm" if small else "form-select"
    else:
        css = "form-control form-control-sm" if small else "form-control"
    own = widget.attrs.get("class", "")
    if css not in own:
        widget.attrs["class"] = f"{own} {css}".strip()


@register.inclusion_tag("ui/_field.html")
def field(bound: BoundField, hint: str = "", label: str = "") -> dict[str, object]:
    """One field with its label, hint and errors beside it, tied together for screen readers."""
    _dress(bound)
    widget = bound.field.widget
    hint_text = hint or str(bound.help_text or "")
    described = [f"{bound.auto_id}-hint"] if hint_text else []
    attrs: dict[str, Any] = {}
    if bound.errors:
        described.append(f"{bound.auto_id}-error")
        attrs["aria-invalid"] = "true"
        if not isinstance(widget, (CheckboxSelectMultiple, RadioSelect)):
            attrs["class"] = f"{widget.attrs.get('class', '')} is-invalid".strip()
    if described:
        attrs["aria-describedby"] = " ".join(described)
    is_group = isinstance(widget, (CheckboxSelectMultiple, RadioSelect))
    return {
        "field": bound,
        "label": label or bound.label,
        "hint": hint_text,
        "control": bound.as_widget(attrs=attrs),
        "options": list(bound) if is_group else [],
        "is_group": is_group,
        "described": " ".join(described),
        "is_check": isinstance(widget, CheckboxInput),
        "is_file": isinstance(widget, FileInput),
        "is_optional": not bound.field.required,
    }


@register.inclusion_tag("ui/_error_summary.html")
def error_summary(form: BaseForm) -> dict[str, object]:
    """List what is wrong at the top of the form, each line a link to its field; nothing when all is well."""
    problems = [{"href": f"#{bound.auto_id}", "label": bound.label, "text": text} for bound in form for text in bound.errors]
    return {"form_errors": form.non_field_errors(), "problems": problems}


@register.inclusion_tag("ui/_form_fields.html")
def form_fields(form: BaseForm) -> dict[str, object]:
    """Render a whole form: summary of errors, hidden fields, then each field in order."""
    return {"form": form}
