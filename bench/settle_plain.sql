-- The month by hand: what `jieli settle 2026-10` decides, as plain SQL for one known company and one month, kept in two tables.
create schema if not exists plain;
set search_path = plain, public;
set work_mem = '256MB';
set max_parallel_workers_per_gather = 2;
drop table if exists plain_line, plain_result, plain_judged, plain_repeat, plain_rate;

create temp table plain_rate as
select b.label, b.since, r.*
from (select body ->> 'table' as label, ((body ->> 'valid_from') || ' 00:00+08')::timestamptz as since, body
      from policies_policyversion where name = 'rates' and started) b,
  lateral jsonb_to_recordset(b.body -> 'rates')
    as r (product_line text, service_type text, in_warranty boolean, from_km numeric, to_km numeric, fee_amount numeric);
alter table plain_rate add until timestamptz;
update plain_rate r set until = coalesce((select min(o.since) from plain_rate o where o.since > r.since), 'infinity');
analyze plain_rate;

create temp table plain_judged as
select o.id, o.number, o.outlet_id, o.finished_at, r.label,
  r.fee_amount + case when o.night then 20.00 else 0 end + case when o.holiday then 30.00 else 0 end
    + case when o.high_floor then 10.00 else 0 end as fee,
  case when o.service_type = 'repair' and o.fault_group <> '' then o.device_id end as device_id, o.fault_group,
  case when o.steps_complete = false then 1
    when o.callback_at <= '2026-11-08 00:00+08' and o.callback_result = 'dissatisfied' then 2
    when d.genuine = false then 3 else 0 end as fails_before,
  case when o.part <> '' and o.in_warranty then
    case when not coalesce(o.part_returned_at <= '2026-11-08 00:00+08', false)
        and o.finished_at < timestamptz '2026-11-08 00:00+08' - interval '2160 hours' then 5
      when o.lab_at <= '2026-11-08 00:00+08' and o.lab_finding <> 'confirmed' then 6 else 0 end
    else 0 end as fails_after,
  case when o.steps_complete is null then 1
    when not coalesce(o.callback_at <= '2026-11-08 00:00+08', false) then 2
    when d.genuine is null then 3
    when o.part <> '' and o.in_warranty and not coalesce(o.part_returned_at <= '2026-11-08 00:00+08', false) then 5
    when o.part <> '' and o.in_warranty and not coalesce(o.lab_at <= '2026-11-08 00:00+08', false) then 6
    when r.fee_amount is null then 7 else 0 end as waits
from orders_workorder o
left join customers_device d on d.id = o.device_id
left join plain_rate r on r.product_line = o.product_line and r.service_type = o.service_type and r.in_warranty = o.in_warranty
  and o.finished_at >= r.since and o.finished_at < r.until
  and o.distance_km >= r.from_km and (r.to_km is null or o.distance_km < r.to_km)
where o.finished_at < '2026-11-01 00:00+08'
  and not exists (select from settlement_line l where l.order_id = o.id and l.decision <> 'held');
analyze plain_judged;

create temp table plain_repeat (order_id bigint, verdict int, earlier_outlet bigint);
do $$
declare
  o record;
  device bigint := 0; fault text := ''; latest_outlet bigint := 0; latest_at timestamptz; verdict int;
begin
  for o in
    select j.id, j.outlet_id, j.device_id, j.fault_group, j.finished_at, j.fails_before + j.fails_after + j.waits = 0 as is_clean
    from plain_judged j
    join (select device_id, fault_group from plain_judged where device_id is not null
          group by device_id, fault_group having count(*) > 1) p
      on p.device_id = j.device_id and p.fault_group = j.fault_group
    order by j.device_id, j.fault_group, j.finished_at, j.number collate "C"
  loop
    if o.device_id <> device or o.fault_group <> fault then
      device := o.device_id; fault := o.fault_group; latest_outlet := 0; latest_at := null;
    end if;
    verdict := 0;
    if latest_at is not null and o.finished_at - latest_at <= interval '2160 hours' then
      verdict := case when latest_outlet = o.outlet_id then 1 else 2 end;
      insert into plain_repeat values (o.id, verdict, latest_outlet);
    end if;
    if o.is_clean and verdict <> 1 then
      latest_outlet := o.outlet_id; latest_at := o.finished_at;
    end if;
  end loop;
end $$;
analyze plain_repeat;

create table plain_line (order_id bigint not null, held_in bigint not null, outlet_id bigint not null, decision text not null,
  gate text, fee_amount numeric(12, 2), rate text, charged_outlet bigint, primary key (order_id, held_in));
create index on plain_line (outlet_id);
insert into plain_line
select j.id, case when fails_before = 0 and r.verdict is distinct from 1 and fails_after = 0 and waits > 0 then 1 else 0 end, j.outlet_id,
  case when fails_before > 0 or r.verdict = 1 or fails_after > 0 then 'rejected' when waits > 0 then 'held' else 'payable' end
    as decision,
  (array['steps', 'callback', 'genuine', 'repeat', 'return', 'lab', 'rate'])[
    case when fails_before > 0 then fails_before when r.verdict = 1 then 4 when fails_after > 0 then fails_after else waits end]
    as gate,
  case when fails_before + fails_after + waits = 0 and r.verdict is distinct from 1 then j.fee end as fee_amount,
  case when fails_before + fails_after + waits = 0 and r.verdict is distinct from 1 then j.label end as rate,
  case when fails_before + fails_after + waits = 0 and r.verdict = 2 then r.earlier_outlet end as charged_outlet
from plain_judged j left join plain_repeat r on r.order_id = j.id;
analyze plain_line;

create table plain_result as
with fact as (
  select o.outlet_id, count(*) as finished,
    count(*) filter (where callback_at <= '2026-11-08 00:00+08' and callback_result = 'satisfied')::numeric as satisfied,
    count(*) filter (where callback_at <= '2026-11-08 00:00+08' and callback_result in ('satisfied', 'dissatisfied')) as reached,
    count(*) filter (where arrived_at <= promised_until and arrived_at <= '2026-11-08 00:00+08')::numeric as kept,
    count(promised_until) as promised,
    count(*) filter (where service_type = 'repair' and fixed_first)::numeric as fixed,
    count(*) filter (where service_type = 'repair') as repairs,
    count(*) filter (where reported_at <= finished_at + interval '24 hours' and reported_at <= '2026-11-08 00:00+08')::numeric
      as informed,
    count(*) filter (where lab_at <= '2026-11-08 00:00+08' and lab_finding in ('no_fault', 'wrong_part'))::numeric as misjudged,
    count(*) filter (where lab_at <= '2026-11-08 00:00+08' and lab_finding <> '') as inspected,
    count(*) filter (where delight) + count(*) filter (where information_accepted) as bonuses
  from orders_workorder o where finished_at >= '2026-10-01 00:00+08' and finished_at < '2026-11-01 00:00+08' group by outlet_id
), backlog as (
  select outlet_id, count(*) as dispatched, count(*) filter (where promised_until < '2026-11-01 00:00+08'
    and (finished_at is null or finished_at >= '2026-11-01 00:00+08'))::numeric as overdue
  from orders_workorder
  where dispatched_at < '2026-11-01 00:00+08'
    and (dispatched_at >= '2026-10-01 00:00+08' or finished_at is null or finished_at >= '2026-10-01 00:00+08')
  group by outlet_id
), complained as (
  select outlet_id, count(*)::numeric as complaints from complaints_complaint
  where opened_at >= '2026-10-01 00:00+08' and opened_at < '2026-11-01 00:00+08' group by outlet_id
), scored as (
  select f.outlet_id, n.tier, n.region, round(
      coalesce(35 * greatest(least((satisfied / nullif(reached, 0) - 0.8) / 0.2, 1), 0), 35)
    + coalesce(15 * greatest(least((kept / nullif(promised, 0) - 0.8) / 0.2, 1), 0), 15)
    + coalesce(15 * greatest(least((fixed / nullif(repairs, 0) - 0.8) / 0.2, 1), 0), 15)
    + coalesce(10 * greatest(least((informed / nullif(finished, 0) - 0.8) / 0.2, 1), 0), 10)
    + coalesce(10 * greatest(least((0.05 - overdue / nullif(dispatched, 0)) / 0.05, 1), 0), 10)
    + coalesce(10 * greatest(least((0.01 - coalesce(complaints, 0) / nullif(finished, 0)) / 0.01, 1), 0), 10)
    + coalesce(5 * greatest(least((0.1 - misjudged / nullif(inspected, 0)) / 0.1, 1), 0), 5)
    + least(0.5 * bonuses, 5), 2) as score
  from fact f join network_outlet n on n.unit_id = f.outlet_id
  left join backlog b on b.outlet_id = f.outlet_id left join complained c on c.outlet_id = f.outlet_id
  where finished >= 10
), placed as (
  select outlet_id, case
      when score >= 90 and rank() over best <= floor(0.1 * count(*) over peers) then 1.10
      when score < 75 and count(*) over worst <= floor(0.1 * count(*) over peers) then 0.90 else 1.00 end as coefficient
  from scored
  window peers as (partition by tier, region), best as (partition by tier, region order by score desc),
    worst as (partition by tier, region order by score range between unbounded preceding and current row)
), total as (
  select outlet_id, count(*) filter (where decision = 'payable') as payable, count(*) filter (where decision = 'held') as held,
    count(*) filter (where decision = 'rejected') as rejected, coalesce(sum(fee_amount), 0) as labour
  from plain_line group by outlet_id
), charged as (
  select charged_outlet as outlet_id, -sum(fee_amount) as amount from plain_line where charged_outlet is not null group by 1
), own as (
  select outlet_id, sum(amount) as amount from settlement_incentive i
  where month <= '2026-10-01' and not exists (select from settlement_charge c where c.incentive_id = i.id) group by 1
), paid as (
  select u.code as outlet, coalesce(labour, 0) as labour_amount, coalesce(coefficient, 1) as coefficient,
    coalesce(x.amount, 0) + coalesce(i.amount, 0) as incentives_amount,
    coalesce(payable, 0) as payable, coalesce(held, 0) as held, coalesce(rejected, 0) as rejected
  from network_outlet n join people_unit u on u.id = n.unit_id
  left join total t on t.outlet_id = u.id left join placed p on p.outlet_id = u.id
  left join charged x on x.outlet_id = u.id left join own i on i.outlet_id = u.id
)
select *, greatest(round(labour_amount * coefficient + incentives_amount, 2), 0) as payout_amount,
  greatest(-round(labour_amount * coefficient + incentives_amount, 2), 0) as debt_amount
from paid;
