"""The backlog of dispatch, offers that wait, and the days of outlets, as lists read page by page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from jieli.cases.models import Case, Pass
from jieli.cases.models.case import CaseQuerySet
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries.candidates import outlets_for, refusal_words
from jieli.dispatch.queries.reading import current_appointment
from jieli.dispatch.queries.slots import Slot, free_slots
from jieli.events.actor import Actor
from jieli.lib import clock
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.network.models import Engineer, Outlet
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit
from jieli.people.queries import local_midnight

PAGE = 50
MOST_PROPOSED = 30
STATES = ("unplanned", "lapsed", "asked", "outlet", "again", "out")
_SCOPE = "dispatch.backlog"


@dataclass(frozen=True, slots=True)
class BacklogQuery:
    """What the backlog shows. `state` is one of STATES, or empty: what nobody has and nobody is asked for."""

    state: str = ""
    product_line: str = ""
    unit: str = ""
    before: datetime | None = None
    cursor: str = ""


@dataclass(slots=True)
class BacklogRow:
    """A case of the backlog with its last offer and its appointment; `words` say where it stands."""

    case: Case
    offer: Offer | None = None
    appointment: Appointment | None = None
    order: WorkOrder | None = None

    @property
    def state(self) -> str:
        """Return where it stands: one of STATES."""
        if self.order is not None:
            return "outlet"
        if self.offer is None:
            return "unplanned"
        return "asked" if self.offer.baton.state == Pass.State.OFFERED else "lapsed"

    @property
    def refusal(self) -> str:
        """Return why the last one refused, empty when nobody did."""
        return refusal_words(self.offer) if self.offer is not None and self.offer.baton.state == "declined" else ""


@dataclass(slots=True)
class BacklogPage:
    """One page; `next` is the cursor of the page after it."""

    rows: list[BacklogRow] = field(default_factory=list)
    next: str = ""


def waiting_cases(actor: Actor, state: str = "") -> CaseQuerySet:
    """Return the cases of the backlog which an actor may see, in one of the STATES; empty: nobody has or is asked for them."""
    found = Case.objects.visible_to(actor).filter(kind=Case.Kind.SERVICE, status__in=["open", "waiting"])
    orders = WorkOrder.objects.filter(case=OuterRef("pk"), finished_at__isnull=True, cancelled_at__isnull=True)
    asked = Pass.objects.filter(case=OuterRef("pk"), state=Pass.State.OFFERED, way=Pass.Way.DISPATCH)
    offers = Offer.objects.filter(case=OuterRef("pk"))
    if state == "asked":
        return found.filter(Exists(asked))
    if state == "outlet":
        return found.filter(Exists(orders.filter(engineer__isnull=True)), ~Exists(asked))
    if state == "again":
        appointed = Appointment.objects.current().filter(case=OuterRef("pk"))
        return found.filter(Exists(orders.filter(arrived_at__isnull=False)), ~Exists(appointed), ~Exists(asked))
    if state == "out":
        gone = Outlet.objects.exclude(status=Outlet.Status.ACTIVE).values("pk")
        return found.filter(Exists(orders.filter(outlet_id__in=gone, arrived_at__isnull=True)), ~Exists(asked))
    found = found.filter(stage__in=["intake", "dispatch"]).filter(~Exists(orders), ~Exists(asked))
    if state == "unplanned":
        return found.filter(~Exists(offers))
    return found.filter(Exists(offers)) if state == "lapsed" else found


def backlog(actor: Actor, query: BacklogQuery) -> BacklogPage:
    """Return a page of the backlog, the next promised time first. Five queries; raises ValueError for a bad cursor."""
    found = waiting_cases(actor, query.state if query.state in STATES else "")
    if query.product_line:
        found = found.filter(product_line=query.product_line)
    if query.unit:
        found = found.filter(unit__in=Unit.objects.filter(code=query.unit).values("pk"))
    if query.before is not None:
        found = found.filter(next_due_at__lt=query.before)
    found = found.select_related("customer", "owner", "unit").order_by("next_due_at", "id")
    if query.cursor:
        due, last_id = decode_cursor(query.cursor, scope=_SCOPE)
        at = datetime.fromisoformat(str(due))
        found = found.filter(Q(next_due_at__gt=at) | Q(next_due_at=at, id__gt=int(str(last_id))))
    cases = list(found[: PAGE + 1])
    following = ""
    if len(cases) > PAGE:
        cases = cases[:PAGE]
        last = cases[-1]
        following = encode_cursor([(last.next_due_at or last.opened_at).isoformat(), last.pk], scope=_SCOPE)
    return BacklogPage(_rows(cases), following)


def _rows(cases: Sequence[Case]) -> list[BacklogRow]:
    ids = [case.pk for case in cases]
    offers: dict[int, Offer] = {}
    for offer in Offer.objects.filter(case_id__in=ids).select_related("baton__receiver", "outlet", "engineer").order_by("pk"):
        offers[offer.case_id] = offer
    appointments = {one.case_id: one for one in Appointment.objects.current().filter(case_id__in=ids).select_related("outlet")}
    open_orders = WorkOrder.objects.filter(case_id__in=ids, finished_at__isnull=True, cancelled_at__isnull=True)
    orders = {order.case_id: order for order in open_orders.select_related("outlet", "engineer")}
    return [BacklogRow(case, offers.get(case.pk), appointments.get(case.pk), orders.get(case.pk)) for case in cases]


def backlog_count(actor: Actor) -> int:
    """Return how many cases nobody has and nobody is asked for, at most 200. One query."""
    return waiting_cases(actor)[:200].count()


def product_lines(actor: Actor) -> list[str]:
    """Return the product lines of the backlog. One query."""
    found = waiting_cases(actor).exclude(product_line="").order_by().values_list("product_line", flat=True).distinct()
    return sorted(found[:100])


# --- proposals for many


@dataclass(frozen=True, slots=True)
class Choice:
    """An outlet that could be asked, with its score and its first reasons in words."""

    outlet_id: int
    name: str
    score: float
    why: str


@dataclass(slots=True)
class Proposal:
    """What dispatching many at once would do with one case; `fault` says why nothing is proposed."""

    case: Case
    choices: list[Choice] = field(default_factory=list)
    slot: Slot | None = None
    fault: str = ""
    appointment: Appointment | None = None


def proposals(actor: Actor, case_ids: Sequence[int]) -> list[Proposal]:
    """Return for each case whom to ask and for when: the first candidate, and its first free window before the promise.

    A window that the customer has already is asked for. At most 30 cases; some thirty queries each.
    """
    cases = Case.objects.visible_to(actor).select_related("customer", "owner", "unit").filter(pk__in=case_ids)
    given: defaultdict[tuple[int, datetime], int] = defaultdict(int)
    found = []
    for case in cases.order_by("next_due_at", "id")[:MOST_PROPOSED]:
        one = Proposal(case)
        found.append(one)
        candidates = [candidate for candidate in outlets_for(case, clock.now()) if candidate.can_be_asked]
        proposed = [candidate for candidate in candidates if candidate.is_proposed] or candidates
        one.choices = [
            Choice(
                candidate.outlet.pk,
                candidate.outlet.unit.name,
                candidate.score,
                " · ".join(why.words for why in candidate.reasons[1:3]),
            )
            for candidate in proposed[:5]
        ]
        one.appointment = current_appointment(case.pk)
        if not one.choices or one.appointment is not None:
            continue
        first = one.choices[0].outlet_id
        free = free_slots(first, product_line=case.product_line, service_type=case.service_type, days=3, ignoring=case.pk)
        promise = case.promises.unended().filter(kind="arrive").first()
        until = promise.due_at if promise is not None else None
        for slot in free:
            if (until is None or slot.ends_at <= until) and given[first, slot.starts_at] < slot.free:
                one.slot = slot
                given[first, slot.starts_at] += 1
                break
    return found


# --- offers that wait


@dataclass(slots=True)
class OfferRow:
    """An offer that waits, with its case; `is_mine` when the reader answers it, `asks_me` when he answers another time."""

    offer: Offer
    is_mine: bool
    asks_me: bool


@dataclass(slots=True)
class OfferPage:
    """One page of offers; `next` is the cursor of the page after it."""

    rows: list[OfferRow]
    next: str


def offers_waiting(actor: Actor, cursor: str = "") -> OfferPage:
    """Return the offers that wait: to this person, and of cases he may see; what must be answered first stands first.

    Two queries. Raises ValueError for a bad cursor.
    """
    visible = Case.objects.visible_to(actor)
    found = Offer.objects.filter(baton__state=Pass.State.OFFERED).filter(
        Q(baton__receiver_id=actor.id) | Q(case__in=visible.values("pk"))
    )
    related = ("baton__receiver", "baton__giver", "case__customer", "case__unit", "outlet", "engineer")
    found = found.select_related(*related).order_by("answer_due_at", "pk")
    if cursor:
        due, last_id = decode_cursor(cursor, scope="dispatch.offers")
        at = datetime.fromisoformat(str(due))
        found = found.filter(Q(answer_due_at__gt=at) | Q(answer_due_at=at, pk__gt=int(str(last_id))))
    offers = list(found[: PAGE + 1])
    following = ""
    if len(offers) > PAGE:
        offers = offers[:PAGE]
        following = encode_cursor([offers[-1].answer_due_at.isoformat(), offers[-1].pk], scope="dispatch.offers")
    rows = [
        OfferRow(
            offer,
            offer.baton.receiver_id == actor.id,
            offer.counter_state == "asked" and actor.id in (offer.baton.giver_id, offer.baton.asked_by_id),
        )
        for offer in offers
    ]
    return OfferPage(rows, following)


def offers_count(staff_id: int) -> int:
    """Return how many work orders wait for this person's answer, at most 200. One query."""
    mine = Q(baton__receiver_id=staff_id) | Q(baton__giver_id=staff_id, counter_state="asked")
    return Offer.objects.filter(mine, baton__state=Pass.State.OFFERED)[:200].count()


# --- days of outlets


@dataclass(slots=True)
class PersonDay:
    """What an engineer has on a day; None collects what nobody has yet."""

    engineer: Staff | None
    visits: list[Appointment] = field(default_factory=list)

    @property
    def orders(self) -> int:
        """Return how many work orders that is."""
        return sum(one.orders for one in self.visits)


def outlets_of(actor: Actor, roles: Sequence[str]) -> list[Outlet]:
    """Return the outlets over which somebody plans, in the order of their codes, at most 500. One query."""
    found = Outlet.objects.working().select_related("unit").order_by("unit__code")
    if not actor.is_internal:
        found = found.under_paths(actor.unit_paths(*roles))
    return list(found[:500])


def outlet_day(outlet_id: int, on: date) -> list[PersonDay]:
    """Return the visits of an outlet on a day by engineer, those without one first. Two queries."""
    begins, ends = local_midnight(on), local_midnight(on + timedelta(days=1))
    engineers = Engineer.objects.working().filter(outlet_id=outlet_id).select_related("staff").order_by("staff__name")
    people = {one.pk: PersonDay(one.staff) for one in engineers}
    nobodys = PersonDay(None)
    rows = Appointment.objects.filter(outlet_id=outlet_id, starts_at__gte=begins, starts_at__lt=ends)
    rows = rows.filter(state__in=[*Appointment.CURRENT, "done"]).select_related("case__customer", "engineer")
    for one in rows.order_by(F("starts_at"), "pk"):
        if one.engineer is None:
            nobodys.visits.append(one)
        else:
            people.setdefault(one.engineer.pk, PersonDay(one.engineer)).visits.append(one)
    return ([nobodys] if nobodys.visits else []) + list(people.values())
