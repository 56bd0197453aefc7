"""What is known of a caller at once: devices, open cases, repairs of late (spec 2: ask for nothing twice)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jieli.cases.models import Case
from jieli.customers.models import Customer, Device
from jieli.customers.queries import devices_of
from jieli.events.actor import Actor
from jieli.lib import clock
from jieli.lib.text import similarity
from jieli.policies.queries import current


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device of the caller; `repaired` is the last repair within the policy's days: another one is a repeat."""

    device: Device
    repaired: Case | None


@dataclass(frozen=True, slots=True)
class Caller:
    """A customer with what hangs on him, for whoever has him on the phone."""

    customer: Customer
    devices: list[KnownDevice]
    cases: list[Case]
    repeat_days: int

    @property
    def open_cases(self) -> list[Case]:
        """Return the caller's open cases, newest first."""
        return [case for case in self.cases if case.is_open]

    def joinable(self, device_id: str, subject: str) -> list[Case]:
        """Return open cases of the policy's hours about the same device or nearly the same words: perhaps the same need."""
        policy = current("numbers").data.dedup
        since: datetime = clock.now() - timedelta(hours=policy.hours)
        return [
            case
            for case in self.open_cases
            if case.opened_at >= since
            and (
                (device_id and str(case.device_id) == device_id)
                or (subject and similarity(case.subject, subject) >= float(policy.similarity))
            )
        ]


def caller_of(customer: Customer, actor: Actor) -> Caller:
    """Return what is known of a customer. Two queries."""
    days = current("numbers").data.repeat_days
    since = clock.now() - timedelta(days=days)
    found = Case.objects.visible_to(actor).filter(customer=customer).select_related("owner").order_by("-id")
    cases = list(found[:50])
    repaired: dict[int, Case] = {}
    for case in reversed(cases):
        if case.device_id and case.service_type == "repair" and case.opened_at >= since:
            repaired[case.device_id] = case
    devices = [KnownDevice(device, repaired.get(device.pk)) for device in devices_of(customer.pk)[:20]]
    return Caller(customer, devices, cases[:10], days)
