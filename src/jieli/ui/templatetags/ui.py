"""The components of the look as template tags; `docs/design.md` shows each in use. Values are here, the others in `ui.tags`."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jieli.lib import clock
from jieli.ui import display
from jieli.ui.tags import forms, lists, people, promises, signs, stories
from jieli.ui.tags.people import baton_cell
from jieli.ui.tags.promises import promise_cell
from jieli.ui.tags.signs import badge, company_zone, icon
from jieli.ui.tags.signs import nothing as _nothing
from jieli.ui.tags.signs import reader_language as _language

__all__ = ["badge", "baton_cell", "company_zone", "icon", "promise_cell", "register", "when"]

register = template.Library()
for part in (signs, people, promises, lists, stories, forms):
    register.tags |= part.register.tags
    register.filters |= part.register.filters


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


@register.simple_tag
def colon() -> str:
    """Write what stands between a label and its value: a full-width colon in Chinese, a colon and a space in English."""
    return "：" if _language().startswith("zh") else ": "


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
