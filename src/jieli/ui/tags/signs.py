"""Icons, badges and keys, and how the reader is spoken to."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jieli.ui import assets

register = template.Library()


def company_zone() -> ZoneInfo:
    """Return the zone in which the company's people read the time."""
    return ZoneInfo(settings.TIME_ZONE)


def nothing() -> SafeString:
    """Show that there is no value."""
    return format_html('<span class="j-none" title="{}">–</span>', _("none"))


def reader_language() -> str:
    """Return the language of the reader."""
    return get_language() or settings.LANGUAGE_CODE


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


@register.simple_tag
def key(name: str) -> SafeString:
    """Show a key to press; the word "mod" becomes ⌘ or Ctrl by the reader's machine."""
    return format_html('<kbd class="j-key" data-keycap="{}">{}</kbd>', name, "Ctrl" if name == "mod" else name)
