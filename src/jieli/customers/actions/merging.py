"""Two entries that are one customer, and the way back."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from jieli.customers import merging
from jieli.customers.actions.writing import locked_customer
from jieli.customers.events import CustomersMerged, MergeUndone
from jieli.customers.models import Address, Contact, Customer, Device, Merge, SpecialDate
from jieli.customers.policy import may_merge_customers
from jieli.customers.refusals import MergeUndoneAlready
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib import clock

# What the kept customer takes over when it has none itself.
_DEFAULTS = {
    "birthday": None,
    **dict.fromkeys(("email", "address", "language", "preferences", "temperament", "phone", "phone_digits"), ""),
}
FILLED = ("email", "address", "birthday", "language", "preferences", "temperament")

Belonging = Address | Contact | Device | SpecialDate
# What goes along with a customer, by its name in `Merge.moved`.
_MOVED: dict[str, type[Belonging]] = {
    "contacts": Contact,
    "addresses": Address,
    "special_dates": SpecialDate,
    "devices": Device,
}


@transaction.atomic
def merge_customers(kept_id: int, *, merged_id: int, actor: Actor) -> Merge:
    """Merge one customer into another: contacts, devices and what other apps registered move, both histories stay.

    What the kept one lacks is taken over. The ids that moved are kept, so that `undo_merge` finds them. Raises NotAllowed,
    Invalid for a customer and itself, Customer.DoesNotExist, CustomerErasedAlready, CustomerMergedAlready.
    """
    require(may_merge_customers(actor))
    if kept_id == merged_id:
        raise Invalid(_("A customer cannot be merged into itself."))
    pair = {pk: locked_customer(pk) for pk in sorted((kept_id, merged_id))}
    kept, merged = pair[kept_id], pair[merged_id]
    moved = {name: _move(model, merged, kept) for name, model in _MOVED.items()}
    for name, mover in merging.movers().items():
        moved[name] = mover(merged.pk, kept.pk, None)
    filled = [field for field in FILLED if not getattr(kept, field) and getattr(merged, field)]
    if kept.phone == "" and merged.phone:
        filled += ["phone", "phone_digits"]
    for field in filled:
        setattr(kept, field, getattr(merged, field))
    if filled:
        kept.changed_at = clock.now()
        kept.save(update_fields=[*filled, "changed_at"])
    merged.merged_into = kept
    merged.save(update_fields=["merged_into"])
    merge = Merge.objects.create(
        kept=kept,
        merged=merged,
        moved=moved,
        filled=filled,
        by_kind=actor.kind,
        by_id=actor.id,
        by_name=actor.name[:120],
        at=clock.now(),
    )
    counts = {name: len(ids) for name, ids in moved.items()}
    record(CustomersMerged(customer_id=kept.pk, merged_id=merged.pk, merge_id=merge.pk, moved=counts), actor=actor)
    return merge


@transaction.atomic
def undo_merge(merge_id: int, *, actor: Actor) -> Merge:
    """Make two of one again: what moved then and is still there moves back, what came since stays with the kept one.

    Raises Merge.DoesNotExist, NotAllowed, MergeUndoneAlready, CustomerErasedAlready (an erasure cannot be undone).
    """
    require(may_merge_customers(actor))
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge_id)
    if merge.undone_at is not None:
        raise MergeUndoneAlready
    Customer.objects.lock(min(merge.kept_id, merge.merged_id))
    kept = locked_customer(merge.kept_id)
    merged = Customer.objects.lock(merge.merged_id)
    for name, model in _MOVED.items():
        model._default_manager.filter(pk__in=merge.moved[name], customer=kept).update(customer=merged)
    for name, mover in merging.movers().items():
        if merge.moved.get(name):
            mover(kept.pk, merged.pk, merge.moved[name])
    taken_back = [field for field in merge.filled if getattr(kept, field) == getattr(merged, field)]
    for field in taken_back:
        setattr(kept, field, _DEFAULTS[field])
    if taken_back:
        kept.changed_at = clock.now()
        kept.save(update_fields=[*taken_back, "changed_at"])
    merged.merged_into = None
    merged.save(update_fields=["merged_into"])
    merge.undone_at = clock.now()
    merge.save(update_fields=["undone_at"])
    record(MergeUndone(customer_id=kept.pk, merged_id=merged.pk, merge_id=merge.pk), actor=actor)
    return merge


def _move(model: type[Belonging], old: Customer, new: Customer) -> list[int]:
    rows = model._default_manager.filter(customer=old)
    if model is SpecialDate:  # a day that both have stays with each
        rows = rows.exclude(Exists(SpecialDate.objects.filter(customer=new, name=OuterRef("name"), on=OuterRef("on"))))
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    model._default_manager.filter(pk__in=ids).update(customer=new)
    return ids
