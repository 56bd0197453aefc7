"""Assignment by rule: a case that waits with the duty officer is offered to whom the policy puts first (spec 1, Ownership)."""

from django.db import connection

from jieli.cases import notices
from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.passing import offer_locked
from jieli.cases.actions.telling import tell
from jieli.cases.events import NobodyFound
from jieli.cases.models import Case, Pass
from jieli.cases.policy import may_assign
from jieli.cases.queries.assigning import asked_by, candidates_for, ruling_for, steps_of
from jieli.cases.rules.assigning import choose, turn_after
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.people.models import Staff


@changing
def assign_by_rule(case_id: int, *, after: int, actor: Actor) -> Pass | None:
    """Offer a case to the first whom its rule finds: the answer to the event of the case with sequence `after`.

    None when nothing is to do: somebody took it or was asked meanwhile, it was answered before, no automatic rule fits.
    When the rule finds nobody, the case stays with the duty officer, who is told, and an event says why.

    Raises NotFound, NotAllowed. Cost: about fifteen queries, two more for each candidate who is absent.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    require(actor.is_internal and may_assign(actor, case))
    if case.status not in (Case.Status.OPEN, Case.Status.WAITING) or not case.is_on_duty:
        return None
    if case.pass_offers.filter(state=Pass.State.OFFERED).exists():
        return None
    steps, area = steps_of(case)
    turn = turn_after(steps, after)
    now = clock.now()
    ruling = ruling_for(case, area, now) if turn.is_due else None
    if ruling is None or not ruling.rule.automatic:
        return None
    rule = ruling.rule
    _one_at_a_time(case.unit_id)
    choice = choose(
        candidates_for(case.unit, [role.value for role in rule.roles], now),
        asked_by(case, rule, area),
        rule,
        duty_id=case.owner_id,
        not_again=turn.not_again,
    )
    reasons = choice.reasons(rule, ruling.policy)
    if not choice.order:
        record(NobodyFound(case_id=case.pk, duty_id=case.owner_id, reasons=reasons), actor=actor, at=now)
        tell(case, [case.owner_id], notices.NOBODY_FOUND)
        return None
    receiver = Staff.objects.select_related("unit").get(pk=choice.order[0])
    return offer_locked(case, receiver, actor=actor, at=now, way=Pass.Way.ASSIGN, reasons=reasons)


def _one_at_a_time(unit_id: int) -> None:
    """Let the rules of one unit choose one after the other, so that each sees the load and the turn the last one made.

    Taken after the case's row and before everything else; nothing that holds it waits for another case.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 20401))", [f"assignment in unit {unit_id}"])
