"""Visits for people at a desk: the panel of a case, what phones sent in vain, information to decide on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import get_language

from jieli.events.actor import Actor
from jieli.files.models import Evidence
from jieli.people.queries import company_zone
from jieli.policies.queries import current, version
from jieli.policies.schemas import VisitStandard
from jieli.policies.schemas.visit_standard import Step
from jieli.policies.schemas.visit_standard import StepRecord as Recorded
from jieli.visits.models import Charge, FieldEntry, Information, Photo, SafetyTest, Signature, StepRecord, Visit, VisitOrder
from jieli.visits.words import DATA, FLAGS, KINDS

PAGE = 30


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of a visit's standard as it stands: its record when there is one, what was recorded in words, its photos."""

    place: int
    step: Step
    label: str
    record: StepRecord | None
    said: Sequence[tuple[str, str]] = ()
    reason: str = ""
    photos: Sequence[Evidence] = ()


@dataclass(frozen=True, slots=True)
class ShownPhase:
    """A phase with its steps and how many of them are done."""

    label: str
    steps: Sequence[ShownStep]

    @property
    def done(self) -> int:
        """Return how many of the steps are done or skipped."""
        return sum(1 for one in self.steps if one.record is not None)


@dataclass(slots=True)
class ShownVisit:
    """One visit with everything that belongs to it."""

    visit: Visit
    phases: list[ShownPhase]
    orders: list[VisitOrder]
    tests: list[SafetyTest]
    signatures: list["Drawn"]
    charges: list[Charge]
    reasons: Mapping[str, str]
    flags: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Return how many steps are done or skipped."""
        return sum(phase.done for phase in self.phases)

    @property
    def all(self) -> int:
        """Return how many steps there are."""
        return sum(len(phase.steps) for phase in self.phases)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A signature as lines of a picture; `box` is the frame around them."""

    signature: Signature
    lines: Sequence[str]
    box: str


def _language() -> str:
    return get_language() or "zh-hans"


def visits_of(case_id: int, *, visit_id: int | None = None) -> list[ShownVisit]:
    """Return the visits of a case, the latest first; six queries, whatever their number."""
    found = Visit.objects.filter(case_id=case_id).select_related("engineer", "gaps_by").order_by("-number")
    if visit_id is not None:
        found = found.filter(pk=visit_id)
    orders = Prefetch("orders", VisitOrder.objects.select_related("order__outlet").order_by("pk"))
    visits = list(found.prefetch_related("steps", orders, "safety_tests", "signatures", "charges")[:20])
    names = {photo for visit in visits for row in visit.steps.all() for photo in row.photos}
    photos = photos_named(names)
    return [_shown(visit, photos) for visit in visits]


def photos_named(names: Iterable[UUID]) -> dict[UUID, Evidence]:
    """Return evidence by the phone's names of the photos. One query."""
    wanted = set(names)
    if not wanted:
        return {}
    found = Photo.objects.filter(client_id__in=wanted).select_related("evidence")
    return {photo.client_id: photo.evidence for photo in found}


def _shown(visit: Visit, photos: Mapping[UUID, Evidence]) -> ShownVisit:
    standard: VisitStandard = version("visit-standard", visit.standard).data
    orders = list(visit.orders.all())
    types = {one.order.service_type for one in orders}
    warranty = {one.order.in_warranty for one in orders}
    applied = standard.steps_of(types, warranty.pop() if len(warranty) == 1 else None)
    rows = {row.code: row for row in visit.steps.all()}
    language = _language()
    phases = []
    for phase in standard.phases:
        steps = [
            _step(standard, step, rows.get(step.code), photos, language)
            for step in standard.steps
            if step.phase == phase.code and (step in applied or step.code in rows)
        ]
        if steps:
            phases.append(ShownPhase(phase.label.in_language(language), steps))
    return ShownVisit(
        visit=visit,
        phases=phases,
        orders=orders,
        tests=sorted(visit.safety_tests.all(), key=lambda one: one.at),
        signatures=[drawn(one) for one in visit.signatures.all()],
        charges=list(visit.charges.all()),
        reasons={one.code: one.label.in_language(language) for one in standard.not_fixed},
        flags=[str(FLAGS.get(flag, flag)) for flag in visit.flags],
    )


def _step(
    standard: VisitStandard, step: Step, row: StepRecord | None, photos: Mapping[UUID, Evidence], language: str
) -> ShownStep:
    label = step.label.in_language(language)
    place = standard.place(step.code)
    if row is None:
        return ShownStep(place, step, label, None)
    reason = standard.skip_reason(row.reason)
    said = [
        (record.label.in_language(language), _said(record, row.records[record.name], language))
        for record in step.records
        if row.records.get(record.name) not in (None, "", False)
        and record.type != "check"
        and (record.type, record.name) != ("time", "at")
    ]
    found = [photos[name] for name in row.photos if name in photos]
    words = "" if reason is None else reason.label.in_language(language)
    return ShownStep(place, step, label, row, said, words, found)


def _said(record: Recorded, value: Any, language: str) -> str:
    chosen = next((one for one in record.choices if one.code == value), None)
    if chosen is not None:
        return chosen.label.in_language(language)
    if record.type == "time":
        try:
            return f"{datetime.fromisoformat(str(value)).astimezone(company_zone()):%H:%M}"
        except ValueError:
            return str(value)
    return f"{value} {record.unit}".strip()


def drawn(signature: Signature) -> Drawn:
    """Return a signature as the lines of a picture."""
    points = [point for stroke in signature.strokes for point in stroke]
    if not points:
        return Drawn(signature, (), "0 0 1 1")
    left, top = min(point[0] for point in points), min(point[1] for point in points)
    width, height = max(point[0] for point in points) - left, max(point[1] for point in points) - top
    lines = [" ".join(f"{x},{y}" for x, y, *_rest in stroke) for stroke in signature.strokes]
    return Drawn(signature, lines, f"{left - 4} {top - 4} {width + 8} {height + 8}")


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry that was not taken in, in words."""

    entry: FieldEntry
    kind: str
    flags: Sequence[str]
    said: Sequence[tuple[str, str]]
    faults: Sequence[str]


def conflict_page(actor: Actor, *, before: int | None = None, settled: bool = False) -> tuple[list[ShownEntry], int | None]:
    """Return what phones sent in vain, the latest first, and the id before which the next page begins. Two queries."""
    found = FieldEntry.objects.visible_to(actor)
    states = ("taken_over", "set_aside", "overtaken") if settled else FieldEntry.TO_SETTLE
    found = found.filter(state__in=states)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("staff__unit", "case", "order", "settled_by").order_by("-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    return [shown_entry(row) for row in shown], shown[-1].pk if len(rows) > PAGE else None


def conflicts_of(case_id: int) -> list[ShownEntry]:
    """Return what phones sent in vain on a case and nobody settled. One query."""
    rows = FieldEntry.objects.to_settle().filter(case_id=case_id).select_related("staff__unit", "case", "order", "settled_by")
    return [shown_entry(row) for row in rows.order_by("-pk")[:20]]


def conflict_count(actor: Actor) -> int:
    """Return how many entries wait for the actor. One query."""
    return FieldEntry.objects.visible_to(actor).to_settle().count()


def shown_entry(entry: FieldEntry) -> ShownEntry:
    """Return an entry in words; lists and pictures are counted, not shown."""
    standard = current("visit-standard").data
    step = standard.step(str(entry.data.get("code", "")))
    language = _language()
    said = []
    for name, value in entry.data.items():
        label = str(DATA.get(name, name))
        if isinstance(value, dict):
            for key, item in value.items():
                record = None if step is None else step.record(str(key))
                said.append((str(key) if record is None else record.label.in_language(language), str(item)))
        elif isinstance(value, list):
            said.append((label, f"× {len(value)}"))
        elif name == "code" and step is not None:
            said.append((label, f"{standard.place(step.code)} {step.label.in_language(language)}"))
        elif value not in (None, ""):
            said.append((label, str(value)))
    return ShownEntry(
        entry,
        str(KINDS.get(entry.kind, entry.kind)),
        [str(FLAGS.get(flag, flag)) for flag in entry.flags],
        said,
        [str(one) for one in entry.fields.values() if str(one) not in entry.message],
    )


@dataclass(frozen=True, slots=True)
class ShownInformation:
    """Information returned, in words, with its photos."""

    information: Information
    kind: str
    is_late: bool
    photos: Sequence[Evidence]


def information_page(
    actor: Actor, at: datetime, *, state: str = "open", after: tuple[datetime, int] | None = None
) -> tuple[list[ShownInformation], tuple[datetime, int] | None]:
    """Return information in one state, the most urgent first, and after which the next page begins. Three queries."""
    found = Information.objects.visible_to(actor).filter(state=state)
    if after is not None:
        found = found.filter(due_at__gte=after[0]).exclude(due_at=after[0], pk__lte=after[1])
    rows = list(found.select_related("case__unit", "staff", "unit", "order", "decided_by").order_by("due_at", "pk")[: PAGE + 1])
    shown = rows[:PAGE]
    last = (shown[-1].due_at, shown[-1].pk) if len(rows) > PAGE else None
    return shown_information(shown, at), last


def information_of(case_id: int, at: datetime) -> list[ShownInformation]:
    """Return the information that came from the visits of a case."""
    rows = Information.objects.filter(case_id=case_id).select_related("case__unit", "staff", "unit", "order", "decided_by")
    return shown_information(list(rows.order_by("pk")[:20]), at)


def shown_information(rows: Sequence[Information], at: datetime) -> list[ShownInformation]:
    """Return information in the words of the standard in force."""
    photos = photos_named(name for row in rows for name in row.photos)
    standard = current("visit-standard").data
    language = _language()
    found = []
    for row in rows:
        routing = standard.routing(row.kind)
        found.append(
            ShownInformation(
                row,
                row.kind if routing is None else routing.label.in_language(language),
                row.is_open and row.due_at < at,
                [photos[name] for name in row.photos if name in photos],
            )
        )
    return found


def information_counts(actor: Actor) -> dict[str, int]:
    """Return how much information there is in each state. One query."""
    states = list(Information.objects.visible_to(actor).values_list("state", flat=True)[:5000])
    return {state: states.count(state) for state in Information.State.values}


def information_count(actor: Actor) -> int:
    """Return how much information waits for an answer that the actor may see. One query."""
    return Information.objects.visible_to(actor).open().count()
