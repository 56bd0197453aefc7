"""The proof that the steps of a finished visit are those that its event vouches for."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection

from jieli.cases.queries.verifying import Finding
from jieli.cases.rules.numbers import case_number
from jieli.visits.models import Photo, Visit

AT_ONCE = 500

_RULES: dict[str, tuple[str, str]] = {
    "visits_finished_told": (
        "the visit is finished otherwise than its event tells",
        """select v.case_id from visits_visit v
           left join events_event e on e.stream = 'case' and e.stream_id = v.case_id and e.type = 'visits.finished'
             and (e.data ->> 'visit')::int = v.number
           where v.state = 'finished' and (e.id is null or e.data ->> 'digest' <> v.digest
             or (e.data ->> 'steps_complete')::boolean <> v.steps_complete)""",
    ),
    "visits_not_fixed_goes_on": (
        "not fixed, and nobody has promised when it goes on",
        """select w.case_id from visits_visitorder o join orders_workorder w on w.id = o.order_id
           join cases_case c on c.id = w.case_id
           where o.result = 'not_fixed' and w.finished_at is null and w.cancelled_at is null
             and c.status in ('open', 'waiting')
             and not exists (select from cases_promise p where p.case_id = c.id and p.ended_at is null)""",
    ),
    "visits_photo_is_evidence": (
        "the digest of a photo is not that of its evidence",
        """select o.case_id from visits_photo p join files_evidence f on f.id = p.evidence_id
           join orders_workorder o on o.id = p.order_id where f.sha256 <> p.sha256 or f.case_id <> o.case_id""",
    ),
}


def digest_of(visit: Visit, photos: Mapping[UUID, str] | None = None) -> str:
    """Return the SHA-256 over what was done at a visit; `photos` are their digests by name, when they were read already."""
    return digest_over(done_at(visit, photos))


def digest_over(done: Mapping[str, Any]) -> str:
    """Return the SHA-256 over what was done, in one form."""
    return sha256(one_form(done).encode()).hexdigest()


def one_form(done: Mapping[str, Any]) -> str:
    """Return what was done as JSON in the form over which it is digested: keys in order, no spaces."""
    return json.dumps(done, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def done_at(visit: Visit, photos: Mapping[UUID, str] | None = None) -> dict[str, Any]:
    """Return what was done at a visit as JSON: steps, photos, tests, signatures, results."""
    steps = sorted(visit.steps.all(), key=lambda row: row.code)
    named = {photo for row in steps for photo in row.photos}
    if photos is None:
        photos = dict(Photo.objects.filter(client_id__in=named).values_list("client_id", "sha256")) if named else {}
    return {
        "visit": [visit.case_id, visit.number, visit.standard],
        "steps": [
            [row.code, row.state, row.records, sorted(map(str, row.photos)), row.reason, row.at.isoformat()] for row in steps
        ],
        "photos": {str(name): photos[name] for name in named if name in photos},
        "safety": [
            [str(one.voltage), str(one.earth_ohm), one.earth_ok, one.socket_ok, one.is_passed, one.is_risk_signed]
            for one in sorted(visit.safety_tests.all(), key=lambda one: (one.at, one.pk))
        ],
        "signatures": [one.strokes for one in sorted(visit.signatures.all(), key=lambda one: (one.at, one.pk))],
        "results": [[one.order_id, one.result, one.reason] for one in sorted(visit.orders.all(), key=lambda one: one.order_id)],
    }


def findings() -> Iterator[Finding]:
    """Yield what does not hold about visits; nothing on a sound database. Reads every visit once, in pieces."""
    for name, (reason, sql) in _RULES.items():
        with connection.cursor() as cursor:
            cursor.execute(f"select * from ({sql}) found(case_id) order by 1 limit 20")  # noqa: S608  # made of constants
            for (case_id,) in cursor.fetchall():
                yield Finding(name, case_number(case_id), reason)
    yield from _changed()


def _changed() -> Iterator[Finding]:
    """Yield the finished visits whose steps are other than when they were finished; what was erased is left out."""
    last = 0
    while True:
        found = Visit.objects.filter(pk__gt=last, state=Visit.State.FINISHED, case__erased_at__isnull=True).order_by("pk")
        visits = list(found.prefetch_related("steps", "safety_tests", "signatures", "orders")[:AT_ONCE])
        if not visits:
            return
        named = {photo for visit in visits for row in visit.steps.all() for photo in row.photos}
        photos = dict(Photo.objects.filter(client_id__in=named).values_list("client_id", "sha256")) if named else {}
        for visit in visits:
            if digest_of(visit, photos) != visit.digest:
                where = f"{case_number(visit.case_id)} visit {visit.number}"
                yield Finding("visits_steps_unchanged", where, "what was done was changed after the visit was finished")
        last = visits[-1].pk
