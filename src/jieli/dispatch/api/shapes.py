"""What the API's operations of dispatch take and give, and how rows become that."""

from datetime import datetime
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from jieli.cases.models import Case
from jieli.cases.queries.reading import visible_case_id
from jieli.cases.rules.numbers import case_number
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries.candidates import EngineerCandidate, OutletCandidate
from jieli.dispatch.queries.reading import case_for, outlet_of
from jieli.dispatch.refusals import BadDispatch
from jieli.dispatch.rules.reasons import Why, from_json
from jieli.events.actor import Actor
from jieli.lib.http import In, Instant, Out, Page, answers, kept
from jieli.network.models import Outlet
from jieli.people.models import Staff, Unit

Words = Annotated[str, kept(1_000)]
UnitCode = Annotated[str, kept(60, 1)]


class WindowIn(In):
    """A window in which somebody comes."""

    starts_at: Instant
    ends_at: Instant


class OfferIn(In):
    """Whom to ask: an outlet, or one of its engineers by login name; without a window the present appointment is asked for."""

    outlet: UnitCode | None = None
    engineer: UnitCode | None = None
    window: WindowIn | None = None
    agreed: bool = False
    devices: Annotated[list[int], Field(max_length=20)] = Field(default_factory=list)
    note: Words = ""


class RedispatchIn(In):
    """Why anew, and whom to ask; without an outlet the rule chooses."""

    reason: Annotated[str, kept(300, 1)]
    outlet: UnitCode | None = None
    window: WindowIn | None = None
    agreed: bool = False


class AcceptIn(In):
    """The order in one's own words, and the window when the outlet sets it."""

    restatement: Words = ""
    window: WindowIn | None = None
    agreed: bool = False


class RefuseIn(In):
    """One of the policy's reasons; `other` needs words."""

    reason: Annotated[str, kept(60, 1)]
    note: Words = ""


class CounterIn(In):
    """Another window, and why."""

    window: WindowIn
    reason: Words = ""


class CounterAnswerIn(In):
    """Yes or no to another window, and whether the customer agreed to it."""

    agree: bool
    agreed_with_customer: bool = False


class AppointmentIn(In):
    """The window of the visit, and whether the customer agreed to it."""

    window: WindowIn
    agreed: bool = False
    outlet: UnitCode | None = None
    reason: Words = ""


class LineIn(In):
    """One case of many, by number."""

    number: Annotated[str, kept(40, 1)]
    outlet: UnitCode
    window: WindowIn | None = None


class ManyIn(In):
    """Cases that are offered one by one."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=50)]


class ReasonOut(Out):
    """One reason: a stable code and its words."""

    code: str
    words: str


class CandidateOut(Out):
    """An outlet or an engineer that could be asked, with the reasons for and against."""

    code: str
    name: str
    score: float
    distance_km: float | None
    can_be_asked: bool
    reasons: list[ReasonOut]
    against: list[ReasonOut]


class CandidatesOut(Out):
    """The outlets for a case, and the engineers of the outlet asked about."""

    outlets: list[CandidateOut]
    engineers: list[CandidateOut]


class SlotOut(Out):
    """A window: how many more visits fit in, or why none does."""

    starts_at: Instant
    ends_at: Instant
    free: int
    why: Literal["", "closed", "nobody", "full", "past"]


class SlotsOut(Out):
    """The windows of the next days."""

    items: list[SlotOut]


class AppointmentOut(Out):
    """The appointment of a case; `visit` is to which coming it belongs, `expected_at` when who set out is probably there."""

    id: int
    number: str
    visit: int
    state: Literal["planned", "offered", "accepted", "moved", "done", "cancelled"]
    starts_at: Instant
    ends_at: Instant
    outlet: str | None
    engineer: str | None
    agreed: bool
    by_customer: bool
    set_out_at: Instant | None
    expected_at: Instant | None
    arrived_at: Instant | None


class WorkOfferOut(Out):
    """An offered work order and what became of it."""

    id: int
    number: str
    state: Literal["offered", "accepted", "declined", "withdrawn", "lapsed", "decided"]
    outlet: str
    engineer: str | None
    receiver: str
    starts_at: Instant | None
    ends_at: Instant | None
    answer_due_at: Instant
    counter_starts_at: Instant | None
    counter_ends_at: Instant | None
    counter_state: Literal["", "asked", "agreed", "refused"]
    refusal: str
    by_itself: bool
    policy: str
    reasons: list[ReasonOut]


class DispatchOut(Out):
    """Where the dispatch of a case stands: its appointment and its offers, newest first."""

    number: str
    appointment: AppointmentOut | None
    offers: list[WorkOfferOut]


class BacklogOut(Out):
    """A case of the backlog."""

    number: str
    subject: str
    next_due_at: Instant | None
    product_line: str
    state: Literal["unplanned", "lapsed", "asked", "outlet"]
    outlet: str | None


class OutcomeOut(Out):
    """What became of one case of many: the offer, or why not."""

    number: str
    offer: WorkOfferOut | None
    refused: str


class OutcomesOut(Out):
    """What became of each."""

    items: list[OutcomeOut]


OFFER = answers(WorkOfferOut)
OFFERED = answers(WorkOfferOut, 201)
APPOINTED = answers(AppointmentOut)
BacklogPage = Page[BacklogOut]
OfferPage = Page[WorkOfferOut]


def ends_of(window: WindowIn | None) -> tuple[datetime | None, datetime | None]:
    """Return the two ends of a window, or none."""
    return (None, None) if window is None else (window.starts_at, window.ends_at)


def case_of(actor: Actor, number: str) -> Case:
    """Return a case by number; raises NotFound when it is hidden."""
    return case_for(actor, visible_case_id(actor, number))


def outlet_named(code: str) -> Outlet:
    """Return an outlet by its code; raises BadDispatch."""
    unit_id = Unit.objects.filter(code=code).values_list("pk", flat=True).first()
    if unit_id is None or not Outlet.objects.filter(pk=unit_id).exists():
        raise BadDispatch(fields={"outlet": _("There is no such outlet.")})
    return outlet_of(unit_id)


def person_named(code: str) -> Staff:
    """Return a person by login name; raises BadDispatch."""
    found = Staff.objects.filter(code=code).first()
    if found is None:
        raise BadDispatch(fields={"engineer": _("There is no such person.")})
    return found


def offer_of(pass_id: int) -> Offer:
    """Return an offer with everyone on it."""
    return Offer.objects.select_related("baton__receiver", "outlet", "engineer").get(pk=pass_id)


def reasons_out(found: list[Why]) -> list[ReasonOut]:
    """Return reasons for the API."""
    return [ReasonOut(code=one.code, words=one.words) for one in found]


def outlet_out(one: OutletCandidate) -> CandidateOut:
    """Return an outlet that could be asked for the API."""
    return CandidateOut(
        code=one.outlet.unit.code,
        name=one.outlet.unit.name,
        score=one.score,
        distance_km=one.distance_km,
        can_be_asked=one.can_be_asked,
        reasons=reasons_out(one.reasons),
        against=reasons_out(one.against),
    )


def engineer_out(one: EngineerCandidate) -> CandidateOut:
    """Return an engineer who could be asked for the API."""
    return CandidateOut(
        code=one.engineer.staff.code,
        name=one.engineer.staff.name,
        score=one.score,
        distance_km=None,
        can_be_asked=one.can_be_asked,
        reasons=reasons_out(one.reasons),
        against=reasons_out(one.against),
    )


def appointment_out(one: Appointment) -> AppointmentOut:
    """Return an appointment for the API."""
    return AppointmentOut(
        id=one.pk,
        number=case_number(one.case_id),
        visit=one.number,
        state=one.state,  # type: ignore[arg-type]
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        outlet=one.outlet.code if one.outlet is not None else None,
        engineer=one.engineer.code if one.engineer is not None else None,
        agreed=one.agreed,
        by_customer=one.by_customer,
        set_out_at=one.set_out_at,
        expected_at=one.expected_at,
        arrived_at=one.arrived_at,
    )


def offer_out(one: Offer) -> WorkOfferOut:
    """Return an offered work order for the API."""
    return WorkOfferOut(
        id=one.pk,
        number=case_number(one.case_id),
        state=one.baton.state,  # type: ignore[arg-type]
        outlet=one.outlet.code,
        engineer=one.engineer.code if one.engineer is not None else None,
        receiver=one.baton.receiver.code,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        answer_due_at=one.answer_due_at,
        counter_starts_at=one.counter_starts_at,
        counter_ends_at=one.counter_ends_at,
        counter_state=one.counter_state,  # type: ignore[arg-type]
        refusal=one.refusal,
        by_itself=one.by_itself,
        policy=one.policy,
        reasons=reasons_out(from_json(one.reasons.get("for", ()))),
    )
