"""The devices of a customer follow his machines: the one he was given is his from now on, the one that came back is not."""

from django.db import transaction

from jieli.customers.actions.devices import change_device, find_device, find_or_make_device, move_device
from jieli.customers.models import Device
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.parts.models import UsedPart

_WARRANTY = ("warranty_until", "extended_warranty_until")


@transaction.atomic
def let_devices_follow(used_part_id: int, *, actor: Actor) -> None:
    """Make the devices of a customer what his whole machine says now; a second time changes nothing.

    The new one takes over what is left of the old one's warranty, unless its own is longer. A hand-over that is taken back
    takes both back. Nothing changes for a part, for a customer whose data are erased, and for a device that is another's now.
    Raises NotFound, NotAllowed.
    """
    require(actor.is_internal)
    about = UsedPart.objects.select_related("part", "machine_return", "order__case__customer", "order__device")
    used = about.select_for_update(of=("self",)).filter(pk=used_part_id).first()
    if used is None:
        raise NotFound
    customer = used.order.case.customer
    if used.machine_return is None or customer.is_erased:
        return
    old = _old_device(used)
    if used.undone_at is not None:
        _take_back(used, old, customer.pk, actor)
        return
    if used.movement_id is not None:
        _give(used, old, customer.pk, actor)
    elif used.returned_at is None:
        return
    if old is not None and old.customer_id == customer.pk:
        move_device(old.pk, customer_id=None, actor=actor)


def _old_device(used: UsedPart) -> Device | None:
    """Return the device that comes back: that of the serial, else the order's own when nobody knew its serial."""
    own = used.order.device
    return find_device(used.old_serial) or (own if own is not None and not own.serial else None)


def _give(used: UsedPart, old: Device | None, customer_id: int, actor: Actor) -> None:
    line = used.order.product_line or (old.product_line if old is not None else "")
    model = _model(used, old)
    new = find_or_make_device(serial=used.new_serial, product_line=line, model=model, customer_id=customer_id, actor=actor)
    if new.customer_id != customer_id or old is None:
        return
    left = {name: getattr(old, name) for name in _WARRANTY}
    longer = {name: day for name, day in left.items() if day is not None and (getattr(new, name) or day) <= day}
    if longer:
        change_device(new.pk, values=longer, actor=actor)


def _model(used: UsedPart, old: Device | None) -> str:
    """Return the model of the machine given: the only one that its article fits, else that of the old one of that article."""
    models = list(used.part.fits.exclude(model="").values_list("model", flat=True)[:2])
    if len(models) == 1:
        return str(models[0])
    is_same = used.machine_return is not None and used.machine_return.old_machine_id == used.part_id
    return old.model if old is not None and is_same else ""


def _take_back(used: UsedPart, old: Device | None, customer_id: int, actor: Actor) -> None:
    new = find_device(used.new_serial)
    if new is not None and new.customer_id == customer_id:
        if old is not None:
            taken = {name: None for name in _WARRANTY if getattr(new, name) and getattr(new, name) == getattr(old, name)}
            change_device(new.pk, values=taken, actor=actor)
        move_device(new.pk, customer_id=None, actor=actor)
    if old is not None and old.customer_id is None:
        move_device(old.pk, customer_id=customer_id, actor=actor)
