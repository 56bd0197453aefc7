"""How the month end writes numbers: amounts in columns, signs, days, gates; rows of long lists without a template."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from jieli.cases.models.case import SEEING_ROLES
from jieli.cases.panels import route_for_readers
from jieli.network.models import Outlet
from jieli.settlement.models import Dispute, Line, ReckonedResult, Result, Ruling
from jieli.settlement.queries.disputes import Disputing
from jieli.settlement.queries.pages import Totals
from jieli.ui import display
from jieli.ui.templatetags.ui import badge

register = template.Library()

MINUS = "−"
_GRADE_TONES = {"A": "ok", "B": "grey", "C": "bad"}


@register.simple_tag
def amount(value: Decimal | None) -> SafeString:
    """Show an amount without a currency sign, for columns: ``1,044.00``, ``−12.50``."""
    if value is None:
        return format_html('<span class="j-none">–</span>')
    text = f"{abs(value):,.2f}"
    return format_html(
        '<data class="j-money{}" value="{}">{}</data>',
        " j-bad" if value < 0 else "",
        str(value),
        MINUS + text if value < 0 else text,
    )


@register.simple_tag
def sign(value: Decimal | None) -> SafeString | str:
    """Show an amount with its sign, also the plus: ``+12.50``."""
    if value is None:
        return ""
    if not value:
        return format_html('<data class="j-money j-muted" value="0">{}</data>', "0.00")
    return format_html(
        '<data class="j-money" value="{}">{}{}</data>', str(value), MINUS if value < 0 else "+", f"{abs(value):,.2f}"
    )


@register.simple_tag
def signed(value: int | None) -> str:
    """Show a whole number with its sign."""
    if value is None:
        return ""
    return f"{MINUS if value < 0 else '+' if value else ''}{abs(value):,}"


@register.simple_tag
def day(at: datetime) -> SafeString:
    """Show a day as ``10月23日`` or ``23 Oct``, the whole instant on hover."""
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    shown = (
        f"{local.month}月{local.day}日"
        if display.is_chinese(get_language() or "")
        else f"{local.day} {display.ENGLISH_MONTHS[local.month - 1]}"
    )
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M}", shown)


@register.simple_tag(takes_context=True)
def order_code(context: Context, case_number: str, number: str) -> SafeString:
    """Show the number of an order; it leads to its case those whose role sees cases, finance to how the case went."""
    actor = context["request"].actor
    route = "cases:case"
    if not (actor.is_internal or actor.has_role(*SEEING_ROLES)):
        route = route_for_readers() if actor.has_role("finance") else ""
    if not route:
        return format_html('<span class="j-code">{}</span>', number)
    return format_html('<a class="j-code" href="{}">{}</a>', reverse(route, args=[case_number]), number)


@register.simple_tag
def gate_badge(decision: str, gate: str) -> SafeString:
    """Show that an order is held or rejected, and by which gate."""
    word = str(Line.Decision(decision).label) if decision in Line.Decision.values else decision
    label = str(Line.Gate(gate).label) if gate in Line.Gate.values else gate
    tone, icon_name = ("risk", "player-pause") if decision == Line.Decision.HELD else ("bad", "circle-x")
    return badge(f"{word} · {label}", tone, icon_name)


@register.simple_tag
def was_is(old: object, new: object) -> SafeString | str:
    """Show a value, and the old one before it when it was another."""
    before, after = ("–" if one is None or one == "" else str(one) for one in (old, new))
    if before == after:
        return after
    return format_html('<span class="j-was">{}</span> → <strong>{}</strong>', before, after)


@register.simple_tag
def owed(row: Result | ReckonedResult | Totals) -> SafeString:
    """Show what is paid less what is owed: of one outlet either of both, of several the sum of their rows."""
    return amount(row.payout_amount - row.debt_amount)


@register.simple_tag
def outlet_rows(rows: Sequence[Result | ReckonedResult], month: str) -> SafeString:
    """Draw the rows of a month's outlets."""
    labels = (
        pgettext("month end", "Finished"),
        pgettext("month end", "Score"),
        pgettext("month end", "Grade"),
        pgettext("month end", "Rank"),
        _("payable"),
        _("held"),
        _("rejected"),
        _("To pay R"),
    )
    tiers = dict(Outlet.Tier.choices)
    return format_html_join("", _ROW, (_row(one, month, labels, tiers) for one in rows))


_ROW = (
    '<tr data-row id="outlet-{}"><td class="j-outlet"><a data-open href="{}">{}</a> <small class="j-code">{}</small></td>'
    '<td class="j-fit j-muted">{}</td><td class="j-number" data-label="{}">{}</td><td class="j-number" data-label="{}">{}</td>'
    '<td data-label="{}">{}</td><td class="j-number" data-label="{}">{}</td><td class="j-number" data-label="{}">{}</td>'
    '<td class="j-number" data-label="{}">{}</td><td class="j-number" data-label="{}">{}</td>'
    '<td class="j-number" data-label="L">{}</td><td class="j-number" data-label="T">{}</td>'
    '<td class="j-number" data-label="Q">{}</td><td class="j-number" data-label="{}">{}</td></tr>'
)


def _row(one: Result | ReckonedResult, month: str, labels: tuple[str, ...], tiers: Mapping[str, object]) -> tuple[object, ...]:
    finished, score, grade, rank, payable, held, rejected, to_pay = labels
    tier, _sign, region = one.peers.partition(" · ")
    unpaid = reverse("settlement:statement", args=[month, one.outlet_id])
    return (
        one.outlet_id,
        reverse("settlement:outlet", args=[month, one.outlet_id]),
        one.outlet.name,
        one.outlet.code,
        f"{tiers.get(tier, tier)} · {region}" if region else tiers.get(tier, tier),
        finished,
        one.finished,
        score,
        "–" if one.score is None else one.score,
        grade,
        badge(one.grade, _GRADE_TONES[one.grade]) if one.grade else "–",
        rank,
        f"{one.rank}/{one.group_size}" if one.rank else "–",
        payable,
        one.payable,
        held,
        format_html('<a href="{}?decision=held">{}</a>', unpaid, one.held) if one.held else 0,
        rejected,
        format_html('<a href="{}?decision=rejected">{}</a>', unpaid, one.rejected) if one.rejected else 0,
        amount(one.labour_amount),
        one.coefficient if one.coefficient == 1 else format_html("<strong>{}</strong>", one.coefficient),
        amount(one.incentives_amount),
        to_pay,
        format_html('<a href="{}">{}</a>', unpaid, owed(one)),
    )


_DISPUTES = {
    "open": (pgettext_lazy("a dispute", "waiting"), "risk", "clock"),
    "granted": (pgettext_lazy("a dispute", "granted"), "ok", "check"),
    "refused": (pgettext_lazy("a dispute", "refused"), "bad", "circle-x"),
}


@register.simple_tag
def dispute_badge(dispute: Dispute) -> SafeString:
    """Show where a dispute stands."""
    ruling: Ruling | None = getattr(dispute, "ruling", None)
    word, tone, icon_name = _DISPUTES["open" if ruling is None else "granted" if ruling.is_granted else "refused"]
    return badge(word, tone, icon_name)


_STATEMENTS = {
    "open": (pgettext_lazy("a statement", "open"), "grey", "clock"),
    "confirmed": (pgettext_lazy("a statement", "confirmed"), "ok", "check"),
    "accepted": (gettext_lazy("not disputed in time"), "ok", "check"),
    "disputed": (pgettext_lazy("a statement", "disputed"), "risk", "scale"),
}


@register.simple_tag
def statement_badge(state: str) -> SafeString:
    """Show where a sealed statement stands."""
    word, tone, icon_name = _STATEMENTS[state]
    return badge(word, tone, icon_name)


@register.simple_tag
def line_dispute(disputing: object, number: str) -> SafeString | str:
    """Show that an order's line is disputed, or the way to dispute it."""
    if not isinstance(disputing, Disputing):
        return ""
    return _dispute_of(disputing, disputing.by_order.get(number), "order", number)


@register.simple_tag
def charge_dispute(disputing: object, charge_id: int) -> SafeString | str:
    """Show that a line of Q is disputed, or the way to dispute it."""
    if not isinstance(disputing, Disputing) or not charge_id:
        return ""
    return _dispute_of(disputing, disputing.by_charge.get(charge_id), "charge", str(charge_id))


def _dispute_of(disputing: Disputing, dispute: Dispute | None, name: str, value: str) -> SafeString | str:
    if dispute is not None:
        return format_html('<a href="{}">{}</a>', reverse("settlement:dispute", args=[dispute.pk]), dispute_badge(dispute))
    if not disputing.may_dispute:
        return ""
    return format_html(
        '<a class="j-dispute no-print" href="{}?{}">{}</a>', disputing.url, urlencode({name: value}), _("Dispute")
    )
