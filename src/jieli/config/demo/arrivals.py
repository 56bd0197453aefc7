"""What has just come in at the demo company and waits in the queues, and what nobody took yesterday."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from django.db.models import F

from jieli.cases.actions.opening import NewCase, open_case
from jieli.config.demo import words
from jieli.config.demo.acts import pass_until
from jieli.config.demo.desks import Household
from jieli.customers.actions import find_or_make_customer, make_device
from jieli.customers.models import Customer
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.queries import local_date, local_midnight

FRESH, LEFT = 8, 3
"""How many wait since some minutes, and how many since yesterday, so that their promises are broken."""


def make_households(random: Random) -> list[Household]:
    """Make two customers with a device of each product line."""
    made = []
    for place, line in enumerate([*words.LINES, *words.LINES]):
        customer = find_or_make_customer(
            name=words.a_name(random), phone=f"138{random.randint(0, 9999):04d}{place:04d}", actor=SYSTEM
        )
        tier = random.choices(["standard", "silver", "gold", "vip"], [70, 15, 10, 5])[0]
        Customer.objects.filter(pk=customer.pk).update(address=words.an_address(random), tier=tier)
        customer.refresh_from_db()
        values = {
            "serial": f"{line[:2].upper()}{random.randint(10**7, 10**8 - 1)}{place:03d}",
            "product_line": line,
            "model": random.choice(words.LINES[line][1]),
        }
        made.append((customer, make_device(values=values, customer_id=customer.pk, actor=SYSTEM)))
    return made


def let_arrive(households: Sequence[Household], random: Random, *, until: datetime) -> None:
    """Open the cases that wait, each at its time, and let the promises break that broke by now."""
    yesterday = local_midnight(local_date(until)) - timedelta(hours=24)
    left = [yesterday + timedelta(hours=random.uniform(9, 19)) for _ in range(LEFT)]
    fresh = [until - timedelta(minutes=random.uniform(1, 25)) for _ in range(FRESH)]
    for at in sorted([*left, *fresh]):
        pass_until(at)
        with clock.frozen(at):
            _open(households, random)
    pass_until(until)
    # What was told more than a day ago has been read.
    Notice.objects.filter(created_at__lt=until - timedelta(days=1)).update(read_at=F("created_at"))


def _open(households: Sequence[Household], random: Random) -> None:
    trouble = random.choices(words.TROUBLES, [1 if one.kind == "service" else 2 for one in words.TROUBLES])[0]
    customer, device = random.choice([pair for pair in households if pair[1].product_line == trouble.line])
    told = NewCase(
        kind=trouble.kind,
        service_type=trouble.service_type,
        subject=trouble.subject,
        description=words.a_description(trouble, device.model, random),
        customer=customer,
        device=device,
        channel=random.choice(["portal", "portal", "phone", "wechat", "email", "qr"]),
        severity=trouble.severity if random.random() < 0.8 else None,
        language="zh-hans",
    )
    open_case(told, actor=SYSTEM)
