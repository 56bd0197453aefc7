"""Words for the codes of visits."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from jieli.visits.events import FLAGS

__all__ = ["FLAGS", "KINDS"]

KINDS: Mapping[str, Any] = {
    "offer_accept": _("offer accepted"),
    "offer_refuse": _("offer refused"),
    "contact": _("customer contacted"),
    "set_out": _("set out"),
    "arrive": _("arrived"),
    "step": _("step"),
    "skip": _("step skipped"),
    "safety": _("electrical safety test"),
    "diagnosis": _("diagnosis"),
    "part_used": _("part used"),
    "part_missing": _("part missing"),
    "charge": _("charge"),
    "signature": _("signature"),
    "outcome": _("result"),
    "finish": _("finished"),
    "information": _("information returned"),
    "note": _("note"),
}
