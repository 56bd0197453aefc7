"""A month of work at the demo company, step by step in the order of time; the sweep runs between the steps as it would have."""

import heapq
from collections.abc import Callable, Generator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from random import Random

import structlog
from django.db.models import F

from jieli.cases.actions.assigning import assign_by_rule
from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.opening import NewCase, open_case
from jieli.cases.actions.owning import take_case
from jieli.cases.actions.passing import accept_pass, decline_pass, offer_pass
from jieli.cases.actions.progressing import change_case, close_case, move_to_stage, reopen_case, resolve_case
from jieli.cases.actions.promises import pause_case
from jieli.cases.actions.relating import relate_cases
from jieli.cases.events import PassDeclined
from jieli.cases.models import Case, Pass
from jieli.cases.refusals import PassSettled
from jieli.config.demo import words
from jieli.config.demo.acts import pass_until
from jieli.config.demo.company import Company, desk_of
from jieli.customers.actions import find_or_make_customer, make_device
from jieli.customers.models import Customer, Device
from jieli.events.actor import SYSTEM, Actor, customer_actor, rule_actor
from jieli.events.models import Event
from jieli.events.refusals import Refused
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.queries import actor_for

Life = Generator[timedelta, None, None]
OPEN_FROM, OPEN_UNTIL = 8, 20

log = structlog.get_logger(__name__)


class Demo:
    """The running company: whose turn it is, and what the clock says."""

    def __init__(self, company: Company, random: Random) -> None:
        self.company = company
        self.random = random
        self.actors: dict[str, Actor] = {code: actor_for(person) for code, person in company.staff.items()}
        self.customers: list[tuple[Customer, Device]] = []
        self.closed: dict[str, list[int]] = {}

    def make_customers(self, number: int) -> None:
        """Make customers with one device each."""
        for place in range(number):
            line = self.random.choice(list(words.LINES))
            customer = find_or_make_customer(
                name=words.a_name(self.random), phone=f"138{self.random.randint(0, 9999):04d}{place:04d}", actor=SYSTEM
            )
            tier = self.random.choices(["standard", "silver", "gold", "vip"], [70, 15, 10, 5])[0]
            Customer.objects.filter(pk=customer.pk).update(address=words.an_address(self.random), tier=tier)
            customer.refresh_from_db()
            values = {
                "serial": f"{line[:2].upper()}{self.random.randint(10**7, 10**8 - 1)}{place:03d}",
                "product_line": line,
                "model": self.random.choice(words.LINES[line][1]),
            }
            self.customers.append((customer, make_device(values=values, customer_id=customer.pk, actor=SYSTEM)))

    def live(self, cases: int, *, from_at: datetime, until: datetime, progress: Callable[[int, int, str], object]) -> None:
        """Open `cases` cases between two instants and carry each on until the end of the time."""
        turns = count()
        agenda: list[tuple[datetime, int, Life]] = []
        for place in range(cases):
            share = ((place + self.random.random()) / cases) ** 0.6  # the last days are the fullest
            at = self._at_work(from_at + (until - from_at) * share)
            heapq.heappush(agenda, (at, next(turns), self._case()))
        for _fresh in range(8):  # what came in just now waits in the queues
            at = until - self._minutes(1, 25)
            heapq.heappush(agenda, (at, next(turns), self._case(is_taken=False)))
        for _left in range(3):  # and what nobody took yesterday, so that its promises are broken
            at = self._at_work(until - timedelta(hours=self.random.uniform(22, 26)))
            heapq.heappush(agenda, (at, next(turns), self._case(is_taken=False)))
        done = 0
        while agenda:
            at, _turn, life = heapq.heappop(agenda)
            if at > until:
                continue
            pass_until(at)
            with clock.frozen(at):
                pause = self._step(life)
            if pause is not None:
                heapq.heappush(agenda, (self._at_work(at + pause), next(turns), life))
            else:
                done += 1
                progress(done, cases, "cases")
        pass_until(until)
        # What was told more than a day ago has been read.
        Notice.objects.filter(created_at__lt=until - timedelta(days=1)).update(read_at=F("created_at"))

    def _step(self, life: Life) -> timedelta | None:
        try:
            return next(life)
        except StopIteration:
            return None
        except Refused as refusal:  # somebody else was quicker, as happens in life: this story ends here
            log.info("demo.story_ends", code=refusal.code, at=clock.now().isoformat())
            return None

    def _at_work(self, at: datetime) -> datetime:
        """Move an instant into the hours in which the desks work."""
        hour = (at + timedelta(hours=8)).hour
        if hour < OPEN_FROM:
            at += timedelta(hours=OPEN_FROM - hour)
        elif hour >= OPEN_UNTIL:
            at += timedelta(hours=24 + OPEN_FROM - hour)
        return at

    def _minutes(self, low: float, high: float) -> timedelta:
        return timedelta(minutes=self.random.uniform(low, high))

    def _until_closed(self) -> timedelta:
        """Return how long an answered case rests at the desk: mostly less than the day in which the customer is to be asked."""
        return self._minutes(60, 60 * 12) if self.random.random() < 0.85 else self._minutes(60 * 20, 60 * 40)

    def _write(self, case_id: int, owner: str, says: dict[str, str], *, pause: timedelta) -> None:
        """Write to the customer, and promise to be back some time after what comes next, as a good agent does."""
        write_message(
            case_id,
            body=self.random.choice(words.ANSWERS).format(agent=self.company.staff[owner].name, **says),
            visible=True,
            next_reply_at=self._at_work(clock.now() + pause) + self._minutes(30, 180),
            actor=self.actors[owner],
        )

    def _first_owner(self, case_id: int, agents: list[str], says: dict[str, str]) -> Generator[timedelta, None, str]:
        """Let whom a rule asks accept, at times after somebody declined, else let somebody take it; return who has it then."""
        random, by_rule = self.random, rule_actor("assignment")
        offer = assign_by_rule(case_id, after=1, actor=by_rule)
        yield self._minutes(1, 8) if random.random() < 0.8 else self._minutes(8, 22 if offer is None else 12)
        if offer is not None and random.random() < 0.2:
            decline_pass(offer.pk, reason="正在陪客户处理另一张服务单，半小时内走不开", actor=self._actor_of(offer))
            declined = Event.objects.of_case(case_id).get(type=PassDeclined.type)
            offer = assign_by_rule(case_id, after=declined.sequence, actor=by_rule)
            yield self._minutes(2, 10)
        if offer is None:
            taker = random.choice(agents)
            take_case(case_id, actor=self.actors[taker])
            return taker
        restated = random.choice(words.RESTATED).format(next=random.choice(words.NEXT), **says)
        accept_pass(offer.pk, restatement=restated, actor=self._actor_of(offer))
        return offer.receiver.code

    def _actor_of(self, offer: Pass) -> Actor:
        return self.actors[offer.receiver.code]

    def _case(self, *, is_taken: bool = True) -> Life:  # noqa: PLR0912, PLR0915
        """Tell the life of one case; each step returns how long it takes until the next."""
        random = self.random
        trouble = random.choices(words.TROUBLES, [1 if one.kind == "service" else 2 for one in words.TROUBLES])[0]
        customer, device = random.choice([pair for pair in self.customers if pair[1].product_line == trouble.line])
        desk = desk_of(trouble.kind)
        agents = self.company.desks[desk]
        opened = open_case(
            NewCase(
                kind=trouble.kind,
                service_type=trouble.service_type,
                subject=trouble.subject,
                description=words.a_description(trouble, device.model, random),
                customer=customer,
                device=device,
                channel=random.choice(["portal", "portal", "phone", "wechat", "email", "qr"]),
                severity=trouble.severity if random.random() < 0.8 else None,
                language="zh-hans",
            ),
            actor=SYSTEM,
        )
        case_id = opened.case_id
        if not is_taken:
            return
        says = {
            "name": customer.name,
            "line": words.LINES[trouble.line][0],
            "subject": trouble.subject,
            "part": random.choice(words.PARTS),
        }
        owner = yield from self._first_owner(case_id, agents, says)
        yield self._minutes(1, 14)
        if trouble.severity is not None and random.random() < 0.3:
            change_case(case_id, values={"severity": trouble.severity}, revision=None, actor=self.actors[owner])
        pause = self._minutes(20, 200)
        self._write(case_id, owner, says, pause=pause)
        if random.random() < 0.35:
            write_message(case_id, body=random.choice(words.NOTES), visible=False, actor=self.actors[owner])
        yield pause
        if random.random() < 0.45:
            write_message(
                case_id, body=random.choice(words.MORE), visible=True, actor=customer_actor(customer.pk, customer.name)
            )
            yield self._minutes(5, 90)
            pause = self._minutes(30, 200)
            self._write(case_id, owner, says, pause=pause)
            yield pause
        for _hand in range(random.choices([0, 1, 2], [55, 35, 10])[0]):
            receiver = random.choice([code for code in agents if code != owner])
            next_step = random.choice(words.NEXT)
            offer = offer_pass(
                case_id,
                to=self.company.staff[receiver],
                done=random.choice(words.DONE),
                next=next_step,
                actor=self.actors[owner],
            )
            fate = random.random()
            yield self._minutes(3, 40) if fate < 0.8 else self._minutes(100, 200)
            with suppress(PassSettled):  # too late: it lapsed, and the giver still has it
                if fate < 0.7:
                    accept_pass(
                        offer.pk,
                        restatement=random.choice(words.RESTATED).format(next=next_step, **says),
                        actor=self.actors[receiver],
                    )
                    owner = receiver
                elif fate < 0.8:
                    decline_pass(offer.pk, reason="手上的单子已满，今天来不及回客户", actor=self.actors[receiver])
            yield self._minutes(20, 240)
        if random.random() < 0.12:
            pause_case(
                case_id,
                reason="customer",
                until=clock.now() + timedelta(days=random.randint(2, 6)),
                consent=True,
                actor=self.actors[owner],
            )
            yield timedelta(days=random.uniform(1, 5))
        pause = self._minutes(60, 60 * random.choice([4, 12, 30, 60]))
        if random.random() < 0.8:  # the others forget to say that it takes longer
            self._write(case_id, owner, says, pause=pause)
        yield pause
        case = Case.objects.get(pk=case_id)
        if case.owner_id != self.company.staff[owner].pk:
            return
        if trouble.kind != "service":  # what needs nobody to go is answered in a stage of its own
            if case.severity is None and trouble.severity is not None:  # without it a complaint does not move on
                change_case(case_id, values={"severity": trouble.severity}, revision=None, actor=self.actors[owner])
            move_to_stage(case_id, stage=Case.Stage.REPLY, actor=self.actors[owner])
            yield self._minutes(10, 60)
        resolve_case(case_id, answer=random.choice(words.RESULTS).format(**says), actor=self.actors[owner])
        yield self._until_closed()
        if random.random() < 0.08:
            reopen_case(case_id, reason="还是一样的问题", actor=customer_actor(customer.pk, customer.name))
            yield self._minutes(60, 400)
            resolve_case(case_id, answer=random.choice(words.RESULTS).format(**says), actor=self.actors[owner])
            yield self._until_closed()
        close_case(case_id, actor=self.actors[owner])
        closed_here = self.closed.setdefault(desk, [])
        if closed_here and random.random() < 0.05:
            relate_cases(case_id, other_id=random.choice(closed_here), kind="follow_up_of", actor=self.actors[owner])
        closed_here.append(case_id)
