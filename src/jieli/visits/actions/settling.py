"""Entries that were not taken in: a superior takes over what they say by hand, or sets them aside with a reason."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.visits.events import EntrySettled
from jieli.visits.models import FieldEntry
from jieli.visits.policy import may_settle_entry
from jieli.visits.refusals import AlreadySettled, BadEntry

WAYS = (FieldEntry.State.TAKEN_OVER, FieldEntry.State.SET_ASIDE)


@transaction.atomic
def settle_entry(entry_id: int, *, way: str, reason: str, actor: Actor) -> FieldEntry:
    """Note that what an entry says was taken over by hand, or that it was set aside, and why; the entry stays as it was sent.

    Raises NotFound, NotAllowed, AlreadySettled, BadEntry without a reason.
    """
    visible = FieldEntry.objects.visible_to(actor).filter(pk=entry_id)
    if not visible.exists():
        raise NotFound
    entry = FieldEntry.objects.select_for_update(of=("self",)).select_related("staff__unit").get(pk=entry_id)
    require(may_settle_entry(actor, entry))
    if entry.is_settled:
        raise AlreadySettled
    wrong = {}
    if way not in WAYS:
        wrong["way"] = _("Choose: taken over by hand, or set aside.")
    if not reason.strip():
        wrong["reason"] = _("Say what you did, or why it is set aside.")
    if wrong:
        raise BadEntry(fields=wrong)
    entry.state, entry.settled_because = way, reason.strip()[:400]
    entry.settled_by_id, entry.settled_at = actor.id, clock.now()
    entry.save(update_fields=["state", "settled_because", "settled_by", "settled_at"])
    if entry.case_id is not None:
        fact = EntrySettled(case_id=entry.case_id, entry_id=entry.pk, state=way, reason=entry.settled_because)
        record(fact, actor=actor)
    return entry
