"""Somebody came: the promise to arrive ends, and with it the times that were given in its place (spec 1, Promises)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from jieli.cases.actions.promises import end_promise, start_promise
from jieli.cases.models import Case, Promise
from jieli.cases.queries.planning import facts_of_case, plan_of_kind
from jieli.cases.rules.promising import BESIDE, Plan
from jieli.events.actor import Actor

ARRIVE = Promise.Kind.ARRIVE
NEXT_REPLY = Promise.Kind.NEXT_REPLY
_NET = "after-breach"


def beside_arrival(plan: Plan) -> Plan:
    """Return a plan of a reply as one that stands beside the promise to arrive: it ends when somebody comes."""
    return replace(plan, facts={**plan.facts, BESIDE: ARRIVE.value})


def end_arrival(case: Case, *, actor: Actor, at: datetime) -> list[Promise]:
    """End the promise to arrive on a locked case, at the instant of arriving; return those to arrive that ended.

    What was promised in its place ends with it, kept or late by its own time: the new time that was given when it was broken
    or was to be broken, and the reply that followed its breach. Who came is the answer. The case keeps a next time.
    """
    ended = list(case.promises.unended().filter(kind=ARRIVE).order_by("id"))
    beside = list(_beside(case, ended))
    for promise in (*ended, *beside):
        end_promise(promise, actor=actor, at=at, case=case)
    if beside and case.status == Case.Status.OPEN and not case.promises.unended().to_customer().exists():
        facts = facts_of_case(case)
        plan = plan_of_kind(NEXT_REPLY, facts, starts="answered") or plan_of_kind(NEXT_REPLY, facts)
        if plan is not None:
            start_promise(case, plan, actor=actor, at=at)
    return ended


def _beside(case: Case, arrivals: list[Promise]) -> Iterator[Promise]:
    broken = [one.breached_at for one in arrivals if one.breached_at is not None]
    followers = {_NET}
    follows = plan_of_kind(NEXT_REPLY, facts_of_case(case), starts="breached")
    if follows is not None:
        followers.add(follows.rule)
    for promise in case.promises.unended().filter(kind=NEXT_REPLY).order_by("id"):
        is_follower = promise.rule in followers and bool(broken) and promise.started_at >= min(broken)
        if is_follower or promise.facts.get(BESIDE) == ARRIVE:
            yield promise
