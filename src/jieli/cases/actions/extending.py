"""Further steps of a case that was imported before: added, and followed as far as nobody has worked on it here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from jieli.cases.actions.past import STEP_TYPES, Brought, PastCase, PastStep, copy_rows, fact_of, message_of, next_plan
from jieli.cases.actions.promises import end_promise, start_promise
from jieli.cases.models import Case, HeldBy, Promise
from jieli.cases.models.because import Because
from jieli.cases.queries.planning import facts_of_case
from jieli.cases.rules.history import ENDED, changes, last_state, reopenings
from jieli.events.actions import Happened, append_history, reserve_ids
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.lib import clock
from jieli.policies.queries import current


def known_marks(case_ids: Iterable[int]) -> dict[int, Counter[str]]:
    """Return how often each case has a step of each mark. One query."""
    rows = Event.objects.filter(stream="case", stream_id__in=list(case_ids), type__in=STEP_TYPES)
    found: dict[int, Counter[str]] = {}
    for case_id, mark in rows.values_list("stream_id", "data__mark"):
        found.setdefault(case_id, Counter())[mark] += 1
    return found


def extend_case(case_id: int, one: PastCase, *, marks: Counter[str], actor: Actor) -> Brought:
    """Add the steps whose marks the case lacks; `import_cases` asks who may. Cost: nothing when it lacks none."""
    left = marks.copy()
    missing: list[PastStep] = []
    for step in one.steps:
        if left[step.mark]:
            left[step.mark] -= 1
        else:
            missing.append(step)
    unchanged = len(one.steps) - len(missing)
    if not missing:
        return Brought(unchanged=unchanged)
    case = Case.objects.select_related("unit", "customer").lock(case_id)
    is_ours = Event.objects.of_case(case_id).filter(actor_kind__in=("staff", "customer")).exists()
    _append(case, one, missing, actor, is_ours=is_ours)
    if not is_ours:
        _settle(case, actor, clock.now())
    return Brought(extended=1, events=len(missing), unchanged=unchanged)


def _append(case: Case, one: PastCase, steps: Sequence[PastStep], actor: Actor, *, is_ours: bool) -> None:
    """Chain the steps; the later ones in time move the case on, unless it is worked on here."""
    happened: list[Happened] = []
    messages = []
    owner_event: int | None = None
    latest = _latest(case)
    for step in steps:
        # A step that came late but happened early is history only, as is any step of a case that is worked on here.
        moves_on = not is_ours and step.at >= latest
        here = (case.owner_id, case.unit_id)
        there = (step.owner_id, step.unit_id)
        happened.append(Happened(fact_of(case.pk, one, step, before=here if moves_on else there), step.at))
        if moves_on and there != here:
            owner_event = len(happened) - 1
            if step.unit_id != case.unit_id:
                HeldBy.objects.bulk_create([HeldBy(case_id=case.pk, unit_id=case.unit_id)], ignore_conflicts=True)
            case.owner_id, case.unit_id, case.is_on_duty = step.owner_id, step.unit_id, step.is_on_duty
        if step.text:
            row, fact = message_of(reserve_ids("cases_message", 1)[0], case.pk, case.customer_id, step)
            messages.append(row)
            happened.append(Happened(fact, step.at))
    ids = append_history(happened, actor=actor)
    copy_rows("cases_message", messages)
    if owner_event is not None:
        case.owner_event_id = ids[owner_event]


def _latest(case: Case) -> datetime:
    steps = Event.objects.of_case(case.pk).filter(type__in=STEP_TYPES)
    return steps.order_by("-at").values_list("at", flat=True).first() or case.opened_at


def _settle(case: Case, actor: Actor, now: datetime) -> None:
    """Bring the row of an extended case to what all its steps come to, with the promises that go with it."""
    steps = list(
        Event.objects.filter(stream="case", stream_id=case.pk, type__in=STEP_TYPES)
        .order_by("at", "sequence")
        .values_list("at", "data")
    )
    states = [data.get("state", "") for _at, data in steps]
    state = last_state(states)
    was, case.status = case.status, "open" if state == "waiting" else state
    has_ended = case.status in ENDED
    handed = max((data["handovers"] for _at, data in steps if "handovers" in data), default=None)
    reopened = max((data["reopenings"] for _at, data in steps if "reopenings" in data), default=None)
    case.passes = changes(data.get("holder", "") for _at, data in steps) if handed is None else handed
    case.reopened = reopenings(states) if reopened is None else reopened
    case.opened_at = steps[0][0]
    case.resolved_at = max((at for at, data in steps if data.get("state") in ("resolved", "closed")), default=None)
    case.closed_at = max(at for at, data in steps if data.get("state") in ENDED) if has_ended else None
    if has_ended:
        case.stage = current("routes").data.of(case.kind).stages[-1].code.value
    case.save()
    if case.status != was:
        _change_promises(case, actor, now, has_ended=has_ended)


def _change_promises(case: Case, actor: Actor, now: datetime, *, has_ended: bool) -> None:
    running = list(Promise.objects.unended().filter(case=case))
    if not has_ended:
        plan = next_plan(facts_of_case(case), case.status, now)
        if plan.kind in {promise.kind for promise in running}:
            return
        start_promise(case, plan, actor=actor, at=now, by_import=True)
    for promise in running:
        end_promise(promise, actor=actor, at=now, case=case, cancelled_because=Because.CHANGED_IN_SOURCE)
