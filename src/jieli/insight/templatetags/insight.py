"""How figures are written."""

from django import template
from django.utils.translation import gettext as _

from jieli.settlement.rules.wording import product_words

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
