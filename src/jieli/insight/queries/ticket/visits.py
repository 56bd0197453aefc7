"""What was done on site: visits with their steps, measurements, signatures and photos, and the parts that were changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jieli.files.models import Evidence
from jieli.orders.models import WorkOrder
from jieli.parts.models import PartOrder, UsedPart
from jieli.policies.queries import NoPolicy, by_label, current
from jieli.policies.schemas import VisitStandard
from jieli.visits.models import Charge, Information, Photo, SafetyTest, Signature, StepRecord, Visit, VisitOrder

VISITS, PARTS, PHOTOS = 20, 50, 200
_STRANGE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of the standard as it was done: `place` is its number, `state` done, skipped, open, or not asked.

    `at` is when others than the engineer did it, who keep their own records.
    """

    place: int
    label: str
    phase: str
    state: str
    record: StepRecord | None = None
    reason: str = ""
    photos: tuple[Evidence, ...] = ()
    at: datetime | None = None

    @property
    def arrived_late(self) -> bool:
        """Tell whether the phone's time and ours lie apart, as without a network: then both are shown."""
        record = self.record
        return record is not None and (record.received_at - record.at).total_seconds() > _STRANGE_MINUTES * 60


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """A position of what the customer paid."""

    label: str
    quantity: int
    amount: Any


@dataclass(frozen=True, slots=True)
class Charged:
    """What the customer paid on site."""

    charge: Charge
    lines: list[ChargeLine]


@dataclass(slots=True)
class VisitView:
    """One visit with everything that hangs on it."""

    visit: Visit
    fault: str
    orders: list[VisitOrder]
    tests: list[SafetyTest]
    signatures: list[Signature]
    steps: list[StepLine] = field(default_factory=list)
    reasons: Mapping[str, str] = field(default_factory=dict)
    charges: list[Charged] = field(default_factory=list)
    photos: list[Evidence] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Return how many steps were done."""
        return sum(one.state == "done" for one in self.steps)

    @property
    def skipped(self) -> list[StepLine]:
        """Return the steps that were left out, with reasons."""
        return [one for one in self.steps if one.state == "skipped"]

    @property
    def results(self) -> list[tuple[VisitOrder, str]]:
        """Return each order with why it was not fixed, in words."""
        return [(one, self.reasons.get(one.reason, one.reason)) for one in self.orders]


@dataclass(frozen=True, slots=True)
class Visited:
    """The stage of the visit: its visits, the parts used and ordered, what was learnt on site."""

    visits: list[VisitView]
    information: list[tuple[Information, str]]


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts put in, with old part and finding, and those ordered."""

    used: list[UsedPart]
    ordered: list[PartOrder]


def visits_of(case_id: int, orders: Sequence[WorkOrder], evidence: Iterable[Evidence]) -> Visited:
    """Return the visits of a case, oldest first, with those photos that are among `evidence`. Eight queries at most."""
    visits = list(Visit.objects.filter(case_id=case_id).select_related("engineer", "gaps_by").order_by("number")[:VISITS])
    information = [
        (one, _routing_label(one.kind))
        for one in Information.objects.filter(case_id=case_id).select_related("staff", "decided_by").order_by("id")[:VISITS]
    ]
    if not visits:
        return Visited([], information)
    ids = [one.pk for one in visits]
    rows = _by_visit(VisitOrder.objects.filter(visit__in=ids).select_related("order__device").order_by("order_id"))
    steps = _by_visit(StepRecord.objects.filter(visit__in=ids))
    tests = _by_visit(SafetyTest.objects.filter(visit__in=ids).order_by("at"))
    signatures = _by_visit(Signature.objects.filter(visit__in=ids).order_by("at"))
    charges = _by_visit(Charge.objects.filter(visit__in=ids).select_related("order").order_by("at"))
    seen = {one.pk: one for one in evidence if one.erased_at is None}
    kept = Photo.objects.filter(order__in=[one.pk for one in orders], evidence__in=seen)
    photos = {one.client_id: seen[one.evidence_id] for one in kept.order_by("received_at")[:PHOTOS]}
    shown = []
    for one in visits:
        view = VisitView(one, fault_words(one.fault_code), rows[one.pk], tests[one.pk], signatures[one.pk])
        view.charges = [Charged(charge, _items(charge)) for charge in charges[one.pk]]
        shown.append(_visit(view, steps[one.pk], photos))
    return Visited(shown, information)


def parts_of(case_id: int) -> Parts:
    """Return the parts that a case's orders used and lacked. Two queries."""
    used = UsedPart.objects.standing().filter(order__case_id=case_id).select_related("part", "place", "order")
    ordered = PartOrder.objects.filter(order__case_id=case_id).select_related("part", "order", "to_place")
    return Parts(list(used.order_by("used_at", "id")[:PARTS]), list(ordered.order_by("id")[:PARTS]))


def _by_visit(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.visit_id].append(row)
    return found


def _visit(view: VisitView, records: list[StepRecord], photos: Mapping[Any, Evidence]) -> VisitView:
    standard = _standard(view.visit.standard)
    view.steps = _steps(standard, view.orders, records, photos)
    view.reasons = {one.code: one.label.in_language(language()) for one in standard.not_fixed} if standard else {}
    view.photos = list({photo.pk: photo for step in view.steps for photo in step.photos}.values())
    return view


def language() -> str:
    """Return the language of the moment."""
    return get_language() or settings.LANGUAGE_CODE


def _standard(number: int) -> VisitStandard | None:
    try:
        data = by_label(f"visit-standard v{number}").data
    except NoPolicy:
        return None
    return data if isinstance(data, VisitStandard) else None


def _steps(
    standard: VisitStandard | None, rows: list[VisitOrder], records: list[StepRecord], photos: Mapping[Any, Evidence]
) -> list[StepLine]:
    done = {one.code: one for one in records}
    if standard is None:
        return [
            StepLine(place, one.code, "", one.state, one, one.reason, _seen(one, photos))
            for place, one in enumerate(records, start=1)
        ]
    asked = {one.code for one in standard.steps_of({row.order.service_type for row in rows}, _in_warranty(rows))}
    phases = {one.code: one.label.in_language(language()) for one in standard.phases}
    lines = []
    for place, step in enumerate(standard.steps, start=1):
        record, label = done.get(step.code), step.label.in_language(language())
        if record is None and step.by == "quality" and (called := _called_at(rows)) is not None:
            lines.append(StepLine(place, label, phases[step.phase], "done", at=called))
            continue
        if record is None:
            state = "open" if step.code in asked else "others" if step.by != "engineer" else "not_asked"
            lines.append(StepLine(place, label, phases[step.phase], state))
            continue
        why = standard.skip_reason(record.reason)
        reason = why.label.in_language(language()) if why else record.reason
        lines.append(StepLine(place, label, phases[step.phase], record.state, record, reason, _seen(record, photos)))
    return lines


def _seen(record: StepRecord, photos: Mapping[Any, Evidence]) -> tuple[Evidence, ...]:
    return tuple(photos[one] for one in record.photos if one in photos)


def _called_at(rows: list[VisitOrder]) -> datetime | None:
    return min((row.order.callback_at for row in rows if row.order.callback_at is not None), default=None)


def _in_warranty(rows: list[VisitOrder]) -> bool | None:
    known = {row.order.in_warranty for row in rows}
    return known.pop() if len(known) == 1 else None


def _items(charge: Charge) -> list[ChargeLine]:
    try:
        prices: Any = by_label(f"prices v{charge.prices}").data
    except NoPolicy:
        prices = current("prices").data
    lines = []
    for item in charge.items:
        known = prices.price(str(item.get("code", "")))
        label = known.label.in_language(language()) if known else _("part %(code)s") % {"code": item.get("code", "")}
        lines.append(ChargeLine(label, int(item.get("quantity") or 1), item.get("amount")))
    return lines


def fault_words(code: str) -> str:
    """Return a fault code in words; one of the company's own as it is written."""
    group = current("faults").data.group_of(code) if code else None
    if group is None:
        return code
    known = next((one for one in group.faults if one.code == code), None)
    label = known.label if known is not None else group.label
    return str(label.in_language(language()))


def _routing_label(kind: str) -> str:
    known = current("visit-standard").data.routing(kind)
    return known.label.in_language(language()) if known else kind


def first_arrival(orders: Iterable[WorkOrder]) -> datetime | None:
    """Return when somebody first came."""
    return min((one.arrived_at for one in orders if one.arrived_at is not None), default=None)
