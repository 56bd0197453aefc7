"""What people do in the stories of the demo's service cases: each act is one of the actions that people use.

A story keeps to the working day, so that whole days may be added to it. Its words are markers which each copy replaces.
"""

import io
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any, Self

from django.core.files.base import ContentFile
from PIL import Image

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.owning import take_case
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Case, Pass, Promise
from jieli.config.demo.field import PARTS, Post
from jieli.customers.models import Customer, Device
from jieli.dispatch.actions.answering import accept_offer
from jieli.dispatch.actions.offering import offer_to_engineer, offer_to_outlet
from jieli.events.actor import Actor, customer_actor
from jieli.events.models import Event
from jieli.events.reactions import handlers_of
from jieli.events.tasks import react
from jieli.intake.actions.reporting import Report, receive_report
from jieli.intake.rules.needs import NEEDS
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.parts.actions.returning import receive_old_part, record_finding
from jieli.parts.models import Place, UsedPart
from jieli.people.models import Staff
from jieli.people.queries import actor_for, local_date, local_midnight
from jieli.quality.actions.calling import record_attempt, record_result, take_callback
from jieli.quality.actions.judging import confirm_delight
from jieli.quality.actions.recovering import record_recovery, spend
from jieli.quality.models import CallBack, Recovery
from jieli.quality.rules.answers import Answers
from jieli.visits.actions.informing import decide_information
from jieli.visits.actions.photos import keep_photo
from jieli.visits.actions.taking import take_bundle
from jieli.visits.models import Information
from jieli.visits.rules.entries import read_bundle

SUBJECT, DETAILS, GREETING, NEED, FAULT, DONE, THANKS, NOTE, WHY = (
    "⟦主题⟧", "⟦描述⟧", "⟦问候⟧", "⟦诉求⟧", "⟦现象⟧", "⟦处理⟧", "⟦评价⟧", "⟦备注⟧", "⟦原因⟧",
)  # fmt: skip
OLD_SERIAL, NEW_SERIAL = "OLD-SERIAL-0000", "NEW-SERIAL-0000"
MARKERS = (SUBJECT, DETAILS, GREETING, NEED, FAULT, DONE, THANKS, NOTE, WHY, OLD_SERIAL, NEW_SERIAL)
LINE = "washing_machine"
FAULT_CODE = "e31"
CHARGE = "repair_small"
HALF_HOUR = timedelta(minutes=30)


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


class Tale:
    """One case on its way; each act happens at a day and a time of day, and what reacts to it follows at once."""

    def __init__(self, customer: Customer, day: datetime) -> None:
        self.of = customer
        self.day = day
        self.case_id = 0
        self._seen = 0
        self._actors: dict[int, Actor] = {}

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
        return customer_actor(self.of.pk, self.of.name)

    @property
    def case(self) -> Case:
        """Return the case as it is now."""
        return Case.objects.get(pk=self.case_id)

    def wait(self, until: datetime) -> None:
        """Nobody does anything: promises break, offers lapse, and what reacts to it follows."""
        pass_until(until, self._react)

    def branch(self) -> Self:
        """Return the story as it is now, to be told on in another way."""
        other = copy(self)
        other._actors = dict(self._actors)
        return other


class Story(Tale):
    """A case with a visit."""

    def __init__(self, cast: Cast, day: datetime) -> None:
        super().__init__(cast.customer, day)
        self.cast = cast
        self.part = PARTS[LINE][0][0]

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
        """Return a window of two hours in a working day, from a full or half hour on."""
        hour, minute = map(int, begin.split(":"))
        at = self.day + timedelta(days=day, hours=hour, minutes=minute)
        midnight = local_midnight(local_date(at))
        since = min(max(at - midnight, timedelta(hours=8)), timedelta(hours=18)) // HALF_HOUR * HALF_HOUR
        return midnight + since, midnight + since + timedelta(hours=2)

    def ask_outlet(self, *, visit_day: int, begin: str = "10:00", time: str = "09:41", other: bool = False) -> None:
        """Offer it to the outlet, or to the other one, for a window that the customer agreed to."""
        starts_at, ends_at = self.window(visit_day, begin)
        with self.at(0, time):
            offer_to_outlet(
                self.case_id,
                outlet_id=(self.cast.other if other else self.cast.post).unit.pk,
                starts_at=starts_at,
                ends_at=ends_at,
                agreed=True,
                actor=self.by(self.cast.agent),
            )

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
            ContentFile(data, f"{made}.jpg"),
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


NOTICED = timedelta(seconds=1)
"""How long after its time an offer is found unanswered: at the very instant an answer would still have been in time."""


def pass_until(until: datetime, then: Callable[[], None] = lambda: None) -> None:
    """Let time pass: each promise is noticed at its own, as the sweep of a running worker does, and `then` follows."""
    while promise := Promise.objects.alarming(until).first():
        assert promise.next_alarm_at is not None
        with clock.frozen(promise.next_alarm_at + (NOTICED if promise.kind == Promise.Kind.PASS_ANSWER else timedelta(0))):
            if not sweep():
                return
            then()


STROKES = [[[12, 40], [30, 22], [48, 44], [70, 18]], [[80, 20], [96, 46], [120, 24]]]


@cache
def picture(name: str) -> tuple[bytes, str]:
    """Return a small JPEG of its own and its SHA-256."""
    random = Random(name)  # noqa: S311
    image = Image.new("RGB", (320, 240), tuple(random.randint(60, 200) for _ in range(3)))
    into = io.BytesIO()
    image.save(into, "JPEG", quality=70)
    return into.getvalue(), sha256(into.getvalue()).hexdigest()
