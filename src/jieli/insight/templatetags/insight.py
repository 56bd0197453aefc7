"""How figures are written."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def percent(value: float | None) -> str:
    """Write a share as a percentage with one decimal; a dash when there was nothing to count."""
    return "–" if value is None else f"{100 * value:.1f} %"


@register.filter
def points(value: float) -> str:
    """Write a change in percentage points with its sign."""
    return _("%(points)s points") % {"points": f"{value:+.1f}".replace("-", "−")}
