"""How the stories of the demo's service cases go, in chapters: what several of them share is lived once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.db import connection, transaction

from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Pass
from jieli.config.demo.acts import CHARGE, NOTE, WHY, Story, Tale
from jieli.dispatch.actions.answering import refuse_offer
from jieli.dispatch.actions.appointing import move_appointment, set_appointment
from jieli.parts.actions.ordering import receive_part_order, ship_part_order
from jieli.parts.models import PartOrder
from jieli.quality.actions.calling import record_attempt
from jieli.quality.models import CallBack
from jieli.visits.actions.finishing import finish_with_gaps
from jieli.visits.models import Visit

Tell = Callable[[Story], None]
T = TypeVar("T", bound=Tale)


@dataclass(frozen=True, slots=True)
class Plot:
    """How a story goes: of a hundred thousand how many go so, for how many days it lasts, and what its device is like.

    `weak` ones are those which good outlets seldom have.
    """

    tell: Tell
    share: int
    days: int
    warranty: bool = True
    service_type: str = "repair"
    weak: bool = False


_before: dict[Any, Any] = {}


def follows(earlier: Callable[[T], None]) -> Callable[[Callable[[T], None]], Callable[[T], None]]:
    """Say what was told before this chapter."""

    def told(tell: Callable[[T], None]) -> Callable[[T], None]:
        _before[tell] = earlier
        return tell

    return told


def chapters(tell: Callable[[T], None]) -> list[Callable[[T], None]]:
    """Return a story's chapters up to this one, from the beginning."""
    way = [tell]
    while way[0] in _before:
        way.insert(0, _before[way[0]])
    return way


class Unlived(Exception):
    """Ends the transaction in which a story was lived: only its pattern stays."""


def live(wanted: Sequence[Callable[[T], None]], story: T) -> Iterator[tuple[Callable[[T], None], T]]:
    """Live stories from one beginning and give each as it comes to its end; nothing stays in the database.

    What several share is lived once: the other ways go on from there, each in a savepoint that is rolled back.
    """
    yield from _live_on([chapters(tell) for tell in wanted], story)


def _live_on(ways: Sequence[Sequence[Callable[[T], None]]], story: T) -> Iterator[tuple[Callable[[T], None], T]]:
    for tell in dict.fromkeys(way[0] for way in ways):
        following = [way[1:] for way in ways if way[0] is tell]
        with unlived():
            branch = story.branch()
            tell(branch)
            if [] in following:
                yield tell, branch
            yield from _live_on([way for way in following if way], branch)


@contextmanager
def unlived() -> Iterator[None]:
    """Roll back what is lived inside."""
    try:
        with transaction.atomic():
            yield
            raise Unlived
    except Unlived:
        pass


@contextmanager
def unspent() -> Iterator[None]:
    """Give back the numbers that were spent inside: what is lived there is unlived, and nobody else works in the database."""
    with connection.cursor() as cursor:
        cursor.execute("select quote_ident(sequencename) from pg_sequences where schemaname = 'public'")
        # The view does not tell where one stands that was restarted and not used yet, as that of the cases; it itself does.
        asks = [f"select '{name}', last_value, is_called from {name}" for (name,) in cursor.fetchall()]  # noqa: S608
        cursor.execute(" union all ".join(asks))
        before = cursor.fetchall()
        yield
        cursor.executemany("select setval(%s, %s, %s)", before)


# --- up to the visit; one by one what goes on today


def opened(story: Story) -> None:
    """Reported and answered."""
    story.report()
    story.accept()


@follows(opened)
def asked(story: Story) -> None:
    """The outlet has been asked."""
    story.ask_outlet(visit_day=1)


@follows(asked)
def at_outlet(story: Story) -> None:
    """The outlet has it and sends nobody yet."""
    story.outlet_accepts()


@follows(at_outlet)
def engineer_asked(story: Story) -> None:
    """The engineer has been asked."""
    story.send_engineer()


@follows(engineer_asked)
def visit_tomorrow(story: Story) -> None:
    """The engineer comes tomorrow."""
    story.engineer_accepts()


@follows(visit_tomorrow)
def arrived(story: Story) -> None:
    """The engineer has come."""
    story.set_out(day=1)
    story.arrive(day=1)


@follows(arrived)
def on_site(story: Story) -> None:
    """The engineer is at the customer's and has found the fault."""
    story.inspect(day=1)


@follows(on_site)
def done(story: Story) -> None:
    """Repaired without a part; the customer has not been called yet."""
    story.work(day=1)
    story.finish(day=1)


@follows(on_site)
def to_be_called(story: Story) -> None:
    """Repaired with a part; the customer has not been called yet."""
    story.change_part(day=1)
    story.work(day=1, part=True)
    story.finish(day=1)


@follows(done)
def called_in_vain(story: Story) -> None:
    """Nobody answered the first call."""
    callback = CallBack.objects.filter(case_id=story.case_id).latest("pk")
    with story.at(2, "10:30"):
        record_attempt(callback.pk, outcome="no_answer", actor=story.by(story.cast.agent))


@follows(done)
def in_recovery(story: Story) -> None:
    """The customer is not content; it is being made good."""
    story.call_back(day=2, result="dissatisfied")


@follows(on_site)
def part_ordered(story: Story) -> None:
    """A part is on order; the customer agreed to wait."""
    with story.at(1, "10:40"):
        story.phone([("part_missing", "10:40", {"part": story.part, "quantity": 1, "consent": True})], day=1, sent="10:40")


TODAY: Mapping[Tell, tuple[int, int]] = {
    asked: (0, 6),
    at_outlet: (0, 8),
    engineer_asked: (0, 6),
    visit_tomorrow: (0, 60),
    on_site: (1, 30),
    to_be_called: (1, 40),
    called_in_vain: (2, 12),
    in_recovery: (2, 8),
    part_ordered: (1, 10),
}
"""On which day of the story it is today, and how many of them there are."""

WAITING: Mapping[Tell, timedelta] = {
    asked: timedelta(hours=9, minutes=41),
    engineer_asked: timedelta(hours=9, minutes=58),
}
"""When on the first day somebody was asked who has not answered yet; before long the offer would have lapsed."""


# --- to the end; what happened in the past quarter


@follows(to_be_called)
def part_kept(story: Story) -> None:
    """The old part has not come back."""
    story.call_back(day=2)


@follows(part_kept)
def part_changed(story: Story) -> None:
    """A part is changed in warranty, comes back, and the lab agrees."""
    story.old_part_back(day=5, finding="confirmed")


@follows(part_kept)
def found_sound(story: Story) -> None:
    """The lab finds no fault in the part."""
    story.old_part_back(day=5, finding="no_fault")


@follows(part_kept)
def wrong_part(story: Story) -> None:
    """The lab finds another part than the one that was named."""
    story.old_part_back(day=5, finding="wrong_part")


@follows(part_kept)
def misused(story: Story) -> None:
    """The lab finds that the customer broke it."""
    story.old_part_back(day=5, finding="misuse")


@follows(part_kept)
def lab_waits(story: Story) -> None:
    """The old part is back; the lab has not looked at it."""
    story.old_part_back(day=5)


@follows(done)
def repaired(story: Story) -> None:
    """Repaired without a part."""
    story.call_back(day=2)


@follows(on_site)
def charged(story: Story) -> None:
    """Out of warranty, charged by the price list."""
    story.work(day=1, charge=CHARGE)
    story.finish(day=1)
    story.call_back(day=2)


def installed(story: Story) -> None:
    """A new device is installed."""
    _other_work(story, "installation")


def maintained(story: Story) -> None:
    """Cleaned and looked after."""
    _other_work(story, "maintenance")


def _other_work(story: Story, service_type: str) -> None:
    story.report(service_type)
    story.accept()
    for tell in (asked, at_outlet, engineer_asked, visit_tomorrow, arrived):
        tell(story)
    story.inspect(day=1, repair=False)
    story.work(day=1)
    story.finish(day=1)
    story.call_back(day=2)


@follows(done)
def moved(story: Story) -> None:
    """The customer was moved, and something useful was learnt on site."""
    story.inform(day=1)
    story.call_back(day=2, moved="thanks")


@follows(done)
def nothing_new(story: Story) -> None:
    """What was learnt on site was known already."""
    story.inform(day=1, accepted=False)
    story.call_back(day=2)


@follows(part_ordered)
def second_visit(story: Story) -> None:
    """The part was not on the van: ordered, delivered, and a second visit."""
    again, until = story.window(4, "10:00")
    story.finish(day=1, time="10:50", result="not_fixed", reason="part", next_at=until.isoformat())
    wanted = PartOrder.objects.filter(order__case_id=story.case_id).latest("pk")
    with story.at(2, "09:30"):
        ship_part_order(wanted.pk, from_place_id=story.cast.central.pk, actor=story.by(story.cast.store))
    owner = story.by(story.cast.post.owner)
    with story.at(3, "10:00"):
        receive_part_order(wanted.pk, actor=owner)
        set_appointment(story.case_id, starts_at=again, ends_at=until, agreed=True, actor=owner)
    story.set_out(day=4)
    story.arrive(day=4)
    story.inspect(day=4)
    story.change_part(day=4)
    story.work(day=4, part=True)
    story.finish(day=4)
    story.call_back(day=5)
    story.old_part_back(day=8, finding="confirmed")


@follows(in_recovery)
def dissatisfied(story: Story) -> None:
    """The customer was not content; it is made good, and he is asked again."""
    story.recover(day=2)
    story.call_back(day=3)


@follows(done)
def not_reached(story: Story) -> None:
    """Nobody answers, however often."""
    story.call_back(day=2, result="unreached", unreached=5)


@follows(on_site)
def with_gaps(story: Story) -> None:
    """The engineer left without tidying; his superior ends the visit with gaps."""
    with story.at(1, "11:30"):
        visit = Visit.objects.filter(case_id=story.case_id).latest("pk")
        finish_with_gaps(visit.pk, reason=WHY, actor=story.by(story.cast.superior))
    story.take_call()
    story.call_back(day=2)


@follows(visit_tomorrow)
def late(story: Story) -> None:
    """The engineer comes after the time that was promised."""
    story.set_out(day=1, leave="11:40")
    with story.at(1, "12:01"):  # the promise breaks, it is noticed, and a new time is promised
        while sweep():
            pass
    story.arrive(day=1, time="12:35")
    story.inspect(day=1, time="12:45")
    story.work(day=1, times=("13:00", "13:10", "13:20"))
    story.finish(day=1, time="13:22")
    story.call_back(day=2)


@follows(on_site)
def told_late(story: Story) -> None:
    """No signal for more than a day: the results come late."""
    story.work(day=1)
    with story.at(2, "14:10"):
        said = {"result": "fixed", "note": NOTE}
        story.phone([("outcome", "11:15", said), ("finish", "11:15", {})], day=1, sent="14:10")
    story.take_call()
    story.call_back(day=3)


@follows(opened)
def refused_first(story: Story) -> None:
    """The first outlet has no room; the rule asks the next, or the agent does."""
    story.ask_outlet(visit_day=1, time="09:33", other=True)
    with story.at(0, "09:38"):
        other = story.cast.other.owner
        refuse_offer(story.offer_to(other), reason="no_capacity", note=NOTE, actor=story.by(other))
    if not Pass.objects.filter(case_id=story.case_id, state=Pass.State.OFFERED).exists():
        asked(story)
    for tell in (at_outlet, engineer_asked, visit_tomorrow, arrived, on_site, done, repaired):
        tell(story)


@follows(opened)
def unanswered(story: Story) -> None:
    """The first outlet does not answer within its half hour; the rule asks the next, or the agent does."""
    story.ask_outlet(visit_day=1, time="09:33", other=True)
    story.wait(story.day + timedelta(hours=10, minutes=4))
    if not Pass.objects.filter(case_id=story.case_id, state=Pass.State.OFFERED).exists():
        story.ask_outlet(visit_day=1, time="10:06")
    story.outlet_accepts(time="10:12")
    story.send_engineer(time="10:15")
    story.engineer_accepts(time="10:21")
    for tell in (arrived, on_site, done, repaired):
        tell(story)


@follows(visit_tomorrow)
def moved_by_customer(story: Story) -> None:
    """The customer moves the appointment by his link."""
    starts_at, ends_at = story.window(2, "10:00")
    with story.at(0, "15:20"):
        move_appointment(story.case_id, starts_at=starts_at, ends_at=ends_at, actor=story.customer)
    story.set_out(day=2)
    story.arrive(day=2)
    story.inspect(day=2)
    story.work(day=2)
    story.finish(day=2)
    story.call_back(day=3)


@follows(arrived)
def no_fault(story: Story) -> None:
    """Nothing is wrong with the device."""
    story.inspect(day=1, repair=False)
    story.work(day=1)
    story.finish(day=1, result="no_fault")
    story.call_back(day=2)


@follows(arrived)
def copied_device(story: Story) -> None:
    """The device is no genuine product."""
    story.inspect(day=1, genuine="no")
    story.work(day=1)
    story.finish(day=1)
    story.call_back(day=2)


PLOTS = (
    Plot(part_changed, 22_000, 8),
    Plot(repaired, 19_000, 3),
    Plot(charged, 12_000, 3, warranty=False),
    Plot(installed, 13_000, 3, service_type="installation"),
    Plot(maintained, 8_000, 3, service_type="maintenance"),
    Plot(moved, 3_000, 3),
    Plot(nothing_new, 900, 3),
    Plot(second_visit, 1_200, 11, weak=True),
    Plot(dissatisfied, 2_500, 4, weak=True),
    Plot(not_reached, 2_500, 6, weak=True),
    Plot(with_gaps, 600, 3, weak=True),
    Plot(found_sound, 400, 8, weak=True),
    Plot(wrong_part, 250, 8, weak=True),
    Plot(misused, 400, 8),
    Plot(part_kept, 1_200, 3, weak=True),
    Plot(lab_waits, 900, 6),
    Plot(late, 900, 3, weak=True),
    Plot(told_late, 1_400, 4, weak=True),
    Plot(refused_first, 1_600, 3),
    Plot(unanswered, 900, 3),
    Plot(moved_by_customer, 1_600, 4),
    Plot(no_fault, 700, 3),
    Plot(copied_device, 400, 3),
)
"""What happened in the past quarter."""
