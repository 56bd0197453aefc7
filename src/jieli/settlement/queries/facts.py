"""What is counted of a month, per outlet: the one place for grades and indicators (spec 6, Monthly grade; spec 8)."""

_FACTS = """
fact as materialized (
  select o.outlet_id, count(*) as finished,
    count(*) filter (where o.callback_at <= %(cut_off)s and o.callback_result = 'satisfied') as satisfied,
    count(*) filter (where o.callback_at <= %(cut_off)s and o.callback_result in ('satisfied', 'dissatisfied')) as reached,
    count(*) filter (where o.callback_at <= %(cut_off)s and o.callback_result = 'unreached') as unreached,
    count(*) filter (where o.arrived_at <= o.promised_until and o.arrived_at <= %(cut_off)s) as kept,
    count(o.promised_until) as promised,
    count(*) filter (where o.service_type = 'repair' and o.fixed_first) as fixed,
    count(*) filter (where o.service_type = 'repair') as repairs,
    count(*) filter (where o.reported_at <= o.finished_at + %(informed_within)s::interval
      and o.reported_at <= %(cut_off)s) as informed,
    count(*) filter (where o.lab_at <= %(cut_off)s and o.lab_finding in ('no_fault', 'wrong_part')) as misjudged,
    count(*) filter (where o.lab_at <= %(cut_off)s and o.lab_finding <> '') as inspected,
    count(*) filter (where o.part <> '') as parts,
    count(*) filter (where o.part <> '' and o.in_warranty and o.part_returned_at <= %(cut_off)s
      and o.lab_at <= %(cut_off)s and o.lab_finding = 'confirmed') as parts_used,
    count(*) filter (where o.delight or o.information_accepted) as delighted,
    count(*) filter (where o.delight) + count(*) filter (where o.information_accepted) as bonuses
  from visits_workorder o
  where o.finished_at >= %(since)s and o.finished_at < %(until)s {orders}
  group by o.outlet_id
),
backlog as materialized (
  select o.outlet_id, count(*) as dispatched,
    count(*) filter (where o.promised_until < %(until)s and (o.finished_at is null or o.finished_at >= %(until)s)) as overdue
  from visits_workorder o
  where o.dispatched_at < %(until)s
    and (o.dispatched_at >= %(since)s or o.finished_at is null or o.finished_at >= %(since)s) {orders}
  group by o.outlet_id
),
complained as materialized (
  select c.outlet_id, count(*) as complaints, count(*) filter (where c.upheld) as upheld
  from complaints_complaint c
  where c.opened_at >= %(since)s and c.opened_at < %(until)s {complaints} group by c.outlet_id
)
"""


def facts(orders: str = "", complaints: str = "") -> str:
    """Return the parts `fact`, `backlog` and `complained` of a statement, one row per outlet that has any.

    `fact` is of the orders finished from `since` until before `until`, `backlog` of those dispatched and unfinished at its end,
    `complained` of the complaints opened in it; what is dated after `cut_off` is unknown. `orders` and `complaints` are further
    conditions, each with its ``and``, on the rows `o` and `c`.
    """
    return _FACTS.format(orders=orders, complaints=complaints)
