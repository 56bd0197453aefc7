"""Stories of the demo's service cases: each is lived once by the actions that people use, and then woven into many.

A story keeps to the working day, so that whole days may be added to it. Its words are markers which each copy replaces.
"""

import io
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.owning import take_case
from jieli.cases.actions.passing import withdraw_pass
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Case, Pass
from jieli.config.demo.field import PARTS, Post
from jieli.customers.models import Customer, Device
from jieli.dispatch.actions.answering import accept_offer, refuse_offer
from jieli.dispatch.actions.appointing import move_appointment, set_appointment
from jieli.dispatch.actions.offering import offer_to_engineer, offer_to_outlet
from jieli.events.actor import Actor, customer_actor
from jieli.events.models import Event
from jieli.events.reactions import handlers_of
from jieli.events.tasks import react
from jieli.intake.actions.reporting import Report, receive_report
from jieli.intake.rules.needs import NEEDS
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.parts.actions.ordering import receive_part_order, ship_part_order
from jieli.parts.actions.returning import receive_old_part, record_finding
from jieli.parts.models import PartOrder, Place, UsedPart
from jieli.people.models import Staff
from jieli.people.queries import actor_for
from jieli.quality.actions.calling import record_attempt, record_result, take_callback
from jieli.quality.actions.judging import confirm_delight
from jieli.quality.actions.recovering import record_recovery, spend
from jieli.quality.models import CallBack, Recovery
from jieli.quality.rules.answers import Answers
from jieli.visits.actions.finishing import finish_with_gaps
from jieli.visits.actions.informing import decide_information
from jieli.visits.actions.photos import keep_photo
from jieli.visits.actions.taking import take_bundle
from jieli.visits.models import Information, Visit
from jieli.visits.rules.entries import read_bundle

SUBJECT, DETAILS, GREETING, NEED, FAULT, DONE, THANKS, NOTE, WHY = (
    "⟦主题⟧", "⟦描述⟧", "⟦问候⟧", "⟦诉求⟧", "⟦现象⟧", "⟦处理⟧", "⟦评价⟧", "⟦备注⟧", "⟦原因⟧",
)  # fmt: skip
OLD_SERIAL, NEW_SERIAL = "OLD-SERIAL-0000", "NEW-SERIAL-0000"
MARKERS = (SUBJECT, DETAILS, GREETING, NEED, FAULT, DONE, THANKS, NOTE, WHY, OLD_SERIAL, NEW_SERIAL)
LINE = "washing_machine"
FAULT_CODE = "e31"
CHARGE = "repair_small"


@dataclass(slots=True)
class Cast:
    """Who plays in a story; copies are played by others."""

    post: Post
    other: Post
    central: Place
    agent: Staff
    superior: Staff
    store: Staff
    lab: Staff
    quality: Staff
    customer: Customer
    device: Device

    @property
    def engineer(self) -> Staff:
        """Return who goes."""
        return self.post.engineers[0]

    @property
    def van(self) -> Place:
        """Return his van."""
        return self.post.vans[0]


class Story:
    """One case on its way; each act happens at a day and a time of day, and what reacts to it follows at once."""

    def __init__(self, cast: Cast, day: datetime) -> None:
        self.cast = cast
        self.day = day
        self.case_id = 0
        self.order_id = 0
        self.part = PARTS[LINE][0][0]
        self._seen = 0
        self._actors: dict[int, Actor] = {}

    # --- time, people and reactions

    @contextmanager
    def at(self, day: int, time: str) -> Iterator[datetime]:
        """Hold the clock at a time of a day of the story, and let the reactions follow."""
        hour, minute = map(int, time.split(":"))
        with clock.frozen(self.day + timedelta(days=day, hours=hour, minutes=minute)):
            yield clock.now()
            self._react()

    def _react(self) -> None:
        while fresh := list(Event.objects.of_case(self.case_id).filter(sequence__gt=self._seen).order_by("sequence")):
            self._seen = fresh[-1].sequence
            for event in fresh:
                for name in handlers_of(event.type):
                    react(name, event.pk)

    def by(self, staff: Staff) -> Actor:
        """Return somebody as an actor."""
        if staff.pk not in self._actors:
            self._actors[staff.pk] = actor_for(staff)
        return self._actors[staff.pk]

    @property
    def customer(self) -> Actor:
        """Return the customer as an actor."""
        return customer_actor(self.cast.customer.pk, self.cast.customer.name)

    @property
    def case(self) -> Case:
        """Return the case as it is now."""
        return Case.objects.get(pk=self.case_id)

    @property
    def order(self) -> WorkOrder:
        """Return its work order as it is now."""
        return WorkOrder.objects.filter(case_id=self.case_id).latest("pk")

    def offer_to(self, staff: Staff) -> int:
        """Return the pass that waits for somebody's answer."""
        return Pass.objects.get(case_id=self.case_id, receiver=staff, state=Pass.State.OFFERED).pk

    # --- intake and dispatch

    def report(self, service_type: str = "repair", channel: str = "portal", day: int = 0) -> None:
        """The customer reports a need on the portal; an agent takes it and answers."""
        cast = self.cast
        with self.at(day, "09:12"):
            received = receive_report(
                Report(
                    need=next(need for need in NEEDS if need.code == service_type),
                    description=f"{SUBJECT}。{DETAILS}",
                    name=cast.customer.name,
                    phone=cast.customer.phone,
                    once=str(uuid.uuid4()),
                    serial=cast.device.serial,
                    product_line=LINE,
                    address=cast.customer.address,
                    latitude=cast.customer.latitude,
                    longitude=cast.customer.longitude,
                    channel=channel,
                    language="zh-hans",
                )
            )
            self.case_id = received.case.pk

    def accept(self, day: int = 0) -> None:
        """An agent takes it from the duty officer and answers."""
        with self.at(day, "09:20"):
            if self.case.owner_id != self.cast.agent.pk or self.case.is_on_duty:
                take_case(self.case_id, actor=self.by(self.cast.agent))
        with self.at(day, "09:26"):
            write_message(self.case_id, body=GREETING, visible=True, actor=self.by(self.cast.agent))

    def window(self, day: int, begin: str) -> tuple[datetime, datetime]:
        """Return a window of two hours."""
        hour, minute = map(int, begin.split(":"))
        starts_at = self.day + timedelta(days=day, hours=hour, minutes=minute)
        return starts_at, starts_at + timedelta(hours=2)

    def dispatch(self, *, visit_day: int, begin: str = "10:00", day: int = 0) -> None:
        """Offer it to the outlet for a window that the customer agreed to; the outlet accepts and sends its engineer."""
        starts_at, ends_at = self.window(visit_day, begin)
        with self.at(day, "09:41"):
            offer_to_outlet(
                self.case_id,
                outlet_id=self.cast.post.unit.pk,
                starts_at=starts_at,
                ends_at=ends_at,
                agreed=True,
                actor=self.by(self.cast.agent),
            )
        self.outlet_accepts(day=day)
        self.send_engineer(day=day)
        self.engineer_accepts(day=day)

    def outlet_accepts(self, *, day: int = 0, time: str = "09:53") -> None:
        """The manager of the outlet takes the order."""
        with self.at(day, time):
            accept_offer(self.offer_to(self.cast.post.owner), actor=self.by(self.cast.post.owner), agreed=True)

    def send_engineer(self, *, day: int = 0, time: str = "09:58") -> None:
        """The outlet offers it to its engineer."""
        with self.at(day, time):
            offer_to_engineer(self.case_id, engineer_id=self.cast.engineer.pk, actor=self.by(self.cast.post.owner))

    def engineer_accepts(self, *, day: int = 0, time: str = "10:04") -> None:
        """The engineer accepts on the phone."""
        with self.at(day, time):
            self.phone([("offer_accept", time, {})], day=day, sent=time)

    # --- the visit, as the phone sends it

    def phone(self, entries: Sequence[tuple[str, str, Mapping[str, Any]]], *, day: int, sent: str) -> None:
        """Send a bundle of entries: kind, time of day, data. Raises RuntimeError when one is not taken."""
        order = WorkOrder.objects.filter(case_id=self.case_id).order_by("pk").values_list("number", flat=True).last()
        made = [
            {
                "id": str(uuid.uuid4()),
                "order": order or self.case.number,
                "kind": kind,
                "at": (self.day + self._time(day, time)).isoformat(),
                "data": dict(data),
            }
            for kind, time, data in entries
        ]
        bundle = read_bundle({"device": "demo", "sent_at": clock.now().isoformat(), "entries": made})
        if isinstance(bundle, dict):
            raise RuntimeError(f"the phone sent what cannot be read: {bundle}")  # noqa: TRY004
        for one in take_bundle(bundle, actor=self.by(self.cast.engineer)):
            if one.state != "done":
                raise RuntimeError(f"{one.state}: {one.message} {dict(one.fields)}")

    @staticmethod
    def _time(day: int, time: str) -> timedelta:
        hour, minute = map(int, time.split(":"))
        return timedelta(days=day, hours=hour, minutes=minute)

    def photo(self, name: str) -> str:
        """Keep a photo as the phone does and return the phone's name of it."""
        data, digest = picture(name)
        made = uuid.uuid4()
        keep_photo(
            ContentFile(data, f"{name}.jpg"),
            client_id=made,
            order_number=self.order.number,
            sha256=digest,
            taken_at=clock.now(),
            actor=self.by(self.cast.engineer),
        )
        return str(made)

    def set_out(self, *, day: int, prepare: str = "09:05", leave: str = "09:30", contact: bool = True) -> None:
        """Call the customer, prepare and set out."""
        with self.at(day, leave):
            first = [("contact", prepare, {"text": NOTE})] if contact else []
            self.phone(
                [
                    *first,
                    ("step", prepare, {"code": "analyse", "records": {"likely_fault": NOTE, "part_needed": "on_van"}}),
                    ("step", prepare, {"code": "prepare", "records": {"tools": True, "parts": True, "papers": True}}),
                    ("set_out", leave, {}),
                ],
                day=day,
                sent=leave,
            )

    def arrive(self, *, day: int, time: str = "10:10") -> None:
        """Arrive, knock, enter."""
        with self.at(day, time):
            self.phone(
                [
                    ("arrive", time, {}),
                    ("step", time, {"code": "knock", "records": {"opened_by": "customer"}}),
                    ("step", time, {"code": "enter", "records": {"badge_shown": True}}),
                    ("step", time, {"code": "shoe_covers", "records": {"worn": True}}),
                    ("step", time, {"code": "toolbox", "records": {"mat": True}}),
                    ("step", time, {"code": "listen", "records": {"complaint": FAULT}}),
                ],
                day=day,
                sent=time,
            )

    def inspect(self, *, day: int, time: str = "10:20", genuine: str = "yes", repair: bool = True) -> None:
        """Scan the device and find the fault."""
        with self.at(day, time):
            scanned = {"serial": self.cast.device.serial, "genuine": genuine}
            entries: list[tuple[str, str, Mapping[str, Any]]] = [
                ("step", time, {"code": "genuine", "records": scanned, "evidence": [self.photo("serial")]})
            ]
            if repair:
                entries.append(("diagnosis", time, {"fault_code": FAULT_CODE, "note": FAULT}))
            self.phone(entries, day=day, sent=time)

    def change_part(self, *, day: int, time: str = "10:40") -> None:
        """Take a part from the van and put it in; the old one is owed."""
        with self.at(day, time):
            said = {"part": self.part, "old_serial": OLD_SERIAL, "new_serial": NEW_SERIAL}
            self.phone([("part_used", time, said)], day=day, sent=time)

    def work(
        self, *, day: int, times: Sequence[str] = ("10:55", "11:05", "11:12"), part: bool = False, charge: str = ""
    ) -> None:
        """Do the work, test, show, tidy, charge, sign and say goodbye."""
        done, tested, left = times
        with self.at(day, left):
            # A phone sends a photo when it is taken, before the entry that names it.
            photos = [self.photo("before"), self.photo("after")] if part else [self.photo("after")]
            worked: list[tuple[str, str, Mapping[str, Any]]] = [
                ("step", done, {"code": "repair", "records": {"done": DONE}, "evidence": photos}),
                ("safety", done, {"voltage": 226, "earth_ohm": 0.8, "socket_ok": True}),
            ]
            self.phone(worked, day=day, sent=left)
            entries: list[tuple[str, str, Mapping[str, Any]]] = [
                (
                    "step",
                    tested,
                    {"code": "test_run", "records": {"minutes": 12, "result": "ok"}, "evidence": [self.photo("test")]},
                ),
                ("step", tested, {"code": "instruct", "records": {"shown": True}}),
                ("step", tested, {"code": "tidy", "records": {"tools_counted": True}, "evidence": [self.photo("tidy")]}),
            ]
            self.phone(entries, day=day, sent=left)
            entries = []
            if charge:
                items = [{"code": charge, "quantity": 1}]
                entries.append(("charge", left, {"items": items, "paid_by": "wechat", "amount": 0, "list_shown": True}))
            signed = {"strokes": STROKES, "name": self.cast.customer.name, "comment": THANKS, "photo": self.photo("signature")}
            entries += [
                ("signature", left, signed),
                ("step", left, {"code": "goodbye", "records": {"card": True}}),
            ]
            self.phone(entries, day=day, sent=left)

    def finish(self, *, day: int, time: str = "11:15", sent: str = "", result: str = "fixed", **more: Any) -> None:
        """Say how it went and finish; `sent` is when the phone has signal again."""
        with self.at(day, sent or time):
            said = {"result": result, "note": NOTE, **more}
            self.phone([("outcome", time, said), ("finish", time, {})], day=day, sent=sent or time)
        if result != "not_fixed":
            self.take_call()

    # --- afterwards

    def take_call(self) -> None:
        """The steward accepts the call-back at once, long before the pass lapses; the customer is called the next day."""
        callback = CallBack.objects.filter(case_id=self.case_id, state=CallBack.State.OPEN).latest("pk")
        with clock.frozen(callback.made_at + timedelta(minutes=3)):
            take_callback(callback.pk, actor=self.by(self.cast.agent))
            self._react()

    def call_back(self, *, day: int, result: str = "satisfied", moved: str = "", unreached: int = 0) -> CallBack:
        """The steward calls: some attempts in vain, then the customer says how it was."""
        callback = CallBack.objects.filter(case_id=self.case_id).latest("pk")
        agent = self.by(self.cast.agent)
        for turn in range(unreached):
            with self.at(day + turn // 2, ("10:35", "15:20")[turn % 2]):
                record_attempt(callback.pk, outcome="no_answer", actor=agent)
        if result == "unreached":
            with self.at(day + unreached // 2 + 1, "10:00"):
                record_result(callback.pk, result="unreached", actor=agent)
            return callback
        with self.at(day + (unreached + 1) // 2, "10:40"):
            record_attempt(callback.pk, outcome="talked", actor=agent, note=NOTE)
            fine = result == "satisfied"
            said = Answers(
                solved=fine,
                on_time=True,
                charged_as_shown=True,
                manners=True,
                moved=moved,
                story=THANKS if moved else "",
                what="" if fine else WHY,
                how_bad=None if fine else 3,
                wish="" if fine else NEED,
            )
            record_result(callback.pk, result=result, answers=said, actor=agent)
            if moved:
                confirm_delight(callback.pk, moved=moved, story=THANKS, actor=self.by(self.cast.quality))
        return callback

    def recover(self, *, day: int) -> None:
        """Make good what went wrong, with something personal, and ask again."""
        agent = self.by(self.cast.agent)
        recovery = Recovery.objects.filter(callback__case_id=self.case_id).latest("pk")
        with self.at(day, "11:00"):
            spend(recovery.pk, amount=Decimal("60.00"), purpose=NEED, actor=agent)
        with self.at(day, "15:30"):
            record_recovery(recovery.pk, restored=DONE, personal=THANKS, answer=GREETING, actor=agent)
        self.take_call()

    def old_part_back(self, *, day: int, finding: str = "", lab_day: int | None = None) -> None:
        """The old part comes back by scan, and the lab looks at it."""
        used = UsedPart.objects.filter(order__case_id=self.case_id).latest("pk")
        with self.at(day, "14:05"):
            receive_old_part(used.old_serial, actor=self.by(self.cast.store))
        if finding:
            with self.at(lab_day if lab_day is not None else day + 2, "15:10"):
                record_finding(used.pk, finding, actor=self.by(self.cast.lab), note=NOTE)

    def inform(self, *, day: int, time: str = "11:20", accepted: bool = True) -> None:
        """Return something learnt on site; it is accepted or refused by whom it concerns."""
        with self.at(day, time):
            self.phone([("information", time, {"kind": "product_fault", "text": NOTE})], day=day, sent=time)
        found = Information.objects.filter(case_id=self.case_id).latest("pk")
        with self.at(day + 1, "09:50"):
            decide_information(found.pk, accepted=accepted, reason=WHY, actor=self.by(self.cast.quality))


STROKES = [[[12, 40], [30, 22], [48, 44], [70, 18]], [[80, 20], [96, 46], [120, 24]]]


@cache
def picture(name: str) -> tuple[bytes, str]:
    """Return a small JPEG of its own and its SHA-256."""
    random = Random(name)  # noqa: S311
    image = Image.new("RGB", (320, 240), tuple(random.randint(60, 200) for _ in range(3)))
    into = io.BytesIO()
    image.save(into, "JPEG", quality=70)
    return into.getvalue(), sha256(into.getvalue()).hexdigest()


@dataclass(frozen=True, slots=True)
class Plot:
    """How a story goes: of a hundred thousand how many go so, for how many days it lasts, and what its device is like.

    `weak` ones are those which good outlets seldom have.
    """

    tell: Callable[[Story], None]
    share: int
    days: int
    warranty: bool = True
    service_type: str = "repair"
    weak: bool = False

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.tell.__name__


def _until_inspected(story: Story, **inspect: Any) -> None:
    story.report()
    story.accept()
    story.dispatch(visit_day=1)
    story.set_out(day=1)
    story.arrive(day=1)
    story.inspect(day=1, **inspect)


def _repaired(story: Story, *, part: bool = False, charge: str = "", sent: str = "") -> None:
    _until_inspected(story)
    if part:
        story.change_part(day=1)
    story.work(day=1, part=part, charge=charge)
    story.finish(day=1, sent=sent)


def part_changed(story: Story) -> None:
    """A part is changed in warranty, comes back, and the lab agrees."""
    _repaired(story, part=True)
    story.call_back(day=2)
    story.old_part_back(day=5, finding="confirmed")


def repaired(story: Story) -> None:
    """Repaired without a part."""
    _repaired(story)
    story.call_back(day=2)


def charged(story: Story) -> None:
    """Out of warranty, charged by the price list."""
    _repaired(story, charge=CHARGE)
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
    story.dispatch(visit_day=1)
    story.set_out(day=1)
    story.arrive(day=1)
    story.inspect(day=1, repair=False)
    story.work(day=1)
    story.finish(day=1)
    story.call_back(day=2)


def moved(story: Story) -> None:
    """The customer was moved, and something useful was learnt on site."""
    _repaired(story)
    story.inform(day=1)
    story.call_back(day=2, moved="thanks")


def nothing_new(story: Story) -> None:
    """What was learnt on site was known already."""
    _repaired(story)
    story.inform(day=1, accepted=False)
    story.call_back(day=2)


def second_visit(story: Story) -> None:
    """The part was not on the van: ordered, delivered, and a second visit."""
    _until_inspected(story)
    again, until = story.window(4, "10:00")
    with story.at(1, "10:40"):
        story.phone([("part_missing", "10:40", {"part": story.part, "quantity": 1, "consent": True})], day=1, sent="10:40")
    story.finish(day=1, time="10:50", result="not_fixed", reason="part", next_at=until.isoformat())
    wanted = PartOrder.objects.filter(order__case_id=story.case_id).latest("pk")
    with story.at(2, "09:30"):
        ship_part_order(wanted.pk, from_place_id=story.cast.central.pk, actor=story.by(story.cast.store))
    with story.at(3, "10:00"):
        receive_part_order(wanted.pk, actor=story.by(story.cast.post.owner))
        send_again(story, again, until)
    story.set_out(day=4)
    story.arrive(day=4)
    story.inspect(day=4)
    story.change_part(day=4)
    story.work(day=4, part=True)
    story.finish(day=4)
    story.call_back(day=5)
    story.old_part_back(day=8, finding="confirmed")


def send_again(story: Story, starts_at: datetime, ends_at: datetime) -> None:
    """Agree on the second visit."""
    set_appointment(story.case_id, starts_at=starts_at, ends_at=ends_at, agreed=True, actor=story.by(story.cast.post.owner))


def dissatisfied(story: Story) -> None:
    """The customer is not content; it is made good, and he is asked again."""
    _repaired(story)
    story.call_back(day=2, result="dissatisfied")
    story.recover(day=2)
    story.call_back(day=3)


def not_reached(story: Story) -> None:
    """Nobody answers, however often."""
    _repaired(story)
    story.call_back(day=2, result="unreached", unreached=5)


def with_gaps(story: Story) -> None:
    """The engineer left without tidying; his superior ends the visit with gaps."""
    _until_inspected(story)
    with story.at(1, "11:30"):
        visit = Visit.objects.filter(case_id=story.case_id).latest("pk")
        finish_with_gaps(visit.pk, reason=WHY, actor=story.by(story.cast.superior))
    story.take_call()
    story.call_back(day=2)


def found_sound(story: Story) -> None:
    """The lab finds no fault in the part."""
    _lab(story, "no_fault")


def wrong_part(story: Story) -> None:
    """The lab finds another part than the one that was named."""
    _lab(story, "wrong_part")


def misused(story: Story) -> None:
    """The lab finds that the customer broke it."""
    _lab(story, "misuse")


def _lab(story: Story, finding: str) -> None:
    _repaired(story, part=True)
    story.call_back(day=2)
    story.old_part_back(day=5, finding=finding)


def part_kept(story: Story) -> None:
    """The old part has not come back."""
    _repaired(story, part=True)
    story.call_back(day=2)


def lab_waits(story: Story) -> None:
    """The old part is back; the lab has not looked at it."""
    _repaired(story, part=True)
    story.call_back(day=2)
    story.old_part_back(day=5)


def late(story: Story) -> None:
    """The engineer comes after the time that was promised."""
    story.report()
    story.accept()
    story.dispatch(visit_day=1)
    story.set_out(day=1, leave="11:40")
    with story.at(1, "12:01"):  # the promise breaks, it is noticed, and a new time is promised
        while sweep():
            pass
    story.arrive(day=1, time="12:35")
    story.inspect(day=1, time="12:45")
    story.work(day=1, times=("13:00", "13:10", "13:20"))
    story.finish(day=1, time="13:22")
    story.call_back(day=2)


def told_late(story: Story) -> None:
    """No signal for more than a day: the results come late."""
    _until_inspected(story)
    story.work(day=1)
    with story.at(2, "14:10"):
        said = {"result": "fixed", "note": NOTE}
        story.phone([("outcome", "11:15", said), ("finish", "11:15", {})], day=1, sent="14:10")
    story.take_call()
    story.call_back(day=3)


def refused_first(story: Story) -> None:
    """The first outlet has no room; another one takes it."""
    story.report()
    story.accept()
    starts_at, ends_at = story.window(1, "10:00")
    with story.at(0, "09:33"):
        offer_to_outlet(
            story.case_id,
            outlet_id=story.cast.other.unit.pk,
            starts_at=starts_at,
            ends_at=ends_at,
            agreed=True,
            actor=story.by(story.cast.agent),
        )
    with story.at(0, "09:38"):
        other = story.cast.other.owner
        refuse_offer(story.offer_to(other), reason="no_capacity", note=NOTE, actor=story.by(other))
        withdraw_others(story)
    story.dispatch(visit_day=1)
    story.set_out(day=1)
    story.arrive(day=1)
    story.inspect(day=1)
    story.work(day=1)
    story.finish(day=1)
    story.call_back(day=2)


def withdraw_others(story: Story) -> None:
    """Take back whom the rule asked by itself: the agent knows whom to ask."""
    for offer in Pass.objects.filter(case_id=story.case_id, state=Pass.State.OFFERED):
        withdraw_pass(offer.pk, actor=story.by(story.cast.agent))


def moved_by_customer(story: Story) -> None:
    """The customer moves the appointment by his link."""
    story.report()
    story.accept()
    story.dispatch(visit_day=1)
    starts_at, ends_at = story.window(2, "10:00")
    with story.at(0, "15:20"):
        move_appointment(story.case_id, starts_at=starts_at, ends_at=ends_at, actor=story.customer)
    story.set_out(day=2)
    story.arrive(day=2)
    story.inspect(day=2)
    story.work(day=2)
    story.finish(day=2)
    story.call_back(day=3)


def no_fault(story: Story) -> None:
    """Nothing is wrong with the device."""
    _until_inspected(story, repair=False)
    story.work(day=1)
    story.finish(day=1, result="no_fault")
    story.call_back(day=2)


def copied_device(story: Story) -> None:
    """The device is no genuine product."""
    _until_inspected(story, genuine="no")
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
    Plot(second_visit, 2_500, 11, weak=True),
    Plot(dissatisfied, 2_500, 4, weak=True),
    Plot(not_reached, 2_500, 6, weak=True),
    Plot(with_gaps, 1_500, 3, weak=True),
    Plot(found_sound, 900, 8, weak=True),
    Plot(wrong_part, 500, 8, weak=True),
    Plot(misused, 400, 8),
    Plot(part_kept, 1_200, 3, weak=True),
    Plot(lab_waits, 900, 6),
    Plot(late, 3_500, 3, weak=True),
    Plot(told_late, 1_400, 4, weak=True),
    Plot(refused_first, 1_600, 3),
    Plot(moved_by_customer, 1_600, 4),
    Plot(no_fault, 700, 3),
    Plot(copied_device, 400, 3),
)
"""What happened in the past quarter."""


# --- what goes on today


def asked(story: Story) -> None:
    """Reported; the outlet has been asked."""
    story.report()
    story.accept()
    starts_at, ends_at = story.window(1, "10:00")
    with story.at(0, "09:41"):
        offer_to_outlet(
            story.case_id,
            outlet_id=story.cast.post.unit.pk,
            starts_at=starts_at,
            ends_at=ends_at,
            agreed=True,
            actor=story.by(story.cast.agent),
        )


def at_outlet(story: Story) -> None:
    """The outlet has it and sends nobody yet."""
    asked(story)
    story.outlet_accepts()


def engineer_asked(story: Story) -> None:
    """The engineer has been asked."""
    at_outlet(story)
    story.send_engineer()


def visit_tomorrow(story: Story) -> None:
    """The engineer comes tomorrow."""
    engineer_asked(story)
    story.engineer_accepts()


def on_site(story: Story) -> None:
    """The engineer is at the customer's."""
    _until_inspected(story)


def to_be_called(story: Story) -> None:
    """Done; the customer has not been called yet."""
    _repaired(story, part=True)


def called_in_vain(story: Story) -> None:
    """Done; nobody answered the first call."""
    _repaired(story)
    callback = CallBack.objects.filter(case_id=story.case_id).latest("pk")
    with story.at(2, "10:30"):
        record_attempt(callback.pk, outcome="no_answer", actor=story.by(story.cast.agent))


def in_recovery(story: Story) -> None:
    """The customer is not content; it is being made good."""
    _repaired(story)
    story.call_back(day=2, result="dissatisfied")


def part_ordered(story: Story) -> None:
    """A part is on order; the customer agreed to wait."""
    _until_inspected(story)
    with story.at(1, "10:40"):
        story.phone([("part_missing", "10:40", {"part": story.part, "quantity": 1, "consent": True})], day=1, sent="10:40")


TODAY: Mapping[Callable[[Story], None], tuple[int, int]] = {
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
