"""What is counted of a month: the one place for grades and indicators (spec 6, Monthly grade; spec 8, The six indicators).

What is dated after the parameter `cut_off` is unknown.
"""

from collections.abc import Mapping

FINISHED = "o.finished_at >= %(since)s and o.finished_at < %(until)s"
"""Which orders are of the month: finished from `since` until before `until`."""

OF_FINISHED: Mapping[str, str] = {
    "finished": "true",
    "satisfied": "o.callback_at <= %(cut_off)s and o.callback_result = 'satisfied'",
    "reached": "o.callback_at <= %(cut_off)s and o.callback_result in ('satisfied', 'dissatisfied')",
    "unreached": "o.callback_at <= %(cut_off)s and o.callback_result = 'unreached'",
    "kept": "o.arrived_at <= o.promised_until and o.arrived_at <= %(cut_off)s",
    "promised": "o.promised_until is not null",
    "fixed": "o.service_type = 'repair' and o.fixed_first",
    "repairs": "o.service_type = 'repair'",
    "informed": "o.reported_at <= o.finished_at + %(informed_within)s::interval and o.reported_at <= %(cut_off)s",
    "misjudged": "o.lab_at <= %(cut_off)s and o.lab_finding in ('no_fault', 'wrong_part')",
    "inspected": "o.lab_at <= %(cut_off)s and o.lab_finding <> ''",
    "parts": "o.part <> ''",
    "parts_used": "o.part <> '' and o.in_warranty and o.part_returned_at <= %(cut_off)s and o.lab_at <= %(cut_off)s"
    " and o.lab_finding = 'confirmed'",
    "delighted": "o.delight or o.information_accepted",
}
"""Which of the finished orders count, by what they count as."""

DISPATCHED = (
    "o.dispatched_at < %(until)s and (o.dispatched_at >= %(since)s or o.finished_at is null or o.finished_at >= %(since)s)"
    " and (o.cancelled_at is null or o.cancelled_at >= %(since)s)"
)
"""Which orders the backlog is measured on: dispatched in the month, or before and open at its start, not called off before."""

OVERDUE = (
    "o.promised_until < %(until)s and (o.finished_at is null or o.finished_at >= %(until)s)"
    " and (o.cancelled_at is null or o.cancelled_at >= %(until)s)"
)
"""Which of them are overdue: unfinished and past their promise at the month's end, whether somebody has arrived or not."""

COMPLAINED = "c.opened_at >= %(since)s and c.opened_at < %(until)s"
"""Which complaints are of the month: opened in it, upheld or not."""

_COUNTS = ",\n    ".join(f"count(*) filter (where {condition}) as {name}" for name, condition in OF_FINISHED.items())


def facts(orders: str = "", complaints: str = "") -> str:
    """Return the parts `fact`, `backlog` and `complained` of a statement, one row per outlet that has any.

    `orders` and `complaints` are further conditions, each with its ``and``, on the rows `o` and `c`.
    """
    return f"""
fact as materialized (
  select o.outlet_id, {_COUNTS},
    count(*) filter (where o.delight) + count(*) filter (where o.information_accepted) as bonuses
  from orders_workorder o where {FINISHED} {orders} group by o.outlet_id
),
backlog as materialized (
  select o.outlet_id, count(*) as dispatched, count(*) filter (where {OVERDUE}) as overdue
  from orders_workorder o where {DISPATCHED} {orders} group by o.outlet_id
),
complained as materialized (
  select c.outlet_id, count(*) as complaints, count(*) filter (where c.upheld) as upheld
  from complaints_complaint c where {COMPLAINED} {complaints} group by c.outlet_id
)
"""  # noqa: S608  # made of constants
