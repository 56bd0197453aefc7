"""Labels of devices: what stands on each, and where its code leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse

from jieli.customers.models import Device
from jieli.policies.product_lines import product_words


@dataclass(frozen=True, slots=True)
class DeviceLabel:
    """One label: the serial, what is known of the device (the line in words), and the address in its code."""

    serial: str
    model: str
    product_line: str
    url: str


def report_url(serial: str, base: str) -> str:
    """Return the portal's address that is filled in with a serial; `base` is this host, where no public address is set."""
    return f"{settings.PUBLIC_URL or base.rstrip('/')}{reverse('intake:choose')}?serial={quote(serial, safe='')}"


def device_labels(serials: Sequence[str], *, base: str) -> list[DeviceLabel]:
    """Return the labels of serials, known to us or not yet, in their order. One query."""
    known = {one.serial: one for one in Device.objects.filter(serial__in=serials)}
    labels = []
    for serial in serials:
        device = known.get(serial)
        model, line = (device.model, device.product_line) if device is not None else ("", "")
        labels.append(DeviceLabel(serial, model, str(product_words(line)) if line else "", report_url(serial, base)))
    return labels
