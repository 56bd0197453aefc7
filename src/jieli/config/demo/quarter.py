"""Three months of service at the demo company: each plot is lived once, then woven into thousands of cases, up to today."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import connection

from jieli.cases.models import Case
from jieli.config.demo import words
from jieli.config.demo.acts import FAULT_CODE, LINE, MARKERS, Cast, Story
from jieli.config.demo.belongings import Belongings, belongings
from jieli.config.demo.company import Company
from jieli.config.demo.desks import ONE_IN, DeskReadings, Desks
from jieli.config.demo.field import PARTS, Field, Post
from jieli.config.demo.gaps import Copy, Players
from jieli.config.demo.licences import Ledgers, settle_licences
from jieli.config.demo.patterns import Pattern, pattern_of
from jieli.config.demo.plots import PLOTS, TODAY, WAITING, Plot, Tell, asked, chapters, live, unlived, unspent
from jieli.config.demo.weaving import Loom, asleep, row_counts
from jieli.customers.models import Customer, Device
from jieli.dispatch.models import Offer
from jieli.dispatch.queries.candidates import road_km
from jieli.lib.geo import haversine_km
from jieli.network.actions.bringing import NewPosting
from jieli.network.rules.places import places_of
from jieli.orders.models import WorkOrder
from jieli.people.queries import local_date, local_midnight
from jieli.policies.queries import current
from jieli.policies.schemas.faults import FaultGroup

Progress = Callable[[int, int | None, str], object]
DAY = timedelta(days=1)
LATE = timedelta(hours=11, minutes=30)
OPENS, ENDS = timedelta(hours=8), timedelta(hours=19, minutes=55)
"""The working day of outlets, but for its last minutes."""
LATER = 150
"""Minutes by which the second round of a day is later: what is promised in hours still falls into the working day."""
MOST_AT_ONCE = 2
"""So many of today's cases an engineer gets: as many as fit into one window."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A story that was lived, as it was read; whoever lived it may give it to another process."""

    left: Belongings
    cast: Cast
    day: datetime
    distance_km: Decimal | None
    other_km: str
    """How far the other outlet had to go, as the reasons of its offer say it; empty when it was not asked."""


Readings = dict[Tell, Reading]


@dataclass(frozen=True, slots=True)
class Others:
    """The stories besides the usual ones, which are half of the work."""

    past: Readings
    today: Readings
    at_desks: DeskReadings


@dataclass(frozen=True, slots=True)
class Lived:
    """A story that was lived, compiled, with those who played in it."""

    pattern: Pattern
    cast: Cast
    players: Players
    day: datetime
    days: int
    distance_km: Decimal | None
    other_km: str


def read(story: Story, *, is_told: bool = False) -> Reading:
    """Read a story that was lived in the open transaction; `is_told` with the notices that people got."""
    case, cast = story.case, story.cast
    order = WorkOrder.objects.filter(case_id=story.case_id).order_by("pk").last()
    left = belongings(case, also=["notify.Notice"] if is_told else [])
    return Reading(left, cast, story.day, order.distance_km if order is not None else None, _other_km(case, cast))


def compiled(one: Reading, *, days: int, part_id: int) -> Lived:
    """Return the pattern of a story of so many days."""
    cast, distance, other_km = one.cast, one.distance_km, one.other_km
    players = players_of(cast, part_id)
    pattern = pattern_of(
        one.left,
        players,
        markers=[*MARKERS, *_labels(LINE, FAULT_CODE)],
        codes=[*_codes(LINE, FAULT_CODE), *_where(cast, distance), *([other_km] if other_km else [])],
        numbers=[distance] if distance is not None else [],
    )
    return Lived(pattern, cast, players, one.day, days, distance, other_km)


def _other_km(case: Case, cast: Cast) -> str:
    """Return how far it is from the other outlet, if it was asked and the reasons of its offer say so."""
    asked = Offer.objects.filter(case=case, outlet=cast.other.unit).first()
    reasons = asked.reasons.get("for", ()) if asked is not None else ()
    return next((one["value"] for one in reasons if one["code"] == "distance"), "")


def players_of(cast: Cast, part_id: int) -> Players:
    """Return who plays: people, places, the customer and the device, with the part that is changed most in such a device."""
    post, other, customer, device = cast.post, cast.other, cast.customer, cast.device
    rows: list[tuple[str, Any]] = [
        ("people.Staff", cast.agent),
        ("people.Staff", cast.superior),
        ("people.Staff", post.owner),
        ("people.Staff", cast.engineer),
        ("people.Staff", other.owner),
        ("people.Unit", post.unit),
        ("people.Unit", other.unit),
        ("parts.Place", cast.van),
        ("customers.Customer", customer),
        ("customers.Device", device),
    ]
    return Players(
        rows=[*[(label, row.pk) for label, row in rows], ("parts.Part", part_id)],
        words=[
            customer.address,
            customer.phone,
            device.serial,
            post.unit.name,
            other.unit.name,
            post.unit.code,
            other.unit.code,
            cast.agent.name,
            cast.superior.name,
            post.owner.name,
            cast.engineer.name,
            customer.name,
            words.LINES[device.product_line][0],
        ],
        numbers=[customer.latitude, customer.longitude],
    )


def _where(cast: Cast, distance: Decimal | None) -> list[str]:
    """Return what reasons and events say of a cast's place: its name, and how far it is, as both write it."""
    far = [] if distance is None else [str(distance), f"{float(distance):g}"]
    return [places_of(cast.customer.address)[-1], *far]


def _codes(line: str, fault: str) -> list[str]:
    """Return the codes of a product line: itself, a group of faults, the fault, the part that is changed most."""
    return [line, _group(fault).code, fault, PARTS[line][0][0]]


def _group(fault: str) -> FaultGroup:
    return next(group for group in current("faults").data.groups if any(one.code == fault for one in group.faults))


def _labels(line: str, fault: str) -> list[str]:
    """Return the words for the fault and the part."""
    label = next(one.label for one in _group(fault).faults if one.code == fault)
    return [label.zh, label.en, *PARTS[line][0][1:3]]


class Quarter:
    """The cases of three months: who lives them, when, and how they go."""

    def __init__(self, company: Company, network: Field, random: Random, *, now: datetime) -> None:
        self.company, self.network, self.random, self.now = company, network, random, now
        self.today = local_midnight(local_date(now))
        self.agents = [company.staff[code] for code in company.desks["care-1"]]
        self.faults = {
            line: [one.code for group in current("faults").data.groups if group.product_line == line for one in group.faults]
            for line in PARTS
        }
        self.busy: dict[tuple[int, int, int], int] = {}
        self.present = Counter[int]()
        self.said: dict[tuple[str, str], dict[str, str]] = {}
        self.ledgers = Ledgers(network)
        self.devices: dict[int, list[tuple[int, tuple[Customer, Device]]]] = {}
        wanted = {True, *(plot.warranty for plot in PLOTS)}
        self.first_casts = {warranty: self._first_cast(warranty=warranty) for warranty in sorted(wanted, reverse=True)}
        self.desks = Desks(company, random, first=self._first_at_desks(), now=now)

    def live(
        self,
        orders: int,
        *,
        days: int,
        progress: Progress,
        others: Callable[[], Others] | None = None,
        meanwhile: Callable[[], None] = lambda: None,
        woven: Callable[[], None] = lambda: None,
    ) -> None:
        """Live each plot once and weave `orders` cases over the last `days` days.

        `others` gives the other stories where somebody else lived them. `meanwhile` something else is lived in this process,
        while another one makes the copies; `woven` is called when they are written and their indexes are not yet made.
        """
        with unspent():
            past = self._compiled(self.usual())
            also = (others or self.others)()
        past |= self._compiled(also.past)
        lived = [past[plot.tell] for plot in PLOTS]
        today = [compiled(also.today[tell], days=on, part_id=self._part(LINE)) for tell, (on, _number) in TODAY.items()]
        copies = [self._past(lived[place], PLOTS[place], days) for place in self._places(orders)]
        scale = orders / 15_000
        for one, (_on, number) in zip(today, TODAY.values(), strict=True):
            copies += [self._present(one, place) for place in range(max(2, round(number * scale)))]
        households = [pair for post in self.network.posts for pair in post.customers]
        copies += self.desks.copies(also.at_desks, orders // ONE_IN, days=days, households=households)
        copies.sort(key=lambda pair: pair[1].shift)
        postings: list[NewPosting] = []
        with Loom(copies) as loom:
            meanwhile()
            with asleep(row_counts(copies)):
                for done in loom.weave(postings=postings):
                    progress(done, len(copies), "cases")
                woven()
        with connection.cursor() as cursor:
            # What asks for many rows from now on finds a way by their number; a rough one will do for now.
            cursor.execute("set local default_statistics_target = 20; analyze; reset default_statistics_target")
        settle_licences(self.ledgers, postings, self.company, self.random, now=self.now)

    # --- living

    def usual(self) -> Readings:
        """Live the plots of repairs which the outlet takes that is asked first, each once."""
        return self._lived(self._is_usual)

    def others(self) -> Others:
        """Live the other plots, what goes on today, and what desks answer by themselves, each once."""
        return Others(self._lived(lambda plot: not self._is_usual(plot)), self._lived_today(), self.desks.live())

    @staticmethod
    def _is_usual(plot: Plot) -> bool:
        return asked in chapters(plot.tell)

    def _lived(self, which: Callable[[Plot], bool]) -> Readings:
        """Live plots; those whose device is alike share what they have in common."""
        day = self.today - (max(plot.days for plot in PLOTS) + 3) * DAY
        found: Readings = {}
        for warranty, cast in self.first_casts.items():
            wanted = [plot.tell for plot in PLOTS if which(plot) and plot.warranty == warranty]
            for tell, story in live(wanted, Story(cast, day)):
                found[tell] = read(story)
        return found

    def _compiled(self, readings: Readings) -> dict[Tell, Lived]:
        days = {plot.tell: plot.days for plot in PLOTS}
        return {tell: compiled(one, days=days[tell], part_id=self._part(LINE)) for tell, one in readings.items()}

    def _lived_today(self) -> Readings:
        """Live what goes on today."""
        found: Readings = {}
        begins = {tell: self._begin(tell) for tell in TODAY}
        for begin in sorted(set(begins.values())):
            wanted = [tell for tell in TODAY if begins[tell] == begin]
            for tell, story in live(wanted, Story(self.first_casts[True], begin)):
                with unlived():
                    so_far = story.branch()
                    so_far.wait(self.now)
                    found[tell] = read(so_far, is_told=True)
        return found

    def _begin(self, tell: Tell) -> datetime:
        """Return when a story begins that has come as far by now: its last day is today, or yesterday when the day is young.

        One that goes on within the hour ends some minutes ago, as late in the day as work may be planned; one that waits for an
        answer asked a moment ago, or before the desk closed.
        """
        if tell in WAITING:
            return self._asked_at() - WAITING[tell]
        on, _number = TODAY[tell]
        is_late = self.now >= self.today + LATE
        if is_late and on == 0:
            half_hours = (min(self.now, self.today + timedelta(hours=18, minutes=10)) - self.today) // timedelta(minutes=30)
            return self.today + half_hours * timedelta(minutes=30) - timedelta(hours=10, minutes=30)
        return self.today - (on + (not is_late)) * DAY

    def _asked_at(self) -> datetime:
        """Return the last minute of a working day: whoever was asked then need not have answered yet."""
        at = self.now.replace(second=0, microsecond=0)
        if at < self.today + OPENS:
            return self.today - DAY + ENDS
        return min(at, self.today + ENDS)

    def _first_cast(self, *, warranty: bool) -> Cast:
        post = self.network.posts[0]
        fitting = [pair for pair in post.customers if pair[1].product_line == LINE and self._is_covered(pair[1]) == warranty]
        customer, device = fitting[0]
        return self._cast(post, customer, device, engineer=0)

    def _first_at_desks(self) -> tuple[Customer, Device]:
        return next(pair for post in self.network.posts for pair in post.customers if pair[1].product_line == LINE)

    def _is_covered(self, device: Device) -> bool:
        return device.warranty_until is not None and device.warranty_until >= local_date(self.now)

    def _cast(self, post: Post, customer: Customer, device: Device, *, engineer: int) -> Cast:
        engineers = [post.engineers[engineer], *post.engineers[:engineer], *post.engineers[engineer + 1 :]]
        vans = [post.vans[engineer], *post.vans[:engineer], *post.vans[engineer + 1 :]]
        return Cast(
            post=Post(post.unit, post.owner, engineers, vans, post.place),
            other=self.network.neighbours[post.unit.pk],
            central=self.network.central,
            agent=self.random.choice(self.agents),
            superior=self.company.staff[post.place[5]],
            store=self.company.staff["specialist"],
            lab=self.company.staff["lab"],
            quality=self.company.staff["quality"],
            customer=customer,
            device=device,
        )

    # --- copying

    def _places(self, orders: int) -> list[int]:
        """Return which plot each order follows: each at least three times, the others by their share."""
        least = [place for place in range(len(PLOTS)) for _ in range(3)]
        more = self.random.choices(range(len(PLOTS)), [plot.share for plot in PLOTS], k=max(0, orders - len(least)))
        return [*least, *more]

    def _post_for(self, plot: Plot) -> Post:
        """Return an outlet: weak stories happen rather at weak outlets, of which one in six is."""
        posts = self.network.posts
        weights = [HANDS[number % len(HANDS)] if plot.weak else 1 for number in range(len(posts))]
        if len(posts) >= 20:
            weights[-OPENED_LATELY:] = [0.02] * OPENED_LATELY
        return self.random.choices(posts, weights)[0]

    def _past(self, lived: Lived, plot: Plot, days: int) -> tuple[Pattern, Copy]:
        post = self._post_for(plot)
        earliest = -days + (self.today - lived.day) // DAY
        latest = (self.today - lived.day) // DAY - lived.days - 1
        costs = -sum(min(0, one.points) for one in lived.pattern.postings)
        for turn_of in range(60):
            if turn_of >= 40:  # nobody of them can lose more points: another outlet has it
                post = self._post_for(plot)
            offset = self.random.randint(earliest, latest)
            engineer, turn = self._engineer(post, plot), self.random.randrange(2)
            key = (post.engineers[engineer].pk, (lived.day - self.today) // DAY + offset, turn)
            if key not in self.busy and self.ledgers.bears(post.engineers[engineer], costs):
                break
        self.ledgers.lose(post.engineers[engineer], costs)
        self.busy[key] = 1
        shift = offset * DAY + timedelta(minutes=LATER * turn + self.random.choice((-30, 0, 30)))
        customer, device = self._household(post, plot, key[1])
        return lived.pattern, self._copy(lived, shift, self._cast(post, customer, device, engineer=engineer))

    def _engineer(self, post: Post, plot: Plot) -> int:
        """Return whose turn it is: of those at one outlet, too, weak stories happen rather to some."""
        places = range(len(post.engineers))
        return self.random.choices(places, [place + 1 for place in places])[0] if plot.weak else self.random.choice(places)

    def _household(self, post: Post, plot: Plot, day: int) -> tuple[Customer, Device]:
        """Return whose device it is: in or out of warranty as the plot asks; now and then one that was there lately."""
        if plot.service_type == "repair" and self.random.random() < 0.03:
            lately = [pair for at, pair in self.devices.get(post.unit.pk, ()) if 7 < day - at < 80]
            if lately:
                return self.random.choice(lately)
        for _ in range(60):
            customer, device = self.random.choice(post.customers)
            if self._is_covered(device) == plot.warranty:
                break
        if plot.service_type == "repair":
            self.devices.setdefault(post.unit.pk, []).append((day, (customer, device)))
        return customer, device

    def _present(self, lived: Lived, place: int) -> tuple[Pattern, Copy]:
        """Copy what goes on today; the first ones at the outlet and with the engineer as whom one can sign in.

        Nobody gets more of it than fits into one window, as long as there are people enough.
        """
        for _ in range(40):
            post = self.network.posts[0] if place < 2 else self.random.choice(self.network.posts)
            fit = [number for number, one in enumerate(post.engineers) if not self.ledgers.is_barred(one)]
            engineer = place if place < 2 else self.random.choice(fit)
            if place < 2 or self.present[post.engineers[engineer].pk] < MOST_AT_ONCE:
                break
        self.present[post.engineers[engineer].pk] += 1
        customer, device = self.random.choice([pair for pair in post.customers if self._is_covered(pair[1])])
        shift = timedelta(minutes=-30 * self.random.randint(0, min(lived.days, 1)))
        return lived.pattern, self._copy(lived, shift, self._cast(post, customer, device, engineer=engineer))

    def _copy(self, lived: Lived, shift: timedelta, cast: Cast) -> Copy:
        line = cast.device.product_line
        said = self._faulty(line, self.random.choice(self.faults[line]))
        said = said | dict(zip(MARKERS, texts(cast, self.random), strict=True))
        far = self._distance(cast) if lived.distance_km is not None else None
        if lived.other_km:
            said[lived.other_km] = f"{float(self._distance(cast, cast.other)):g}"
        said |= dict(zip(_where(lived.cast, lived.distance_km), _where(cast, far), strict=True))
        return lived.players.copy(
            players_of(cast, self._part(line)),
            shift=shift,
            words=said,
            numbers={} if lived.distance_km is None or far is None else {lived.distance_km: far},
        )

    def _faulty(self, line: str, fault: str) -> dict[str, str]:
        """Return what is said of a fault in place of that of the stories."""
        if (line, fault) not in self.said:
            old, new = ([*_codes(*one), *_labels(*one)] for one in ((LINE, FAULT_CODE), (line, fault)))
            self.said[line, fault] = dict(zip(old, new, strict=True))
        return self.said[line, fault]

    def _part(self, line: str) -> int:
        """Return the part of a product line that is changed most."""
        return self.network.parts[PARTS[line][0][0]].pk

    def _distance(self, cast: Cast, post: Post | None = None) -> Decimal:
        _city, _district, _code, latitude, longitude, _region = (post or cast.post).place
        north, east = float(cast.customer.latitude or latitude), float(cast.customer.longitude or longitude)
        kilometres = road_km(haversine_km(latitude, longitude, north, east)) or 0
        return Decimal(f"{kilometres:.3f}")


HANDS = (0.15, 1, 1, 2.2, 2, 5)
"""How often weak stories happen at one outlet of six, the first being the best."""


OPENED_LATELY = 3
"""How many outlets of a large network have had few orders yet, so that no month of theirs is graded."""


def texts(cast: Cast, random: Random) -> Iterator[str]:
    """Give what is said in one case, in the order of the markers: put together from pieces, hardly ever twice the same."""
    line, model, name = cast.device.product_line, cast.device.model, cast.customer.name
    spoken = words.LINES[line][0]
    ails = random.choice(words.WHAT_AILS[line])
    yield f"{spoken}{ails}"
    since, how, wish = (random.choice(some) for some in (words.SINCE, words.HOW, words.WISHES))
    yield f"{random.choice(words.OPENERS)}型号{model}，{since}开始{ails}，{how}。{wish}。"
    yield (
        f"{random.choice(words.GREETINGS).format(name=name)}，{spoken}{ails}的问题由{cast.agent.name}为您跟进，"
        f"{random.choice(words.WISHES)}，已为您安排。"
    )
    yield f"{random.choice(words.WISHES)}；{random.choice(words.HOW)}"
    yield f"{random.choice(words.SINCE)}{ails}，{random.choice(words.HOW)}"
    yield f"{random.choice(words.WORK)}，{random.choice(words.CHECKS)}（{model}）"
    yield f"{random.choice(words.PRAISE)}，{random.choice(words.PRAISE)}"
    yield f"{random.choice(words.REMARKS)}；{spoken}{model}，{random.choice(words.SINCE)}"
    yield f"{random.choice(words.REASONS)}（{spoken}，{random.choice(words.SINCE)}）"
    for _turn in range(2):
        yield f"{PARTS[line][0][0]}-{random.randrange(16**9):09X}"
