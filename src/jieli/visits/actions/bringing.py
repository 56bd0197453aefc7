"""Visits of the past, many at once: for the demo company and for histories; the same rows and event types as live ones.

Cost: a COPY per table and one statement for the events; 15,000 visits of 24 steps in some seconds.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import transaction

from jieli.cases.actions.past import copy_rows
from jieli.events.actions import Batch, append_batch, encoded, reserve_ids
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.policies.queries import current, version
from jieli.policies.schemas import VisitStandard
from jieli.policies.schemas.visit_standard import Step
from jieli.visits.events import (
    CustomerCharged,
    CustomerSigned,
    EngineerArrived,
    EngineerSetOut,
    FaultDiagnosed,
    FinishedWithGaps,
    OutcomeTold,
    PhaseDone,
    SafetyTested,
    VisitFinished,
    VisitStarted,
)
from jieli.visits.models import VisitOrder
from jieli.visits.policy import may_bring_visits
from jieli.visits.rules.steps import is_safe

Later = tuple[datetime, str, str]
"""When an event happened, its type and its data as JSON."""

SIGNED: list[list[list[float]]] = [[[8, 30], [30, 8], [46, 34], [70, 12]], [[12, 44], [74, 40]]]
NOT_FIXED = VisitOrder.Result.NOT_FIXED


@dataclass(frozen=True, slots=True)
class BroughtVisit:
    """A visit of the past. Texts of steps are ``{step: {record: text}}``; skipped ones ``{step: reason}``.

    `gaps_by_id` with `gaps_reason` stands for a visit finished with gaps, where `left_out` names the steps not done.
    """

    case_id: int
    order_id: int
    order_number: str
    engineer_id: int
    service_type: str
    in_warranty: bool | None
    started_at: datetime
    arrived_at: datetime | None
    finished_at: datetime | None
    number: int = 1
    result: str = "fixed"
    reason: str = ""
    next_at: datetime | None = None
    note: str = ""
    texts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    skips: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    fault_code: str = ""
    genuine: bool | None = True
    voltage: Decimal = Decimal("226.0")
    signed_by: str = ""
    comment: str = ""
    charged_amount: Decimal | None = None
    paid_by: str = ""
    charged_items: Sequence[Mapping[str, Any]] = ()
    gaps_reason: str = ""
    gaps_by_id: int | None = None
    reported_after: timedelta = timedelta(minutes=1)


@dataclass(slots=True)
class _Rows:
    """The rows of all visits, table by table."""

    visits: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    tests: list[dict[str, Any]] = field(default_factory=list)
    signatures: list[dict[str, Any]] = field(default_factory=list)
    charges: list[dict[str, Any]] = field(default_factory=list)


@transaction.atomic
def bring_visits(visits: Iterable[BroughtVisit], *, actor: Actor, tell: bool = True) -> dict[int, list[Later]]:
    """Write visits of the past and return their events by case, in the order in which they happened.

    With `tell` the events are appended here; without, the caller puts them among the other events of each case, so that a
    chain runs in the order of time. The standard is the version that held when a visit began. Raises NotAllowed.
    """
    require(may_bring_visits(actor))
    brought = list(visits)
    rows = _Rows()
    stories: dict[int, list[Later]] = {}
    kinds: dict[tuple[int, str, bool | None], _Kind] = {}
    for visit_id, one in zip(reserve_ids("visits_visit", len(brought)), brought, strict=True):
        number = current("visit-standard", one.started_at).number
        key = (number, one.service_type, one.in_warranty)
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = _Kind.of(version("visit-standard", number).data, *key[1:])
        story = _Story(visit_id, one, number, kind)
        story.write(rows)
        stories.setdefault(one.case_id, []).extend(story.events)
    copy_rows("visits_visit", rows.visits)
    copy_rows("visits_visitorder", rows.orders)
    copy_rows("visits_steprecord", rows.steps)
    copy_rows("visits_safetytest", rows.tests)
    copy_rows("visits_signature", rows.signatures)
    copy_rows("visits_charge", rows.charges)
    if tell:
        batch = Batch()
        for case_id, events in stories.items():
            for at, type_, data in events:
                batch.add("case", case_id, at, type_, data)
        append_batch(batch, actor=actor)
    return stories


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is the same for all visits of one kind of work under one version of the standard."""

    standard: VisitStandard
    steps: Sequence[Step]
    mandatory: Mapping[str, frozenset[str]]
    said: Mapping[str, Mapping[str, Any]]
    said_json: Mapping[str, str]
    is_tested: bool

    @classmethod
    def of(cls, standard: VisitStandard, service_type: str, in_warranty: bool | None) -> "_Kind":
        steps = standard.steps_of({service_type}, in_warranty)
        phases: dict[str, set[str]] = {}
        for step in steps:
            if step.mandatory:
                phases.setdefault(step.phase, set()).add(step.code)
        said = {step.code: _usual(step) for step in steps}
        return cls(
            standard,
            steps,
            {phase: frozenset(codes) for phase, codes in phases.items()},
            said,
            {code: _json(values) for code, values in said.items()},
            service_type in {str(one) for one in standard.safety.service_types},
        )


def _usual(step: Step) -> dict[str, Any]:
    """Return what is usually recorded at a step besides texts."""
    said: dict[str, Any] = {}
    for record in step.records:
        if record.type == "check":
            said[record.name] = True
        elif record.type == "choice":
            said[record.name] = record.choices[0].code
        elif record.type == "number" and record.required:
            said[record.name] = "30"
    return said


class _Story:
    """One visit: its steps spread over its time, and what is told of it."""

    def __init__(self, visit_id: int, one: BroughtVisit, number: int, kind: _Kind) -> None:
        self.id, self.one, self.standard_number, self.kind = visit_id, one, number, kind
        self.standard = kind.standard
        self.events: list[Later] = []
        self.received_at = (one.finished_at or one.arrived_at or one.started_at) + one.reported_after

    def tell(self, at: datetime, type_: str, **data: Any) -> None:
        self.events.append((at, type_, encoded({"visit": self.one.number, **data})))

    def name(self, what: str) -> UUID:
        """Return a phone's name of something: always the same for the same visit."""
        return uuid5(NAMESPACE_OID, f"{self.one.order_number}/{self.one.number}/{what}")

    def times(self, steps: Sequence[Step]) -> dict[str, datetime]:
        """Spread the steps: those before the visit until the arrival, the others from there to the end."""
        one = self.one
        arrived = one.arrived_at or one.started_at
        end = one.finished_at or arrived + timedelta(minutes=40)
        before = [step for step in steps if step.phase == "before"]
        there = [step for step in steps if step.phase != "before"]
        found = {}
        for group, start, stop in ((before, one.started_at, arrived), (there, arrived, end)):
            for place, step in enumerate(group):
                share = place / max(1, len(group)) if group is there else (place + 1) / (len(group) + 1)
                found[step.code] = start + (stop - start) * share
        return found

    def write(self, rows: _Rows) -> None:
        one = self.one
        steps = [
            step for step in self.kind.steps if step.code not in one.left_out and (step.mandatory or step.code in one.texts)
        ]
        if one.result == NOT_FIXED:
            steps = [step for step in steps if step.phase in ("before", "entering") or step.code in one.texts]
        at = self.times(steps)
        set_out_at = at.get("set_out", one.started_at)
        self.tell(one.started_at, VisitStarted.type, engineer_id=one.engineer_id, standard=self.standard_number)
        self.tell(set_out_at, EngineerSetOut.type)
        written = [self._step(step, at[step.code]) for step in steps]
        rows.steps += written
        self._phases(steps, written, at)
        if one.arrived_at is not None and one.number > 1:
            self.tell(one.arrived_at, EngineerArrived.type)
        if one.fault_code and "diagnose" in at:
            self._diagnosed(at["diagnose"])
        test = self._tested(rows, at.get(self.standard.safety.step))
        signed = self._signed(rows, at.get("sign"))
        self._charged(rows, at.get("charge"))
        end = one.finished_at or (one.arrived_at or one.started_at) + timedelta(minutes=40)
        rows.orders.append(
            {
                "visit_id": self.id,
                "order_id": one.order_id,
                "result": one.result,
                "reason": one.reason,
                "next_at": one.next_at,
                "note": one.note,
                "told_at": end,
                "finished_at": end,
            }
        )
        self.tell(
            end,
            OutcomeTold.type,
            number=one.order_number,
            result=one.result,
            reason=one.reason,
            next_at=None if one.next_at is None else one.next_at.isoformat(),
        )
        complete = not one.gaps_reason and not one.left_out
        digest = self._digest(written, test, signed)
        if one.gaps_reason:
            self.tell(end, FinishedWithGaps.type, missing=list(one.left_out))
        self.tell(end, VisitFinished.type, steps_complete=complete, digest=digest)
        self.events.sort(key=lambda event: event[0])
        rows.visits.append(
            {
                "id": self.id,
                "case_id": one.case_id,
                "engineer_id": one.engineer_id,
                "number": one.number,
                "standard": self.standard_number,
                "state": "finished",
                "started_at": one.started_at,
                "set_out_at": set_out_at,
                "arrived_at": one.arrived_at,
                "finished_at": end,
                "steps_complete": complete,
                "gaps_reason": one.gaps_reason,
                "gaps_by_id": one.gaps_by_id,
                "fault_code": one.fault_code,
                "genuine": one.genuine,
                "flags": [],
                "digest": digest,
            }
        )

    def _step(self, step: Step, at: datetime) -> dict[str, Any]:
        texts = self.one.texts.get(step.code)
        reason = self.one.skips.get(step.code, "")
        said = _json({**self.kind.said[step.code], **texts}) if texts else self.kind.said_json[step.code]
        return {
            "visit_id": self.id,
            "code": step.code,
            "state": "skipped" if reason else "done",
            "records": "{}" if reason else said,
            # Written out by hand: of the rows of a history these are most, and adapting each value would cost most.
            "photos": "{}",
            "reason": reason,
            "note": "",
            "phone_at": (happened := at.isoformat()),
            "at": happened,
            "received_at": self.received_at.isoformat(),
        }

    def _phases(self, steps: Sequence[Step], written: Sequence[Mapping[str, Any]], at: Mapping[str, datetime]) -> None:
        """Tell each phase that is whole, as live visits do: when its last mandatory step was done."""
        there = {step.code for step in steps}
        for phase, codes in self.kind.mandatory.items():
            if codes <= there:
                here = [row for row, step in zip(written, steps, strict=True) if step.phase == phase]
                skipped = {row["code"]: row["reason"] for row in here if row["reason"]}
                last = max(at[code] for code in codes)
                self.tell(last, PhaseDone.type, phase=phase, count=len(here), skipped=skipped)

    def _diagnosed(self, at: datetime) -> None:
        group = current("faults").data.group_of(self.one.fault_code)
        if group is None:
            return
        label = next((fault.label for fault in group.faults if fault.code == self.one.fault_code), group.label)
        self.tell(
            at,
            FaultDiagnosed.type,
            number=self.one.order_number,
            fault=self.one.fault_code,
            group=group.code,
            label=label.zh,
            genuine=self.one.genuine,
        )

    def _tested(self, rows: _Rows, at: datetime | None) -> list[Any]:
        safety = self.standard.safety
        if at is None or not self.kind.is_tested or self.one.skips.get(safety.step):
            return []
        at -= timedelta(seconds=30)
        volt = self.one.voltage.quantize(Decimal("0.1"))
        passed = is_safe(safety, voltage=volt, earth_ok=True, earth_ohm=None, socket_ok=True)
        rows.tests.append(
            {
                "client_id": self.name("safety"),
                "visit_id": self.id,
                "voltage": volt,
                "earth_ohm": None,
                "earth_ok": True,
                "socket_ok": True,
                "is_passed": passed,
                "is_risk_signed": not passed,
                "at": at,
            }
        )
        self.tell(
            at,
            SafetyTested.type,
            passed=passed,
            voltage=str(volt),
            earth_ohm=None,
            socket_ok=True,
            risk_signed=not passed,
        )
        return [[str(volt), "None", True, True, passed, not passed]]

    def _signed(self, rows: _Rows, at: datetime | None) -> list[Any]:
        if at is None or self.one.skips.get("sign"):
            return []
        rows.signatures.append(
            {
                "client_id": self.name("signature"),
                "visit_id": self.id,
                "name": self.one.signed_by,
                "strokes": _json(SIGNED),
                "photo": None,
                "comment": self.one.comment,
                "at": at,
                "erased_at": None,
            }
        )
        digest = sha256(json.dumps(SIGNED, separators=(",", ":")).encode()).hexdigest()
        self.tell(at, CustomerSigned.type, sha256=digest)
        return [SIGNED]

    def _charged(self, rows: _Rows, at: datetime | None) -> None:
        amount = self.one.charged_amount
        if at is None or not amount or self.one.skips.get("charge"):
            return
        prices = current("prices", self.one.started_at).number
        rows.charges.append(
            {
                "client_id": self.name("charge"),
                "visit_id": self.id,
                "order_id": self.one.order_id,
                "items": _json([dict(item) for item in self.one.charged_items]),
                "total_amount": amount,
                "paid_by": self.one.paid_by,
                "prices": prices,
                "at": at,
            }
        )
        self.tell(at, CustomerCharged.type, number=self.one.order_number, amount=str(amount), prices=prices)

    def _digest(self, written: Sequence[Mapping[str, Any]], tests: list[Any], signed: list[Any]) -> str:
        """Return the same digest as live visits have (`actions.finishing.digest_of`)."""
        one = self.one
        whole = {
            "visit": [one.case_id, one.number, self.standard_number],
            "steps": [
                [row["code"], row["state"], json.loads(row["records"]), [], row["reason"], row["at"]]
                for row in sorted(written, key=lambda row: row["code"])
            ],
            "photos": {},
            "safety": tests,
            "signatures": signed,
            "results": [[one.order_id, one.result, one.reason]],
        }
        return sha256(_json(whole).encode()).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
