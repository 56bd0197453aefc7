"""Words for the codes of visits."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.visits.events import FLAGS

__all__ = ["DATA", "FLAGS", "KINDS"]

KINDS: Mapping[str, Any] = {
    "offer_accept": pgettext_lazy("an entry of a phone", "offer accepted"),
    "offer_refuse": pgettext_lazy("an entry of a phone", "offer refused"),
    "contact": pgettext_lazy("an entry of a phone", "customer contacted"),
    "set_out": pgettext_lazy("an entry of a phone", "set out"),
    "arrive": pgettext_lazy("an entry of a phone", "arrived"),
    "step": pgettext_lazy("an entry of a phone", "step"),
    "skip": pgettext_lazy("an entry of a phone", "step skipped"),
    "safety": pgettext_lazy("an entry of a phone", "electrical safety test"),
    "diagnosis": pgettext_lazy("an entry of a phone", "diagnosis"),
    "part_used": pgettext_lazy("an entry of a phone", "part used"),
    "part_missing": pgettext_lazy("an entry of a phone", "part missing"),
    "charge": pgettext_lazy("an entry of a phone", "charge"),
    "signature": pgettext_lazy("an entry of a phone", "signature"),
    "outcome": pgettext_lazy("an entry of a phone", "result"),
    "finish": pgettext_lazy("an entry of a phone", "finished"),
    "information": pgettext_lazy("an entry of a phone", "information returned"),
    "note": pgettext_lazy("an entry of a phone", "note"),
}

DATA: Mapping[str, Any] = {
    "code": _("step"),
    "reason": _("reason"),
    "note": _("note"),
    "text": _("text"),
    "kind": _("kind"),
    "result": _("result"),
    "next_at": _("next visit"),
    "part": _("part"),
    "quantity": _("quantity"),
    "old_serial": _("old serial number"),
    "new_serial": _("new serial number"),
    "fault_code": _("fault code"),
    "genuine": _("genuine"),
    "voltage": _("voltage"),
    "earth_ok": _("earth in order"),
    "earth_ohm": _("earth"),
    "socket_ok": _("socket in order"),
    "risk_signed": _("risk signed"),
    "name": _("signed by"),
    "strokes": _("strokes of the signature"),
    "evidence": _("photos"),
    "photos": _("photos"),
    "items": _("positions"),
    "paid_by": _("paid by"),
    "latitude": _("latitude"),
    "longitude": _("longitude"),
    "offer": _("offer"),
    "records": _("recorded"),
}
"""The words for what the entries of phones hold."""
