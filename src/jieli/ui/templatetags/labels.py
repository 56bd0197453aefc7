"""Codes on labels that people print and scan."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from jieli.lib.qr import qr_svg

register = template.Library()


@register.simple_tag
def qr(text: str, label: str = "") -> SafeString:
    """Draw the QR code of a text; `label` is what a screen reader says in its place, by default the text."""
    drawn = mark_safe(qr_svg(text))  # noqa: S308  # paths that the library computes; the text itself is not in them
    return format_html('<span class="j-qr" role="img" aria-label="{}">{}</span>', label or text, drawn)
