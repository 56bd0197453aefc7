"""One case for the reader: found by its number, with what hangs on it, in pages."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from jieli.cases.models import Case, Message, Pass, Promise, Relation
from jieli.cases.policy import may_write
from jieli.cases.rules.numbers import parse_case_number
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import NotFound
from jieli.people.models import Staff


def visible_case_id(actor: Actor, number: str) -> int:
    """Return the id of a case which the actor may see; raises WrongNumber for a mistyped number, NotFound when hidden."""
    case_id = parse_case_number(number)
    if case_id >= 2**63 or not Case.objects.visible_to(actor).filter(pk=case_id).exists():
        raise NotFound
    return case_id


def visible_case(actor: Actor, case_id: int) -> Case:
    """Return a case with customer, device, unit and the people on it; raises NotFound, also when hidden. One query."""
    related = ("customer", "device", "unit", "owner", "steward", "escort")
    case = Case.objects.visible_to(actor).select_related(*related).filter(pk=case_id).first()
    if case is None:
        raise NotFound
    return case


def kind_of(case_id: int) -> str:
    """Return the kind of a case. One query."""
    return Case.objects.values_list("kind", flat=True).get(pk=case_id)


def sees_case(actor: Actor, case_id: int) -> bool:
    """Tell whether the actor sees a case, and so its files. One query."""
    return Case.objects.visible_to(actor).filter(pk=case_id).exists()


def adds_to_case(actor: Actor, case_id: int) -> bool:
    """Tell whether the actor may add to a case: whoever sees it and may write on it. One query."""
    case = Case.objects.visible_to(actor).filter(pk=case_id).first()
    return case is not None and may_write(actor, case)


def customers_of(actor: Actor) -> "QuerySet[Any, Any]":
    """Return the customers of the cases which the actor sees, as a query of their ids."""
    return Case.objects.visible_to(actor).values("customer_id")


def promises_of(case_id: int) -> list[Promise]:
    """Return the promises of a case: running ones first, the most urgent first of all, then the ended, newest first."""
    found = Promise.objects.filter(case_id=case_id).order_by("id")
    running = sorted((one for one in found if one.is_running), key=lambda one: (one.due_at, one.pk))
    return running + [one for one in reversed(found) if not one.is_running]


def pending_pass(case_id: int) -> Pass | None:
    """Return the offer that waits for its answer, or None."""
    pending = Pass.objects.select_related("giver", "receiver").filter(case_id=case_id, state=Pass.State.OFFERED)
    return pending.first()


def passes_of(case_id: int) -> list[Pass]:
    """Return all offers of a case, oldest first. One query."""
    return list(Pass.objects.select_related("giver", "receiver").filter(case_id=case_id).order_by("id"))


def passes_to(actor: Actor) -> list[Pass]:
    """Return the offers that wait for this person's answer, oldest first, at most 200. One query."""
    waiting = Pass.objects.select_related("giver", "receiver").filter(receiver_id=actor.id, state=Pass.State.OFFERED)
    return list(waiting.order_by("offered_at", "id")[:200])


def visible_pass(actor: Actor, pass_id: int) -> Pass:
    """Return an offer of a case which the actor may see; raises NotFound."""
    offer = Pass.objects.select_related("giver", "receiver").filter(pk=pass_id).first()
    if offer is None or not Case.objects.visible_to(actor).filter(pk=offer.case_id).exists():
        raise NotFound
    return offer


def whole_pass(pass_id: int) -> Pass:
    """Return an offer with its giver and receiver, for the answer to somebody who just acted on it. One query."""
    return Pass.objects.select_related("giver", "receiver").get(pk=pass_id)


def messages_after(case_id: int, after: int, limit: int) -> list[Message]:
    """Return messages of a case in their order, from the one after an id, one more than `limit` when there are more."""
    return list(Message.objects.filter(case_id=case_id, pk__gt=after).order_by("id")[: limit + 1])


def events_after(case_id: int, after: int, limit: int) -> list[Event]:
    """Return events of a case with their texts, from the one after a sequence, one more than `limit` when there are more."""
    found = Event.objects.of_case(case_id).filter(sequence__gt=after).prefetch_related("texts")
    return list(found[: limit + 1])


def relations_of(case_id: int) -> list[Relation]:
    """Return the ties from and to a case, oldest first. One query."""
    return list((Relation.objects.filter(case_id=case_id) | Relation.objects.filter(other_id=case_id)).order_by("id")[:500])


def names_of(staff_ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """Return code and name of staff by id. One query."""
    wanted = {one for one in staff_ids if one is not None}
    rows = Staff.objects.filter(pk__in=wanted).values_list("pk", "code", "name") if wanted else ()
    return {pk: (code, name) for pk, code, name in rows}
