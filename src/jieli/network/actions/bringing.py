"""Making a whole network set by set, for the demo and for tests of size: the same rows and events as one by one.

Few statements whatever the number. Everything happens at the times that are given, in their order; nobody is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from jieli.events.actions import Happened, append_history
from jieli.events.actor import Actor
from jieli.events.facts import Fact
from jieli.events.refusals import require
from jieli.network.actions import documents as papers
from jieli.network.actions.engineers import FIELDS as ENGINEER_FIELDS
from jieli.network.actions.engineers import engineer_made, skill_set
from jieli.network.actions.outlets import FIELDS as OUTLET_FIELDS
from jieli.network.actions.outlets import area_added, described, outlet_made
from jieli.network.actions.providers import FIELDS as PROVIDER_FIELDS
from jieli.network.actions.writing import apart, cleaned, values_of
from jieli.network.events import (
    AppealDecided,
    LicenceAppealed,
    LicenceBegun,
    LicencePosted,
    OutletSuspended,
    ProviderMade,
    StandingChanged,
)
from jieli.network.models import Document, Engineer, LicenceAppeal, LicencePosting, Outlet, OutletArea, Provider, Skill
from jieli.network.policy import may_bring_network
from jieli.network.queries.standing import lines_of
from jieli.network.rules.licence import Line, Reckoned, additions_in, expires_on, reckon, standing_of
from jieli.people.models import Staff, Unit
from jieli.people.queries import local_date
from jieli.policies.queries import current


@dataclass(frozen=True, slots=True)
class NewProvider:
    """A provider to be: the fields of `make_provider`."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewOutlet:
    """A unit that becomes an outlet: the fields of `make_outlet`, provider by code, areas; suspended when a reason is given."""

    unit_id: int
    values: Mapping[str, Any] = field(default_factory=dict)
    provider: str = ""
    districts: Sequence[str] = ()
    polygon: Mapping[str, Any] | None = None
    suspended_for: str = ""


@dataclass(frozen=True, slots=True)
class NewEngineer:
    """A person who becomes an engineer, with a licence issued on a day: the fields of `make_engineer`, and skills."""

    staff_id: int
    outlet_id: int
    issued_on: date
    values: Mapping[str, Any] = field(default_factory=dict)
    skills: Sequence[tuple[str, int, date | None]] = ()


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A paper of one of the three: the fields of `keep_document`."""

    values: Mapping[str, Any]
    provider: str = ""
    outlet_id: int | None = None
    engineer_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewPosting:
    """Points at a time, or the beginning of a ledger anew (`sets_to`); with an appeal, if any, and how it ended."""

    engineer_id: int
    kind: str
    at: datetime
    source: str
    case_id: int | None = None
    note: str = ""
    sets_to: int | None = None
    appeal: "NewAppeal | None" = None


@dataclass(frozen=True, slots=True)
class NewAppeal:
    """An appeal by a person at a time; decided by another at a time, or still open."""

    by_id: int
    reason: str
    at: datetime
    upheld: bool | None = None
    decided_by_id: int | None = None
    decided_at: datetime | None = None
    decision_reason: str = ""


@transaction.atomic
def bring_network(
    *,
    at: datetime,
    actor: Actor,
    providers: Sequence[NewProvider] = (),
    outlets: Sequence[NewOutlet] = (),
    engineers: Sequence[NewEngineer] = (),
    documents: Sequence[NewDocument] = (),
) -> None:
    """Make providers, outlets, engineers and papers at one time.

    Raises NotAllowed, Invalid for an unusable value, and the database's errors for what exists already. Cost: about twenty
    statements.
    """
    require(may_bring_network(actor))
    facts: list[Fact] = []
    by_code = _bring_providers(providers, facts, at)
    _bring_outlets(outlets, by_code, facts, at)
    _bring_engineers(engineers, facts, at)
    _bring_documents(documents, by_code, facts, at)
    append_history([Happened(fact, at) for fact in facts], actor=actor)


def _bring_providers(providers: Sequence[NewProvider], facts: list[Fact], at: datetime) -> dict[str, int]:
    rows = [Provider(changed_at=at, **cleaned(Provider, one.values, allowed=PROVIDER_FIELDS)) for one in providers]
    for row in Provider.objects.bulk_create(rows):
        shown, private = apart(values_of(row, PROVIDER_FIELDS))
        facts.append(
            ProviderMade(company_id=1, provider_id=row.pk, code=row.code, name=row.name, values=shown, private=private)
        )
    return dict(Provider.objects.values_list("code", "pk"))


def _bring_outlets(outlets: Sequence[NewOutlet], providers: Mapping[str, int], facts: list[Fact], at: datetime) -> None:
    units = Unit.objects.in_bulk([one.unit_id for one in outlets])
    rows, areas = [], []
    for one in outlets:
        unit = units[one.unit_id]
        row = Outlet(unit=unit, provider_id=providers.get(one.provider), changed_at=at)
        for name, value in cleaned(Outlet, one.values, allowed=OUTLET_FIELDS).items():
            setattr(row, name, value)
        row.region = row.region or unit.region[:60]
        rows.append(row)
        areas += [described(row, district=district) for district in one.districts]
        if one.polygon is not None:
            areas.append(described(row, polygon=one.polygon))
        facts.append(outlet_made(row))
        if one.suspended_for:
            row.status, row.status_reason, row.status_at = Outlet.Status.SUSPENDED, one.suspended_for[:300], at
            facts.append(OutletSuspended(unit_id=unit.pk, reason=row.status_reason))
    Outlet.objects.bulk_create(rows)
    facts += [area_added(area) for area in OutletArea.objects.bulk_create(areas)]


def _bring_engineers(engineers: Sequence[NewEngineer], facts: list[Fact], at: datetime) -> None:
    policy = current("licence")
    staff = Staff.objects.in_bulk([one.staff_id for one in engineers])
    outlets = Outlet.objects.select_related("unit").in_bulk([one.outlet_id for one in engineers])
    rows, skills, begun = [], [], []
    for one in engineers:
        given = {
            "licence_issued_on": one.issued_on,
            "licence_expires_on": expires_on(one.issued_on, policy.data),
            "level_since": one.issued_on,
            **cleaned(Engineer, one.values, allowed=ENGINEER_FIELDS),
        }
        row = Engineer(
            staff=staff[one.staff_id],
            outlet=outlets[one.outlet_id],
            points=policy.data.full_points,
            changed_at=at,
            **given,
        )
        rows.append(row)
        skills += [Skill(engineer=row, product_line=line, level=level, valid_until=until) for line, level, until in one.skills]
        begun.append(
            LicencePosting(
                engineer=row,
                kind=LicencePosting.Kind.ISSUED,
                sets_to=policy.data.full_points,
                balance=policy.data.full_points,
                source=f"{one.staff_id}",
                policy=policy.version,
                by_kind="system",
                by_name="system",
                at=at,
            )
        )
    Engineer.objects.bulk_create(rows)
    facts += [engineer_made(row, row.outlet) for row in rows]
    facts += [_begun(posting, posting.engineer.licence_expires_on) for posting in LicencePosting.objects.bulk_create(begun)]
    facts += [skill_set(skill) for skill in Skill.objects.bulk_create(skills)]


def _begun(posting: LicencePosting, until: date | None) -> LicenceBegun:
    return LicenceBegun(
        staff_id=posting.engineer_id,
        posting_id=posting.pk,
        kind=posting.kind,
        balance=posting.balance,
        expires_on=until,
        policy=posting.policy,
        note=posting.note,
    )


def _bring_documents(documents: Sequence[NewDocument], providers: Mapping[str, int], facts: list[Fact], at: datetime) -> None:
    kinds = current("network").data
    rows = []
    for one in documents:
        clean = cleaned(Document, one.values, allowed=papers.FIELDS)
        kind = kinds.document(str(clean["kind"]))
        if kind is not None:
            clean.setdefault("blocks", kind.blocks)
            clean.setdefault("product_lines", list(kind.product_lines))
            clean.setdefault("service_types", [str(each.value) for each in kind.service_types])
        rows.append(
            Document(
                provider_id=providers.get(one.provider),
                outlet_id=one.outlet_id,
                engineer_id=one.engineer_id,
                made_at=at,
                **clean,
            )
        )
    facts += [papers.document_fact(row, "added") for row in Document.objects.bulk_create(rows)]


@transaction.atomic
def bring_postings(postings: Iterable[NewPosting], *, actor: Actor) -> list[LicencePosting]:
    """Post points at their times to the ledgers of many engineers, with appeals and their decisions, and settle the standings.

    A fact that has posted before (same kind and source) is left out. Raises NotAllowed, Engineer.DoesNotExist. Cost: about ten
    statements.
    """
    require(may_bring_network(actor))
    wanted = sorted(postings, key=lambda one: one.at)
    known = set(LicencePosting.objects.filter(source__in=[one.source for one in wanted]).values_list("kind", "source"))
    fresh = [one for one in wanted if (one.kind, one.source) not in known]
    ids = {one.engineer_id for one in fresh}
    engineers = {one.pk: one for one in Engineer.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")}
    missing = ids - engineers.keys()
    if missing:
        raise Engineer.DoesNotExist(f"no engineer {min(missing)}")
    ledgers: dict[int, _Ledger] = {engineer_id: _Ledger(engineer) for engineer_id, engineer in engineers.items()}
    for posting in LicencePosting.objects.filter(engineer__in=ids).select_related("appeal").order_by("pk"):
        ledgers[posting.engineer_id].lines += lines_of([posting])
    rows = [ledgers[one.engineer_id].post(one, actor) for one in fresh]
    LicencePosting.objects.bulk_create(rows)
    _appeal([(row, one.appeal) for row, one in zip(rows, fresh, strict=True) if one.appeal is not None], ledgers)
    for ledger in ledgers.values():
        ledger.settle()
    Engineer.objects.bulk_update(engineers.values(), ["points", "revoked_at", "licence_expires_on"], batch_size=500)
    happened = [one for ledger in ledgers.values() for one in ledger.happened()]
    append_history(sorted(happened, key=lambda one: one.at), actor=actor)
    return rows


def _appeal(appealed: Sequence[tuple[LicencePosting, NewAppeal]], ledgers: "Mapping[int, _Ledger]") -> None:
    rows = []
    for posting, one in appealed:
        row = LicenceAppeal(
            posting=posting, reason=one.reason, by_id=one.by_id, made_at=one.at, decide_until=one.at + timedelta(days=1)
        )
        if one.upheld is not None and one.decided_at is not None:
            row.decision = LicenceAppeal.Decision.UPHELD if one.upheld else LicenceAppeal.Decision.REFUSED
            row.decided_by_id, row.decided_at, row.decision_reason = one.decided_by_id, one.decided_at, one.decision_reason
        rows.append(row)
    for row in LicenceAppeal.objects.bulk_create(rows):
        ledgers[row.posting.engineer_id].appeals.append(row)


class _Ledger:
    """The ledger of one engineer while postings are brought in: its lines so far, what happened and when."""

    def __init__(self, engineer: Engineer) -> None:
        self.engineer = engineer
        self.policy = current("licence")
        self.lines: list[Line] = []
        self.rows: list[tuple[LicencePosting, int]] = []
        self.appeals: list[LicenceAppeal] = []
        self._facts: list[Happened] = []

    def post(self, one: NewPosting, actor: Actor) -> LicencePosting:
        """Return the row of a posting, its balance reckoned as if no appeal of these had been upheld yet."""
        data = self.policy.data
        points = 0 if one.sets_to is not None else data.points.of(one.kind)
        self.lines.append(Line(points, one.at, one.sets_to))
        row = LicencePosting(
            engineer=self.engineer,
            kind=one.kind,
            points=points,
            sets_to=one.sets_to,
            balance=reckon(self.lines, data).points,
            case_id=one.case_id,
            source=one.source,
            note=one.note[:300],
            policy=self.policy.version,
            by_kind=actor.kind,
            by_id=None if actor.is_internal else actor.id,
            by_name=actor.name[:120] if actor.is_internal else "",
            at=one.at,
        )
        self.rows.append((row, len(self.lines) - 1))
        if one.sets_to is not None:
            self.engineer.licence_expires_on = expires_on(local_date(one.at), data)
        return row

    def settle(self) -> None:
        """Go through postings and decisions in the order of their times; note each change of the standing."""
        data, place_of = self.policy.data, {row.pk: place for row, place in self.rows}
        steps: list[tuple[datetime, LicencePosting | LicenceAppeal]] = [(row.at, row) for row, _place in self.rows]
        steps += [(one.decided_at, one) for one in self.appeals if one.decided_at is not None]
        first = min((place for _row, place in self.rows), default=len(self.lines))
        told = self.lines[:first]
        later = list(self.lines)
        code = self._code(told, steps[0][0]) if steps else "normal"
        for at, step in sorted(steps, key=lambda one: one[0]):
            if isinstance(step, LicencePosting):
                told.append(later[place_of[step.pk]])
                fact: Fact = self._posted(step)
            else:
                place = place_of[step.posting_id]
                if step.decision == LicenceAppeal.Decision.UPHELD:
                    told[place] = replace(told[place], is_annulled=True)
                fact = self._decided(step, reckon(told, data).points)
            self._facts.append(Happened(fact, at))
            new = self._code(told, at)
            if new != code:
                change = StandingChanged(staff_id=self.engineer.pk, old=code, new=new, points=reckon(told, data).points)
                self._facts.append(Happened(change, at))
                code = new
        reckoned: Reckoned = reckon(told, data)
        self.engineer.points, self.engineer.revoked_at = reckoned.points, reckoned.revoked_at
        self._facts += [Happened(self._appealed(one), one.made_at) for one in self.appeals]

    def happened(self) -> list[Happened]:
        """Return the facts with their times."""
        return self._facts

    def _code(self, lines: Sequence[Line], at: datetime) -> str:
        data = self.policy.data
        additions = additions_in(lines, at=at, policy=data)
        return standing_of(points=reckon(lines, data).points, additions=additions, policy=data).code

    def _posted(self, row: LicencePosting) -> Fact:
        if row.sets_to is not None:
            return _begun(row, expires_on(local_date(row.at), self.policy.data))
        return LicencePosted(
            staff_id=row.engineer_id,
            posting_id=row.pk,
            kind=row.kind,
            points=row.points,
            balance=row.balance,
            case_id=row.case_id,
            source=row.source,
            policy=row.policy,
            note=row.note,
        )

    def _appealed(self, one: LicenceAppeal) -> Fact:
        return LicenceAppealed(
            staff_id=self.engineer.pk,
            posting_id=one.posting_id,
            appeal_id=one.pk,
            kind=one.posting.kind,
            reason=one.reason,
        )

    def _decided(self, one: LicenceAppeal, balance: int) -> Fact:
        return AppealDecided(
            staff_id=self.engineer.pk,
            posting_id=one.posting_id,
            appeal_id=one.pk,
            kind=one.posting.kind,
            decision=one.decision,
            balance=balance,
            reason=one.decision_reason,
        )
