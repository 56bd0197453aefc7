"""The ground of the phones' bench: a company of engineers in the middle of a working day, made as the demo's is.

Each stretch of a visit is lived once by the actions that people use and woven into as many cases as there are engineers and
orders, each with its own people, device and words; so what the phones then meet are whole cases with chained events.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from field_phone import Engineer, Order
from ground import Ground, say

from jieli.config.demo.acts import LINE, Story
from jieli.config.demo.field import ENGINEERS, PARTS
from jieli.config.demo.gaps import Copy
from jieli.config.demo.patterns import Pattern
from jieli.config.demo.plots import PLOTS, follows, live, repaired, visit_tomorrow
from jieli.config.demo.quarter import Lived, Quarter, compiled, read
from jieli.config.demo.weaving import Loom, asleep, row_counts
from jieli.people.queries import local_date, local_midnight

DAY = timedelta(days=1)
CUSTOMERS_OF_OUTLET = 70
EARLIER = 10
"""How many finished orders of the past month there are for each engineer."""
BETWEEN = 85
"""Minutes from the begin of one visit to that of the next."""


@follows(visit_tomorrow)
def _on_the_way(story: Story) -> None:
    story.set_out(day=1)


@follows(_on_the_way)
def _on_site(story: Story) -> None:
    story.arrive(day=1)


@follows(_on_site)
def _inspected(story: Story) -> None:
    story.inspect(day=1)


@follows(_inspected)
def _signed(story: Story) -> None:
    story.work(day=1)


# How a visit stands when the bench begins: the story, how many entries it has sent, when its last one was, and of a hundred
# engineers how many are there, which is how long that stretch lasts.
STANDS: Sequence[tuple[Callable[[Story], None], int, timedelta, int]] = (
    (visit_tomorrow, 0, timedelta(hours=10, minutes=4), 22),
    (_on_the_way, 4, DAY + timedelta(hours=9, minutes=30), 24),
    (_on_site, 10, DAY + timedelta(hours=10, minutes=10), 10),
    (_inspected, 12, DAY + timedelta(hours=10, minutes=20), 38),
    (_signed, 19, DAY + timedelta(hours=11, minutes=12), 6),
)
WINDOW = DAY + timedelta(hours=10)
"""When the customer's window begins, from the midnight of the story on."""


class Morning(Quarter):
    """The orders of a day: each engineer is somewhere in his first visit, and the others are ahead of him."""

    def weave(self, orders: int) -> None:
        """Write the earlier orders and those of today."""
        days = {tell: round(last / DAY) for tell, _done, last, _share in STANDS}
        stands = list(self._told(days, self.today - 3 * DAY))
        plot = next(plot for plot in PLOTS if plot.tell is repaired)
        (earlier,) = self._told({repaired: plot.days}, self.today - (plot.days + 3) * DAY)
        engineers = [(post, turn) for post in self.network.posts for turn in range(len(post.engineers))]
        copies = [self._past(earlier, plot, 30) for _ in range(EARLIER * len(engineers))]
        for post, turn in engineers:
            covered = [pair for pair in post.customers if self._is_covered(pair[1])]
            homes = self.random.sample(covered, orders)
            for place, (customer, device) in enumerate(homes):
                begins = self.now + timedelta(minutes=BETWEEN * place + self.random.randint(-20, 20))
                which = self.random.choices(range(len(STANDS)), [share for *_rest, share in STANDS])[0] if place == 0 else 0
                lived = stands[which]
                # A visit that has begun keeps its last step in the past; one that is ahead comes to its window.
                last = STANDS[which][2] if which else WINDOW
                at = self.now - timedelta(minutes=self.random.randint(1, 5)) if which else begins
                cast = self._cast(post, customer, device, engineer=turn)
                copies.append((lived.pattern, self._copy(lived, at - lived.day - last, cast)))
        self._write(copies)

    def _told(self, days: Mapping[Callable[[Story], None], int], day: datetime) -> Iterator[Lived]:
        """Live these stories from a midnight on, and give each in its order; the value is how many days it lasts."""
        first, part_id = Story(self.first_casts[True], day), self._part(LINE)
        found = {tell: compiled(read(story), days=days[tell], part_id=part_id) for tell, story in live(list(days), first)}
        return (found[tell] for tell in days)

    def _write(self, copies: list[tuple[Pattern, Copy]]) -> None:
        with Loom(copies) as loom, asleep(row_counts(copies)):
            for done in loom.weave():
                if done % 2000 == 0 or done == len(copies):
                    say(f"{done:,} of {len(copies):,} cases")


def settle_day(place: Ground, *, engineers: int, orders: int, seed: int) -> list[Engineer]:
    """Found the company, weave its day, and return who is on the way, with a session each."""
    from django.db import transaction
    from django.utils import translation

    from jieli.config.database import Addresses, point
    from jieli.config.demo.company import found, plan_rota, set_landing
    from jieli.config.demo.field import build, equip, settle_customers
    from jieli.lib import clock

    addresses = Addresses(place.known.app, place.known.owner)
    with place.admin() as admin:
        admin.execute("update events_companyclock set mode = 'demo'")
    point(addresses, role="owner", pool=0)
    random, now = Random(seed), clock.now()
    founded = now - 60 * DAY
    with clock.frozen(founded):
        set_landing()
        _promise_around_the_clock()
    with translation.override("zh-hans"), transaction.atomic():
        with clock.frozen(founded):
            company = found()
            network = build(company, -(-engineers // ENGINEERS), random=random)
            equip(network)
            plan_rota(company, from_at=founded, days=70)
        with clock.frozen(now):
            say("customers")
            settle_customers(network, CUSTOMERS_OF_OUTLET * len(network.posts), random=random, until=local_date(now))
            say("orders")
            Morning(company, network, random, now=now).weave(orders)
    found_ones = _engineers(engineers, local_midnight(local_date(now)), random)
    with place.admin() as admin:
        admin.execute("update events_companyclock set mode = 'real'")
        admin.execute("vacuum analyze")
    point(addresses, role="app", pool=10)
    return found_ones


def _promise_around_the_clock() -> None:
    """Let promises count all hours: a day may then be measured at any hour, and what is due can still be derived."""
    from jieli.events.actor import SYSTEM
    from jieli.policies.actions import draft_version, start_version
    from jieli.policies.models import PolicyVersion

    source = PolicyVersion.objects.filter(name="promises", started=True).latest("number").source
    draft = draft_version(
        "promises", source=source.replace('calendar = "desk"', 'calendar = "always"'), actor=SYSTEM, note="bench"
    )
    start_version(draft.pk, actor=SYSTEM)


def _engineers(count: int, today: datetime, random: Random) -> list[Engineer]:
    from django.test import Client

    from jieli.dispatch.models import Appointment
    from jieli.orders.models import WorkOrder
    from jieli.people.models import Staff
    from jieli.policies.queries import current
    from jieli.visits.models import StepRecord, Visit

    faults = {
        line: [one.code for group in current("faults").data.groups if group.product_line == line for one in group.faults]
        for line in PARTS
    }
    found = []
    for staff in Staff.objects.filter(grants__role="engineer").order_by("code")[:count]:
        windows = dict(Appointment.objects.current().filter(engineer=staff).values_list("case_id", "starts_at"))
        theirs = WorkOrder.objects.filter(engineer=staff, finished_at__isnull=True, cancelled_at__isnull=True)
        made = []
        for order in sorted(theirs.select_related("device"), key=lambda one: windows[one.case_id]):
            visit = Visit.objects.filter(case_id=order.case_id).first()
            steps = set() if visit is None else set(StepRecord.objects.filter(visit=visit).values_list("code", flat=True))
            done = 0 if visit is None else next(
                done for mark, done in (("goodbye", 19), ("diagnose", 12), ("listen", 10), ("set_out", 4)) if mark in steps
            )  # fmt: skip
            assert order.device is not None
            line = order.device.product_line
            made.append(
                Order(
                    order.number,
                    order.case_id,
                    done,
                    order.device.serial,
                    random.choice(faults[line]),
                    PARTS[line][0][0],
                )
            )
        client = Client()
        client.force_login(staff)
        made.sort(key=lambda one: -one.done)
        found.append(Engineer(staff.code, staff.name, client.cookies["jieli"].value, made))
    return found
