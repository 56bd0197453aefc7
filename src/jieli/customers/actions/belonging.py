"""Further addresses and special dates of a customer."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.customers.actions.writing import locked_customer, place_faults, text_faults
from jieli.customers.events import AddressAdded, AddressEnded, SpecialDateNoted, SpecialDateRemoved
from jieli.customers.models import Address, SpecialDate
from jieli.customers.policy import may_change_customer
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib import clock

_PLACES = Decimal("0.000001")


@transaction.atomic
def add_address(
    customer_id: int,
    *,
    text: str,
    name: str = "",
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    actor: Actor,
) -> Address:
    """Add an address to a customer; the same words again give the one there is.

    Raises NotAllowed, Invalid, CustomerErasedAlready, CustomerMergedAlready.
    """
    require(may_change_customer(actor))
    customer = locked_customer(customer_id)
    clean = {"name": name.strip(), "text": text.strip()}
    wrong = text_faults(Address, clean) | place_faults(latitude, longitude)
    if not clean["text"]:
        wrong["text"] = _("An address is needed.")
    if wrong:
        raise Invalid(fields=wrong)
    same = customer.addresses.filter(text=clean["text"], ended_at=None).first()
    if same is not None:
        return same
    address = Address.objects.create(
        customer=customer,
        latitude=None if latitude is None else latitude.quantize(_PLACES),
        longitude=None if longitude is None else longitude.quantize(_PLACES),
        **clean,
    )
    record(AddressAdded(customer_id=customer.pk, address_id=address.pk, name=address.name or "–"), actor=actor)
    return address


@transaction.atomic
def end_address(address_id: int, *, actor: Actor) -> Address:
    """Note that an address no longer holds; a second time changes nothing. Raises Address.DoesNotExist, NotAllowed."""
    require(may_change_customer(actor))
    locked_customer(Address.objects.get(pk=address_id).customer_id)
    address = Address.objects.select_for_update(of=("self",)).get(pk=address_id)
    if address.ended_at is None:
        address.ended_at = clock.now()
        address.save(update_fields=["ended_at"])
        record(AddressEnded(customer_id=address.customer_id, address_id=address.pk, name=address.name or "–"), actor=actor)
    return address


@transaction.atomic
def note_special_date(customer_id: int, *, name: str, on: date, is_yearly: bool = True, actor: Actor) -> SpecialDate:
    """Note a day that matters to a customer; the same day again gives the one there is. Raises NotAllowed, Invalid."""
    require(may_change_customer(actor))
    customer = locked_customer(customer_id)
    clean = {"name": name.strip()}
    wrong = text_faults(SpecialDate, clean)
    if not clean["name"]:
        wrong["name"] = _("Say which day it is.")
    if wrong:
        raise Invalid(fields=wrong)
    special, is_new = SpecialDate.objects.get_or_create(customer=customer, on=on, **clean, defaults={"is_yearly": is_yearly})
    if is_new:
        record(
            SpecialDateNoted(customer_id=customer.pk, special_date_id=special.pk, what=f"{special.name} {on.isoformat()}"),
            actor=actor,
        )
    return special


@transaction.atomic
def remove_special_date(special_date_id: int, *, actor: Actor) -> None:
    """Take a special date away. Raises SpecialDate.DoesNotExist, NotAllowed, CustomerErasedAlready."""
    require(may_change_customer(actor))
    special = SpecialDate.objects.get(pk=special_date_id)
    locked_customer(special.customer_id)
    if SpecialDate.objects.filter(pk=special_date_id).delete()[0]:
        record(
            SpecialDateRemoved(
                customer_id=special.customer_id,
                special_date_id=special_date_id,
                what=f"{special.name} {special.on.isoformat()}",
            ),
            actor=actor,
        )
