"""Cases follow their customer when two entries of one customer are merged, and back when that is undone."""

from collections.abc import Sequence

from jieli.cases.events import CustomerMoved
from jieli.cases.models import Case
from jieli.events.actions import record_many
from jieli.events.actor import SYSTEM


def move_cases_of_customer(from_id: int, to_id: int, only: Sequence[int] | None) -> list[int]:
    """Point the cases of one customer (only these, when given) at another, in the merge's transaction; return their ids."""
    cases = Case.objects.filter(customer_id=from_id)
    if only is not None:
        cases = cases.filter(pk__in=list(only))
    ids = list(cases.order_by("id").select_for_update().values_list("pk", flat=True))
    facts = [CustomerMoved(case_id=case_id, from_customer_id=from_id, customer_id=to_id) for case_id in ids]
    record_many(facts, actor=SYSTEM)
    Case.objects.filter(pk__in=ids).update(customer_id=to_id)
    return ids
