"""Segments: filters of the list of customers, saved under a name (spec 2, Segments)."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.customers.actions.writing import text_faults
from jieli.customers.events import SegmentKept, SegmentRemoved
from jieli.customers.models import Segment
from jieli.customers.policy import may_keep_segment
from jieli.customers.rules import SEGMENT_FILTERS
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib import clock


@transaction.atomic
def keep_segment(*, name: str, filters: Mapping[str, str], actor: Actor) -> Segment:
    """Save a filter under a name; the same name again replaces it. Words of customers are no filter of a segment.

    Raises NotAllowed, Invalid without a name or without a filter.
    """
    require(may_keep_segment(actor))
    clean = {"name": name.strip()}
    wrong = text_faults(Segment, clean)
    if not clean["name"]:
        wrong["name"] = _("A name is needed.")
    kept = {key: value.strip() for key, value in filters.items() if key in SEGMENT_FILTERS and value.strip()}
    if not kept:
        wrong["filters"] = _("Choose at least one filter other than words.")
    if wrong:
        raise Invalid(fields=wrong)
    segment, _made = Segment.objects.update_or_create(name=clean["name"], defaults={"filters": kept, "changed_at": clock.now()})
    record(SegmentKept(company_id=1, segment_id=segment.pk, name=segment.name, filters=kept), actor=actor)
    return segment


@transaction.atomic
def remove_segment(segment_id: int, *, actor: Actor) -> None:
    """Remove a segment. Raises NotAllowed, Segment.DoesNotExist."""
    require(may_keep_segment(actor))
    segment = Segment.objects.select_for_update(of=("self",)).get(pk=segment_id)
    record(SegmentRemoved(company_id=1, segment_id=segment.pk, name=segment.name), actor=actor)
    segment.delete()
