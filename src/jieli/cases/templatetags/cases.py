"""What the lists and the page of a case write about it."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jieli.cases.forms.lists import COLUMNS
from jieli.cases.models import Case, Pass, Promise
from jieli.cases.models.because import reason_words
from jieli.cases.queries import assigning
from jieli.people.models import Staff
from jieli.policies.product_lines import product_words
from jieli.ui.templatetags.ui import badge, icon, when

register = template.Library()
register.filter(product_words)
register.filter(reason_words)
_STATUS = {
    "waiting": ("grey", "player-pause"),
    "resolved": ("ok", "circle-check"),
    "closed": ("grey", "archive"),
    "cancelled": ("grey", "circle-x"),
}


@register.simple_tag
def column_label(column: str) -> str:
    """Name a column that people may add to a list."""
    return str(COLUMNS[column])


@register.simple_tag
def column_value(case: Case, column: str) -> SafeString | str:
    """Show one value of a case in such a column."""
    shown: dict[str, Any] = {
        "kind": lambda: Case.Kind(case.kind).label,
        "severity": lambda: Case.Severity(case.severity).label if case.severity else "–",
        "unit": lambda: case.unit.name,
        "steward": lambda: case.steward.name,
        "channel": lambda: Case.Channel(case.channel).label,
        "opened": lambda: when(case.opened_at, "short"),
        "tags": lambda: ", ".join(case.tags) or "–",
    }
    value: SafeString | str = shown[column]()
    return value


@register.simple_tag
def stage_word(case: Case) -> SafeString | str:
    """Show where a case stands: its stage while it is open, else its status with an icon."""
    if case.status == Case.Status.OPEN:
        return str(Case.Stage(case.stage).label)
    return status_badge(case)


@register.simple_tag
def status_badge(case: Case) -> SafeString:
    """Show the status of a case; nothing for the usual one."""
    if case.status == Case.Status.OPEN:
        return SafeString("")
    tone, icon_name = _STATUS[case.status]
    return badge(Case.Status(case.status).label, tone, icon_name)


@register.simple_tag
def kind_words(case: Case) -> str:
    """Name the kind of a case, with the service type where it has one."""
    kind = str(Case.Kind(case.kind).label)
    return f"{kind} · {Case.ServiceType(case.service_type).label}" if case.service_type else kind


@register.simple_tag
def channel_word(case: Case) -> str:
    """Name the door by which the customer came."""
    return str(Case.Channel(case.channel).label)


@register.simple_tag
def severity_words(case: Case) -> SafeString | str:
    """Name how bad it is; danger and loss stand out."""
    words = str(Case.Severity(case.severity).label) if case.severity else "–"
    return badge(words, "bad", "flame") if case.severity == 1 else words


@register.simple_tag
def act_link(case: Case, name: str, title: str, icon_name: str, *, css: str = "", key: str = "") -> SafeString:
    """Link to an act on a case: a page by itself, the drawer where scripts run."""
    return _drawer_link(reverse("cases:act", args=[case.number, name]), title, icon_name, css=css, key=key)


def _drawer_link(href: str, title: str, icon_name: str, *, css: str = "", key: str = "") -> SafeString:
    return format_html(
        '<a class="{}" href="{}" hx-get="{}" hx-target="#drawer-body" data-drawer="{}"{}>{}<span>{}</span></a>',
        css,
        href,
        href,
        title,
        format_html(' data-key="{}"', key) if key else "",
        icon(icon_name) if icon_name else "",
        title,
    )


@register.simple_tag
def promise_link(case: Case, promise: Promise, name: str, title: str) -> SafeString:
    """Link to an act on one promise."""
    return _drawer_link(reverse("cases:promise_act", args=[case.number, promise.pk, name]), title, "")


_PASS_TONES = {
    "offered": "risk",
    "accepted": "ok",
    "decided": "accent",
    "declined": "grey",
    "withdrawn": "grey",
    "lapsed": "bad",
}


@register.simple_tag
def pass_badge(offer: Pass) -> SafeString:
    """Show what became of an offer."""
    return badge(Pass.State(offer.state).label, _PASS_TONES[offer.state])


@register.simple_tag
def decision_word(offer: Pass) -> str:
    """Name the decision on a proposal."""
    return str(Pass.Decision(offer.decision).label) if offer.decision else ""


@register.simple_tag
def proposal_lines(offer: Pass) -> list[tuple[str, bool]]:
    """Return the options of a proposal, each with whether it is the recommended one."""
    proposal = offer.proposal or {}
    return [(str(text), place == proposal.get("recommended")) for place, text in enumerate(proposal.get("options", []))]


@register.simple_tag
def why_offered(offer: Pass) -> str:
    """Say why an offer came about: the rule and its reasons, or what was written."""
    return assigning.why_offered(offer)


@register.simple_tag
def considered(offer: Pass, people: Mapping[int, Staff]) -> list[assigning.ConsideredRow]:
    """Return whom a rule considered, with load and reason; nobody for the offer of a person."""
    names = {pk: person.name for pk, person in people.items()}
    return assigning.considered_rows(offer.reasons, names) if offer.reasons else []
