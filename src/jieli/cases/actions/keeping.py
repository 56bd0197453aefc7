"""What a page remembers for people: lists they keep, and who has a case open now. No facts: nothing of it is an event."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.cases.models import Case, Presence, SavedView
from jieli.cases.refusals import BadCase
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.people.models import Staff

_MOST_VIEWS = 50
_WRITING = timedelta(seconds=15)


@transaction.atomic
def keep_view(*, name: str, query: str, shared: bool, actor: Actor) -> SavedView:
    """Keep a list under a name; the same name again replaces it. Raises BadCase beyond 50 lists."""
    require(actor.is_staff)
    staff = Staff.objects.lock(actor.id or 0)
    own = SavedView.objects.filter(staff=staff)
    if own.count() >= _MOST_VIEWS and not own.filter(name=name).exists():
        raise BadCase(fields={"name": _("You keep 50 lists already. Remove one first.")})
    view, _made = SavedView.objects.update_or_create(
        staff=staff, name=name.strip()[:60], defaults={"query": query, "unit_id": staff.unit_id if shared else None}
    )
    return view


@transaction.atomic
def forget_view(view_id: int, *, actor: Actor) -> None:
    """Remove a list that one keeps oneself; raises NotFound for another's."""
    require(actor.is_staff)
    if not SavedView.objects.filter(pk=view_id, staff_id=actor.id or 0).delete()[0]:
        raise NotFound


@transaction.atomic
def note_presence(case_id: int, *, is_writing: bool, actor: Actor) -> None:
    """Note that a person has the page of a case open, and whether something is being written there."""
    require(actor.is_staff)
    if not Case.objects.visible_to(actor).filter(pk=case_id).exists():
        raise NotFound
    now = clock.now()
    mine = Presence.objects.select_for_update().filter(case_id=case_id, staff_id=actor.id or 0)
    found = mine.first()
    if found is None:
        fresh = Presence(case_id=case_id, staff_id=actor.id or 0, seen_at=now, is_writing=is_writing)
        Presence.objects.bulk_create([fresh], ignore_conflicts=True)
        found = mine.get()  # it may be of another request of the same page, which knew less
    # A heartbeat between two signs of writing does not take the pen away.
    if is_writing or now - found.seen_at > _WRITING:
        found.is_writing = is_writing
        found.seen_at = now
        found.save(update_fields=["is_writing", "seen_at"])
    elif not found.is_writing:
        found.seen_at = now
        found.save(update_fields=["seen_at"])
