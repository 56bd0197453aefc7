"""Words and looks of the network in templates."""

from django import template
from django.utils.safestring import SafeString

from jieli.network.models import Engineer, Outlet, Provider
from jieli.network.queries.pages import Paper
from jieli.network.rules.licence import Standing
from jieli.network.rules.words import STANDING_LOOKS, STANDING_WORDS, STATUS_LOOKS, service_words
from jieli.policies.product_lines import product_words
from jieli.ui.templatetags.ui import badge

register = template.Library()

register.filter(product_words)
register.filter(service_words)


@register.simple_tag
def standing_badge(standing: Standing) -> SafeString:
    """Show a standing as word, tone and icon."""
    tone, icon = STANDING_LOOKS[standing.code]
    return badge(STANDING_WORDS[standing.code], tone, icon)


@register.simple_tag
def status_badge(row: Outlet | Provider) -> SafeString:
    """Show whether an outlet gets orders, or a provider's contract runs."""
    tone, icon = STATUS_LOOKS[row.status]
    return badge(row.get_status_display(), tone, icon)


@register.filter
def paper_tone(paper: Paper) -> str:
    """Return the tone of a document's last day."""
    return {"expired": "bad", "soon": "risk"}.get(paper.state, "grey")


@register.filter
def level_words(engineer: Engineer) -> str:
    """Return the level of an engineer in words."""
    return str(engineer.get_level_display())
