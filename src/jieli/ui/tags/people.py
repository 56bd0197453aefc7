"""Faces, names and who has the baton."""

from datetime import datetime
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jieli.ui import display
from jieli.ui.tags.signs import icon, nothing

register = template.Library()


def name_of(person: object) -> str:
    """Return the name of somebody, or what was given for it."""
    return str(getattr(person, "name", person) or "")


@register.simple_tag
def face(person: object, size: str = "") -> SafeString:
    """Show a person's initials in a circle; `person` is a name or anything with a `name`."""
    name = name_of(person)
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
    name = name_of(who)
    if not name:
        return nothing()
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
        "same": bool(steward) and name_of(owner) == name_of(steward),
        "pending_to": pending_to,
        "pending_until": pending_until,
        "compact": compact,
    }


@register.simple_tag
def baton_cell(owner: object, pending_to: object = None) -> SafeString:
    """Show who has the case in a table cell: the compact `baton`, drawn without a template because lists have many."""
    reach: SafeString | str = ""
    if pending_to:
        name = name_of(pending_to)
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
        name_of(owner),
        reach,
    )
