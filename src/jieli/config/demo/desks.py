"""What desks answer without a visit: enquiries, complaints, suggestions, praise. Each way is lived once, then woven."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.opening import NewCase, open_case
from jieli.cases.actions.owning import take_case
from jieli.cases.actions.passing import accept_pass, decline_pass, offer_pass
from jieli.cases.actions.progressing import change_case, close_case, move_to_stage, reopen_case, resolve_case
from jieli.cases.actions.promises import pause_case, resume_case
from jieli.cases.models import Case, Pass
from jieli.config.demo import words
from jieli.config.demo.acts import DETAILS, DONE, FAULT, GREETING, MARKERS, NEED, NOTE, SUBJECT, THANKS, WHY, Tale
from jieli.config.demo.belongings import Belongings, belongings
from jieli.config.demo.company import SKILLS, Company, desk_of
from jieli.config.demo.gaps import Copy, Players
from jieli.config.demo.patterns import Pattern, pattern_of
from jieli.config.demo.plots import follows, live, unlived
from jieli.customers.models import Customer, Device
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.queries import local_date, local_midnight
from jieli.quality.actions.calling import record_attempt, record_result, take_callback
from jieli.quality.models import CallBack
from jieli.quality.rules.answers import Answers

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
Household = tuple[Customer, Device]


class DeskStory(Tale):
    """A case that is answered at a desk. Whoever has it is found as in life: by the rule, or because he takes it."""

    def __init__(self, company: Company, household: Household, day: datetime) -> None:
        super().__init__(household[0], day)
        self.company = company
        self.device = household[1]
        self.agent: Staff | None = None

    def come(self, kind: str, *, severity: int | None = None, channel: str = "portal") -> None:
        """The customer tells what it is about."""
        with self.at(0, "09:12"):
            told = NewCase(
                kind=kind,
                subject=SUBJECT,
                description=DETAILS,
                customer=self.of,
                device=self.device,
                channel=channel,
                severity=severity,
                language="zh-hans",
            )
            self.case_id = open_case(told, actor=SYSTEM).case_id

    @property
    def team(self) -> list[Staff]:
        """Return who works at the desk of the case."""
        return [self.company.staff[code] for code in self.company.desks[desk_of(self.case.kind)]]

    @property
    def has_it(self) -> Staff:
        """Return whose the case is."""
        if self.agent is None:
            raise LookupError("nobody has the case yet")
        return self.agent

    def find_somebody(self, *, declined: bool = False) -> None:
        """Whom the rule asks accepts it, now and then the second; where no rule asks, somebody takes it."""
        offers = Pass.objects.filter(case_id=self.case_id, state=Pass.State.OFFERED)
        if declined:
            with self.at(0, "09:18"):
                first = offers.get()
                decline_pass(first.pk, reason=WHY, actor=self.by(first.receiver))
        with self.at(0, "09:21"):
            offer = offers.first()
            if offer is None:
                self.agent = self.team[-1]
                take_case(self.case_id, actor=self.by(self.agent))
            else:
                self.agent = offer.receiver
                accept_pass(offer.pk, restatement=NEED, actor=self.by(self.agent))

    def write(self, body: str, *, day: int, time: str, again: tuple[int, str] | None = None) -> None:
        """Write to the customer, and promise when to be back."""
        next_at = None if again is None else self.moment(*again)
        with self.at(day, time):
            write_message(self.case_id, body=body, visible=True, next_reply_at=next_at, actor=self.by(self.has_it))

    def moment(self, day: int, time: str) -> datetime:
        """Return a time of a day of the story."""
        hour, minute = map(int, time.split(":"))
        return self.day + timedelta(days=day, hours=hour, minutes=minute)

    def pass_on(self, *, day: int, time: str) -> Pass:
        """Offer it to a colleague."""
        colleague = next(one for one in self.team if one.pk != self.has_it.pk)
        with self.at(day, time):
            return offer_pass(self.case_id, to=colleague, done=DONE, next=NOTE, actor=self.by(self.has_it))

    def take_over(self, offer: Pass, *, day: int, time: str) -> None:
        """The colleague accepts it."""
        with self.at(day, time):
            accept_pass(offer.pk, restatement=FAULT, actor=self.by(offer.receiver))
        self.agent = offer.receiver

    def answer(self, *, day: int, time: str) -> None:
        """Answer it, in a stage of its own as what needs nobody to go."""
        with self.at(day, time):
            move_to_stage(self.case_id, stage=Case.Stage.REPLY, actor=self.by(self.has_it))
            resolve_case(self.case_id, answer=THANKS, actor=self.by(self.has_it))

    def ask_how_it_was(self, *, day: int, time: str) -> None:
        """Call the customer, who is content now; that closes it."""
        callback = CallBack.objects.filter(case_id=self.case_id).latest("pk")
        with clock.frozen(callback.made_at + timedelta(minutes=4)):
            take_callback(callback.pk, actor=self.by(self.has_it))
            self._react()
        with self.at(day, time):
            record_attempt(callback.pk, outcome="talked", note=NOTE, actor=self.by(self.has_it))
            said = Answers(solved=True, on_time=True, manners=True)
            record_result(callback.pk, result="satisfied", answers=said, actor=self.by(self.has_it))

    def close(self, *, day: int, time: str) -> None:
        """Nothing more is asked."""
        with self.at(day, time):
            close_case(self.case_id, actor=self.by(self.has_it))


# --- enquiries


def enquired(story: DeskStory) -> None:
    """Somebody asks, and the rule finds who answers."""
    story.come("enquiry")
    story.find_somebody()


@follows(enquired)
def looked_up(story: DeskStory) -> None:
    """The customer knows who looks it up, and until when."""
    story.write(GREETING, day=0, time="09:30", again=(0, "11:30"))


@follows(looked_up)
def told(story: DeskStory) -> None:
    """Answered the same morning."""
    story.answer(day=0, time="10:50")
    story.close(day=0, time="16:20")


@follows(looked_up)
def handed_on(story: DeskStory) -> None:
    """A colleague knows it better."""
    story.take_over(story.pass_on(day=0, time="10:02"), day=0, time="10:11")


@follows(handed_on)
def told_by_a_colleague(story: DeskStory) -> None:
    """The colleague answers."""
    story.answer(day=0, time="11:10")
    story.close(day=1, time="09:40")


@follows(looked_up)
def nobody_took_it_over(story: DeskStory) -> None:
    """The colleague does not answer; the pass lapses, and who had it has it still."""
    story.pass_on(day=0, time="10:02")
    story.wait(story.moment(0, "15:30"))
    story.answer(day=0, time="15:40")
    story.close(day=1, time="10:10")


@follows(looked_up)
def waits_for_the_customer(story: DeskStory) -> None:
    """The customer wants to look for his invoice first."""
    with story.at(0, "10:05"):
        until = story.moment(2, "10:00")
        pause_case(story.case_id, reason="customer", until=until, consent=True, actor=story.by(story.has_it))


@follows(waits_for_the_customer)
def told_after_waiting(story: DeskStory) -> None:
    """He found it the next day."""
    with story.at(1, "09:30"):
        resume_case(story.case_id, actor=story.by(story.has_it))
    story.answer(day=1, time="09:50")
    story.close(day=1, time="16:00")


def told_by_the_second(story: DeskStory) -> None:
    """Whom the rule asked first has no time."""
    story.come("enquiry", channel="phone")
    story.find_somebody(declined=True)
    story.write(GREETING, day=0, time="09:35", again=(0, "11:40"))
    story.answer(day=0, time="11:05")
    story.close(day=0, time="17:00")


# --- complaints


def complained(story: DeskStory) -> None:
    """Somebody is angry; an agent takes it and says so."""
    story.come("complaint", channel="phone")
    story.find_somebody()
    with story.at(0, "09:24"):
        change_case(story.case_id, values={"severity": 3}, revision=None, actor=story.by(story.has_it))
    story.write(GREETING, day=0, time="09:33", again=(0, "14:30"))


@follows(complained)
def made_good(story: DeskStory) -> None:
    """Looked into, answered, and the customer leaves it at that."""
    story.write(FAULT, day=0, time="14:10", again=(1, "10:30"))
    story.answer(day=1, time="10:05")
    story.ask_how_it_was(day=2, time="10:40")


@follows(complained)
def not_good_enough(story: DeskStory) -> None:
    """The first answer is not enough."""
    story.answer(day=0, time="14:05")
    with story.at(1, "09:15"):
        reopen_case(story.case_id, reason=WHY, actor=story.customer)
    story.write(FAULT, day=1, time="09:40", again=(1, "15:30"))
    with story.at(1, "15:05"):
        resolve_case(story.case_id, answer=THANKS, actor=story.by(story.has_it))
    story.ask_how_it_was(day=2, time="11:00")


@follows(complained)
def forgotten(story: DeskStory) -> None:
    """The time that was promised passes: it breaks, everybody sees it, and a new one is promised."""
    story.wait(story.moment(0, "16:40"))
    story.write(FAULT, day=0, time="16:50", again=(1, "11:00"))
    story.answer(day=1, time="10:20")
    story.ask_how_it_was(day=2, time="09:50")


# --- what customers would have otherwise, and what they liked


def suggested(story: DeskStory) -> None:
    """A suggestion, thanked for."""
    story.come("suggestion", channel="wechat")
    story.find_somebody()
    story.write(GREETING, day=0, time="09:40", again=(0, "16:30"))
    story.answer(day=0, time="15:10")
    story.close(day=1, time="10:30")


def praised(story: DeskStory) -> None:
    """Praise, passed on."""
    story.come("praise", channel="wechat")
    story.find_somebody()
    story.answer(day=0, time="10:20")
    story.close(day=0, time="16:40")


Tell = Callable[[DeskStory], None]

PAST: Mapping[Tell, tuple[int, int]] = {
    told: (30, 0),
    told_by_a_colleague: (9, 1),
    nobody_took_it_over: (3, 1),
    told_after_waiting: (6, 1),
    told_by_the_second: (6, 0),
    made_good: (14, 2),
    not_good_enough: (5, 2),
    forgotten: (3, 2),
    suggested: (8, 1),
    praised: (16, 0),
}
"""How many of a hundred go so, and on which day of the story it ends."""

TODAY: Mapping[Tell, int] = {enquired: 3, looked_up: 6, handed_on: 3, waits_for_the_customer: 4, complained: 5}
"""How many of them have come so far today."""

OPENED, AS_FAR = timedelta(hours=9, minutes=12), timedelta(hours=10, minutes=11)
"""When in its day a story begins, and when the last of those of today has come as far."""
OPEN, CLOSED = timedelta(hours=8), timedelta(hours=19)
"""When the desks begin, and when nothing new is begun."""

ONE_IN = 25
"""For so many orders there is one case that the desks answer by themselves."""


@dataclass(frozen=True, slots=True)
class DeskReading:
    """A way that was lived, as it was read."""

    left: Belongings
    place: int
    """Of the one who had it, among those of his desk."""
    day: datetime


@dataclass(frozen=True, slots=True)
class DeskReadings:
    """All ways, each once."""

    past: dict[Tell, DeskReading]
    today: dict[Tell, DeskReading]


@dataclass(frozen=True, slots=True)
class Way:
    """A way that was lived, compiled, with those who played in it."""

    pattern: Pattern
    players: Players
    place: int
    kind: str
    product_line: str
    day: datetime
    days: int


class Desks:
    """The cases that desks answer by themselves in some months, up to today."""

    def __init__(self, company: Company, random: Random, *, first: Household, now: datetime) -> None:
        self.company, self.random, self.first, self.now = company, random, first, now
        self.today = local_midnight(local_date(now))

    def live(self) -> DeskReadings:
        """Live each way once with the first household."""
        day = self.today - (max(days for _share, days in PAST.values()) + 3) * DAY
        past = {tell: self._read(end) for tell, end in live(list(PAST), DeskStory(self.company, self.first, day))}
        return DeskReadings(past, self._lived_today())

    def copies(
        self, lived: DeskReadings, number: int, *, days: int, households: list[Household]
    ) -> Iterator[tuple[Pattern, Copy]]:
        """Give the copies of `days` days and of today."""
        past = {tell: self._compiled(one, PAST[tell][1]) for tell, one in lived.past.items()}
        ways = self.random.choices(list(PAST), [share for share, _days in PAST.values()], k=number)
        for tell in [*PAST, *PAST, *PAST, *ways]:
            way = past[tell]
            offset = (self.today - way.day) // DAY - way.days - self.random.randint(1, max(1, days - way.days))
            shift = offset * DAY + self.random.randint(-60, 120) * MINUTE
            yield way.pattern, self._copy(way, shift, self.random.choice(households))
        for tell, one in lived.today.items():
            way = self._compiled(one, 0)
            for _ in range(TODAY[tell]):
                # Not a minute earlier or later: that may lie on the other side of an opening, where a time is due otherwise.
                yield way.pattern, self._copy(way, timedelta(), self.random.choice(households))

    def _begin(self) -> datetime:
        """Return when the stories of today begin: the last has come as far ten minutes ago, or when the desks closed."""
        last = min(self.now.replace(second=0, microsecond=0) - 10 * MINUTE, self.today + CLOSED)
        begin = last - AS_FAR
        return begin if begin + OPENED >= self.today + OPEN else self.today + CLOSED - DAY - AS_FAR

    def _lived_today(self) -> dict[Tell, DeskReading]:
        found = {}
        for tell, story in live(list(TODAY), DeskStory(self.company, self.first, self._begin())):
            with unlived():
                so_far = story.branch()
                so_far.wait(self.now)
                found[tell] = self._read(so_far, is_told=True)
        return found

    def _read(self, story: DeskStory, *, is_told: bool = False) -> DeskReading:
        place = [one.pk for one in story.team].index(story.has_it.pk)
        return DeskReading(belongings(story.case, also=["notify.Notice"] if is_told else []), place, story.day)

    def _compiled(self, one: DeskReading, days: int) -> Way:
        kind, line = one.left.case.kind, self.first[1].product_line
        players = players_of(self.first, self._team(kind))
        pattern = pattern_of(one.left, players, markers=MARKERS, codes=[line])
        return Way(pattern, players, one.place, kind, line, one.day, days)

    def _team(self, kind: str) -> list[Staff]:
        return [self.company.staff[code] for code in self.company.desks[desk_of(kind)]]

    def _copy(self, one: Way, shift: timedelta, household: Household) -> Copy:
        line = household[1].product_line
        team = self._team(one.kind)
        able = [staff for staff in team if line in SKILLS[staff.code]["product_lines"]]
        agent = self.random.choice(able or team)
        others = [staff for staff in team if staff.pk != agent.pk]
        self.random.shuffle(others)
        cast = [*others[: one.place], agent, *others[one.place :]]
        said = dict(zip(MARKERS, texts(one.kind, household, agent, self.random), strict=False)) | {one.product_line: line}
        return one.players.copy(players_of(household, cast), shift=shift, words=said)


def players_of(household: Household, team: Sequence[Staff]) -> Players:
    """Return who plays: the customer, the device, and the people of a desk in an order."""
    customer, device = household
    people = [("people.Staff", one.pk) for one in team]
    return Players(
        rows=[("customers.Customer", customer.pk), ("customers.Device", device.pk), *people],
        words=[customer.address, customer.phone, device.serial, customer.name, *(one.name for one in team)],
        numbers=[customer.latitude, customer.longitude],
    )


def texts(kind: str, household: Household, agent: Staff, random: Random) -> Iterator[str]:
    """Give what is said in one case, in the order of the markers, put together from pieces."""
    customer, device = household
    line = words.LINES[device.product_line][0]
    about = random.choice(words.ABOUT[kind])
    subject = about.subject.format(line=line)
    yield subject
    opener, told, closer = (random.choice(some) for some in (words.OPENERS, about.told, words.CLOSERS))
    yield f"{opener}{line}型号{device.model}，{told}。{closer}"
    yield (
        f"{random.choice(words.GREETINGS).format(name=customer.name)}，“{subject}”由{agent.name}负责，"
        f"{random.choice(words.LOOKING)}。"
    )
    yield f"{customer.name}：{subject}，{random.choice(words.TO_TELL)}"
    yield f"{subject}：{random.choice(words.LOOKING)}"
    yield f"{random.choice(words.LOOKED)}（{line}{device.model}）"
    yield f"{random.choice(about.answers).format(line=line, name=customer.name)}{random.choice(words.PARTING)}"
    yield f"{random.choice(words.TO_TELL)}（{subject}）"
    yield f"{random.choice(words.REASONS if kind == 'complaint' else words.BUSY)}（{line}，{random.choice(words.SINCE)}）"
