"""Devices: found by serial, made, changed, moved to another customer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from jieli.customers.actions.writing import as_text, differences, lock_keys, locked_customer, refuse_if_changed, text_faults
from jieli.customers.events import DeviceChanged, DeviceMade, DeviceMoved
from jieli.customers.models import Device
from jieli.customers.policy import may_change_customer, may_change_device, may_make_device
from jieli.customers.refusals import SerialTaken
from jieli.customers.rules import normalise_serial
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib import clock

CHANGEABLE = {
    "serial", "product_line", "model", "bought_on", "warranty_until", "extended_warranty_until", "genuine", "produced_on",
    "production_line", "batch", "supplier", "delivery_route", "attributes",
}  # fmt: skip


def find_device(serial: str) -> Device | None:
    """Return the device with this serial number, however it was typed, or None."""
    clean = normalise_serial(serial)
    return Device.objects.select_related("customer").filter(serial=clean).first() if clean else None


@transaction.atomic
def find_or_make_device(
    *, serial: str, product_line: str = "", model: str = "", customer_id: int | None = None, actor: Actor
) -> Device:
    """Return the device with this serial, else make it; a device found keeps its customer.

    A device known without a customer gets this one. Two sessions at once make one. Raises NotAllowed, Invalid.
    """
    require(may_make_device(actor))
    clean = normalise_serial(serial)
    if clean:
        lock_keys([f"device {clean}"])
        device = Device.objects.select_for_update().filter(serial=clean).first()
        if device is not None:
            if device.customer_id is None and customer_id is not None:
                _move(device, customer_id, actor)
            return device
    values = {"serial": clean, "product_line": product_line, "model": model}
    return make_device(values=values, customer_id=customer_id, actor=actor)


@transaction.atomic
def make_device(*, values: Mapping[str, Any], customer_id: int | None = None, actor: Actor) -> Device:
    """Make a device of these values. Raises NotAllowed, Invalid, SerialTaken, CustomerErasedAlready."""
    require(may_make_device(actor))
    customer = None if customer_id is None else locked_customer(customer_id)
    device = Device(**cleaned(values), customer=customer)
    if not (device.serial or device.model or device.product_line):
        raise Invalid(fields={"serial": _("Give a serial number, a model or at least a product line.")})
    try:
        with transaction.atomic():
            device.save(force_insert=True)
    except IntegrityError as error:
        raise _refusal(error) from error
    record(DeviceMade(device_id=device.pk, serial=device.serial, customer_id=customer_id), actor=actor)
    return device


@transaction.atomic
def change_device(device_id: int, *, values: Mapping[str, Any], actor: Actor, seen_at: datetime | None = None) -> Device:
    """Write these values to a device. Raises Device.DoesNotExist, NotAllowed, Invalid, ChangedMeanwhile, SerialTaken."""
    require(may_change_device(actor))
    device = Device.objects.select_for_update(of=("self",)).get(pk=device_id)
    clean = cleaned(values)
    changes = differences(device, clean)
    if not changes:
        return device
    refuse_if_changed(device, device.changed_at, seen_at, clean)
    for field in changes:
        setattr(device, field, clean[field])
    if not (device.serial or device.model or device.product_line):
        raise Invalid(fields={"serial": _("Give a serial number, a model or at least a product line.")})
    device.changed_at = clock.now()
    try:
        with transaction.atomic():
            device.save(update_fields=sorted({*changes, "changed_at"}))
    except IntegrityError as error:
        raise _refusal(error) from error
    record(DeviceChanged(device_id=device.pk, fields=", ".join(sorted(changes)), changes=as_text(changes)), actor=actor)
    return device


@transaction.atomic
def move_device(device_id: int, *, customer_id: int | None, actor: Actor) -> Device:
    """Give a device to another customer, or to none. Raises Device.DoesNotExist, NotAllowed, CustomerErasedAlready."""
    require(may_change_customer(actor))
    if customer_id is not None:
        locked_customer(customer_id)
    device = Device.objects.select_for_update(of=("self",)).get(pk=device_id)
    if device.customer_id != customer_id:
        _move(device, customer_id, actor)
    return device


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return device values in the one form in which they are stored; raises Invalid naming the fields."""
    unknown = set(values) - CHANGEABLE
    if unknown:
        raise Invalid(fields={name: _("A device has no such field.") for name in sorted(unknown)})
    clean = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    wrong = text_faults(Device, clean)
    if "serial" in clean:
        clean["serial"] = normalise_serial(clean["serial"])
    if wrong:
        raise Invalid(fields=wrong)
    return clean


def _move(device: Device, customer_id: int | None, actor: Actor) -> None:
    old = device.customer_id
    device.customer_id = customer_id
    device.changed_at = clock.now()
    device.save(update_fields=["customer", "changed_at"])
    record(DeviceMoved(device_id=device.pk, old_customer_id=old, new_customer_id=customer_id), actor=actor)


def _refusal(error: IntegrityError) -> Exception:
    return SerialTaken(fields={"serial": SerialTaken.message}) if "customers_serial_once" in str(error) else error
