"""What pages of parts show again and again."""

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jieli.lib import clock
from jieli.parts.models import MachineReturn, PartOrder, UsedPart
from jieli.parts.policy import may_see_returns
from jieli.policies.product_lines import product_words
from jieli.ui.templatetags.ui import badge

register = template.Library()

register.filter(product_words)
register.filter(may_see_returns)


@register.filter
def named(names: Mapping[int, str], staff_id: int | None) -> str:
    """Return the name of a person out of a mapping."""
    return names.get(staff_id, "") if staff_id is not None else ""


_FINDING_TONES = {"confirmed": "ok", "no_fault": "bad", "wrong_part": "bad", "misuse": "bad"}


@register.simple_tag
def old_part_badge(used: UsedPart) -> SafeString:
    """Show how far the old part is: owed, overdue, back, found; or why there is none."""
    if used.undone_at is not None:
        return badge(_("not used after all"), "grey", "arrow-back-up")
    if used.lab_finding:
        return badge(used.get_lab_finding_display(), _FINDING_TONES[used.lab_finding], "microscope")
    if used.returned_at is not None:
        return badge(_("back, in the lab"), "accent", "package-import")
    if used.return_due_at is None:
        return badge(_("need not come back"), "grey", "")
    if used.return_due_at < clock.now():
        return badge(pgettext("an old part", "overdue"), "bad", "alert-triangle")
    return badge(_("to come back"), "risk", "package")


_MACHINE_TONES = {
    "asked": ("risk", "help-circle"),
    "approved": ("ok", "circle-check"),
    "refused": ("bad", "circle-x"),
    "called_off": ("grey", "x"),
}


@register.simple_tag
def machine_badge(asked: MachineReturn) -> SafeString:
    """Show what was decided about a whole machine."""
    tone, icon = _MACHINE_TONES[asked.state]
    return badge(asked.get_state_display(), tone, icon)


_STATE_TONES = {"ordered": ("risk", "shopping-cart"), "shipped": ("accent", "truck"), "received": ("ok", "check")}


@register.simple_tag
def part_order_badge(part_order: PartOrder) -> SafeString:
    """Show how far a part order is."""
    tone, icon = _STATE_TONES.get(part_order.state, ("grey", "x"))
    return badge(part_order.get_state_display(), tone, icon)
