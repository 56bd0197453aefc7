"""The month end as SQL: the parts of which previews, decisions and lists of lines are put together.

`LINES` gives one row per order looked at, `line`; `FACTS` what the grade counts. Everything is set-based; the gates are small
numbers: 0 passes, 1 waits, 2 fails, and a gate is named by its place in `GATES`, from 1.
"""

from jieli.settlement.queries.facts import facts

GATES = ("steps", "callback", "genuine", "repeat", "return", "lab", "rate")

_LATE = """
    select h.order_id from settlement_line h
    where h.run_id = %(last_run)s and h.decision = 'held' and h.decision <> 'payable'
    union select f.order_id from settlement_leftopen f where f.run_id = %(last_run)s
    union select i.id from orders_workorder i where i.id > %(last_order)s and i.finished_at < %(last_until)s
    union select c.id from orders_workorder c where c.changed_at is not null
  """

FOR_MILLIONS = "set local work_mem = '256MB'; set local enable_mergejoin = off"
"""Sorts and hashes stay in memory; without statistics on the rates they would be joined by sorting all orders."""

_ORDER = """
  select o.id, o.number, o.outlet_id, o.device_id, o.product_line, o.service_type, o.fault_group, o.in_warranty, o.distance_km,
    o.night, o.holiday, o.high_floor, o.finished_at, o.steps_complete, o.part, o.part_returned_at, o.lab_finding, o.lab_at,
    o.callback_result, o.callback_at, o.callback_excused, o.changed_at
  from orders_workorder o join network_outlet n on n.unit_id = o.outlet_id
"""
_UNDECIDED = """not exists (
    select from settlement_line l
    where l.order_id = o.id and l.held_in = 0 and l.run_id <= %(last_run)s)"""

# Paid repairs are those of the lines, as they were known when they were decided. For pairs of this month alone they lie in the
# lines of the latest runs; to those of older pairs, few, the facts of an order lead that has not changed since.
# The fee of an order is found by equality: its table by the days on which tables begin, and its cell between any two distances
# at which some band ends.
# What was finished after the month of the latest run cannot be decided yet, unless its time was changed. Of what was finished
# before, undecided can only be what the latest run held, what it saw unfinished, what came in since, and what was changed: so a
# run costs what its month costs, not what all history does.
LINES = f"""
rate as materialized (
  select * from unnest(%(rate_place)s::int[], %(rate_cell)s::int[], %(rate_line)s::text[], %(rate_type)s::text[],
    %(rate_warranty)s::boolean[], %(rate_fee)s::numeric[]) as r (place, cell, product_line, service_type, in_warranty, fee)
),
undecided as (
  {_ORDER} where o.finished_at >= %(last_until)s and o.finished_at < %(until)s and o.changed_at is null
  union all
  {_ORDER} where o.finished_at >= %(last_until)s and o.finished_at < %(until)s and o.changed_at is not null and {_UNDECIDED}
  union all
  {_ORDER} where o.finished_at < %(last_until)s and o.finished_at < %(until)s and {_UNDECIDED} and o.id in ({_LATE})
),
judged as (
  select o.*, r.place as rate_place, r.fee as rate_fee,
    case when o.service_type = 'repair' and o.fault_group <> '' then o.device_id end as repaired_device,
    case when o.steps_complete then 0 when o.steps_complete is null then 1 else 2 end as steps,
    case when o.callback_at is null or o.callback_at > %(cut_off)s then 1
      when o.callback_result = 'dissatisfied' and not o.callback_excused then 2 else 0 end as callback,
    case when d.genuine then 0 when d.genuine is null then 1 else 2 end as genuine,
    case when o.part = '' or o.in_warranty is not true or o.part_returned_at <= %(cut_off)s then 0
      when o.finished_at < %(return_since)s then 2 else 1 end as returned,
    case when o.part = '' or o.in_warranty is not true then 0
      when o.lab_at is null or o.lab_at > %(cut_off)s then 1
      when o.lab_finding = 'confirmed' then 0 else 2 end as lab
  from undecided o
  left join customers_device d on d.id = o.device_id
  left join rate r on r.place = width_bucket(o.finished_at, %(rate_begins)s::timestamptz[])
    and r.cell = width_bucket(o.distance_km, %(rate_ends)s::numeric[])
    and r.product_line = o.product_line and r.service_type = o.service_type and r.in_warranty = o.in_warranty
),
looked as materialized (
  select id, number, outlet_id, finished_at, changed_at, repaired_device, fault_group, rate_place, rate_fee,
    rate_fee + case when night then %(night)s::numeric else 0 end + case when holiday then %(holiday)s::numeric else 0 end
      + case when high_floor then %(high_floor)s::numeric else 0 end as fee,
    case when steps = 2 then 1 when callback = 2 then 2 when genuine = 2 then 3 else 0 end as fails_before,
    case when returned = 2 then 5 when lab = 2 then 6 else 0 end as fails_after,
    case when steps = 1 then 1 when callback = 1 then 2 when genuine = 1 then 3 when returned = 1 then 5 when lab = 1 then 6
      when rate_fee is null then 7 else 0 end as waits
  from judged
),
pair as materialized (
  select repaired_device, fault_group, min(finished_at) as first_at, max(finished_at) as last_at, count(*) as repairs
  from looked where repaired_device is not null group by repaired_device, fault_group
),
paid_before as materialized (
  select l.order_id, o.number, l.outlet_id, l.device_id, l.fault_group, l.finished_at
  from pair p
  join settlement_line l on l.device_id = p.repaired_device and l.fault_group = p.fault_group
    and l.finished_at >= p.first_at - %(repeat_within)s::interval and l.finished_at <= p.last_at
  join orders_workorder o on o.id = l.order_id
  where p.first_at >= %(since)s and l.run_id >= (select min(r.id) from settlement_run r where r.until > %(recent)s)
    and l.run_id <= %(last_run)s
    and l.decision = 'payable' and l.finished_at >= %(recent)s
  union all
  select l.order_id, o.number, l.outlet_id, l.device_id, l.fault_group, l.finished_at
  from pair p
  join orders_workorder o on o.device_id = p.repaired_device and o.fault_group = p.fault_group and o.service_type = 'repair'
    and o.finished_at >= p.first_at - %(repeat_within)s::interval and o.finished_at <= p.last_at
    and o.finished_at < %(last_until)s and o.changed_at is null
  join settlement_line l on l.order_id = o.id and l.held_in = 0 and l.decision = 'payable'
  where p.first_at < %(since)s and l.run_id <= %(last_run)s and %(last_run)s > 0
  union all
  select l.order_id, o.number, l.outlet_id, l.device_id, l.fault_group, l.finished_at
  from orders_workorder o
  join settlement_line l on l.order_id = o.id and l.held_in = 0 and l.decision = 'payable'
  join pair p on l.device_id = p.repaired_device and l.fault_group = p.fault_group
    and l.finished_at >= p.first_at - %(repeat_within)s::interval and l.finished_at <= p.last_at
  where p.first_at < %(since)s and l.run_id <= %(last_run)s and %(last_run)s > 0 and o.changed_at is not null
),
chained as (
  select order_id, is_decided,
    settlement_repeat(order_id, outlet_id, (extract(epoch from finished_at) * 1000000)::bigint, is_clean, is_decided,
        %(repeat_microseconds)s)
      over (partition by device_id, fault_group order by finished_at, number collate "C" rows unbounded preceding) as state
  from (
    select k.id as order_id, k.number, k.outlet_id, k.repaired_device as device_id, k.fault_group, k.finished_at,
      k.fails_before = 0 and k.fails_after = 0 and k.waits = 0 as is_clean, false as is_decided
    from looked k
    join (
      select repaired_device, fault_group from pair where repairs > 1
      union select device_id, fault_group from paid_before
    ) p on p.repaired_device = k.repaired_device and p.fault_group = k.fault_group
    union all
    select b.order_id, b.number, b.outlet_id, b.device_id, b.fault_group, b.finished_at, true, true from paid_before b
  ) repairs
),
repeats as materialized (
  select order_id, state[4] as verdict, state[5] as earlier_id, state[6] as earlier_outlet
  from chained where not is_decided and state[4] <> 0
),
line as (
  select k.id as order_id, k.number, k.outlet_id, k.finished_at, k.changed_at, k.rate_place, k.rate_fee, k.repaired_device,
    k.fault_group, r.verdict, r.earlier_id, r.earlier_outlet, k.fee,
    case when fails_before > 0 then fails_before when r.verdict = 1 then 4 when fails_after > 0 then fails_after
      else waits end as gate,
    fails_before > 0 or r.verdict is not distinct from 1 or fails_after > 0 as is_rejected
  from looked k left join repeats r on r.order_id = k.id
)
"""  # noqa: S608  # made of constants
"""Each order looked at: `gate` 0 is payable, else the gate that rejects or holds it; `verdict` 2 repeats another's repair."""

FACTS = facts()

OUTLETS = """
select u.id, u.code, u.name, n.tier, n.region, coalesce(f.finished, 0),
  coalesce(f.satisfied, 0), coalesce(f.reached, 0), coalesce(f.kept, 0), coalesce(f.promised, 0), coalesce(f.fixed, 0),
  coalesce(f.repairs, 0), coalesce(f.informed, 0), coalesce(f.finished, 0), coalesce(b.overdue, 0), coalesce(b.dispatched, 0),
  coalesce(c.complaints, 0), coalesce(f.finished, 0), coalesce(f.misjudged, 0), coalesce(f.inspected, 0),
  coalesce(f.bonuses, 0) {columns}
from network_outlet n
join people_unit u on u.id = n.unit_id
left join fact f on f.outlet_id = u.id
left join backlog b on b.outlet_id = u.id
left join complained c on c.outlet_id = u.id
{joins}
order by u.code collate "C"
"""
"""One row per known outlet, with the shares as pairs in the order of the parts."""

TOTALS = """
total as materialized (
  select outlet_id, count(*) filter (where gate = 0) as payable, count(*) filter (where gate > 0 and not is_rejected) as held,
    count(*) filter (where is_rejected) as rejected, coalesce(sum(fee) filter (where gate = 0), 0) as labour
  from line group by outlet_id
),
charged as materialized (
  select earlier_outlet as outlet_id, sum(fee) as amount from line where gate = 0 and verdict = 2 group by earlier_outlet
),
late as materialized (
  select outlet_id, count(*) as orders from line where finished_at < %(since)s and not exists (
    select from settlement_line l where l.order_id = line.order_id and l.run_id <= %(last_run)s)
  group by outlet_id
)
"""
TOTAL_COLUMNS = """, coalesce(t.payable, 0), coalesce(t.held, 0), coalesce(t.rejected, 0), coalesce(t.labour, 0),
  coalesce(x.amount, 0), coalesce(e.orders, 0)"""
TOTAL_JOINS = """left join total t on t.outlet_id = u.id
left join charged x on x.outlet_id = u.id
left join late e on e.outlet_id = u.id"""


def graded() -> str:
    """Return the statement for the facts of all outlets alone."""
    return f"with {FACTS} {OUTLETS.format(columns='', joins='')}"


def settled(stored: str = "") -> str:
    """Return the statement for facts and totals of all outlets; `stored` is a further part that keeps each `line`."""
    parts = [LINES, *([stored] if stored else []), TOTALS, FACTS]
    return f"with {', '.join(parts)} {OUTLETS.format(columns=TOTAL_COLUMNS, joins=TOTAL_JOINS)}"


_NAMES = "array['" + "', '".join(GATES) + "']"
DECISION = f"""case when line.is_rejected then 'rejected' when line.gate > 0 then 'held' else 'payable' end as decision,
  coalesce(({_NAMES})[line.gate], '') as gate"""
"""The columns that say what becomes of a `line`, in the codes that are kept."""

EXPLAINED = "o.product_line, o.service_type, o.in_warranty, o.distance_km, o.night, o.holiday, o.high_floor"
"""What explains a fee, from the order `o`."""


def listed() -> str:
    """Return the statement for the lines of a calculation, by outlet code and order number."""
    return f"""
with {LINES}
select line.outlet_id, u.code, line.order_id, line.number, {DECISION},
  case when line.gate = 0 then line.fee end, case when line.gate = 0 then line.rate_fee end,
  case when line.gate = 0 then (%(rate_labels)s::text[])[line.rate_place] else '' end,
  coalesce(e.number, ''), coalesce(case when line.gate = 0 and line.verdict = 2 then x.code end, ''), line.finished_at,
  {EXPLAINED}
from line
join people_unit u on u.id = line.outlet_id
join orders_workorder o on o.id = line.order_id
left join orders_workorder e on e.id = line.earlier_id
left join people_unit x on x.id = line.earlier_outlet
where %(outlet)s::bigint is null or line.outlet_id = %(outlet)s
order by u.code collate "C", line.number collate "C"
"""  # noqa: S608  # made of constants
