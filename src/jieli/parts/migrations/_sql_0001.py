"""The invariants of stock as SQL, as they were made by migration 0001 (spec 3, Parts)."""

OUTSIDE = r"""
insert into parts_place (code, name, kind, is_active) values
  ('-TRANSIT', '在途', 'transit', true),
  ('-RETURNED', '退回整机', 'returned', true),
  ('-SUPPLIER', '供应商', 'supplier', true),
  ('-USED', '已使用', 'used', true),
  ('-SCRAP', '报废', 'scrap', true),
  ('-CUSTOMER', '客户', 'customer', true),
  ('-WORKSHOP', '翻新车间', 'workshop', true),
  ('-DIFFERENCE', '盘点差异', 'difference', true);
"""

DROP_OUTSIDE = "delete from parts_place where unit_id is null;"

INVARIANTS = r"""
create function parts_refuse(message text, invariant text) returns void language plpgsql as $$
begin
  raise exception '%', message using errcode = 'integrity_constraint_violation', constraint = invariant;
end $$;

-- A movement belongs to the transaction that made it and to an event of that transaction: nobody adds to it later, and
-- nothing moves without a fact.
create function parts_movement_begins() returns trigger language plpgsql as $$
declare
  e record;
begin
  select stream, stream_id, type into e from events_event where id = new.event_id;
  if not found or e.type not like 'parts.%' or not events_in_this_transaction(e.stream, e.stream_id) then
    perform parts_refuse('parts move only with their event', 'parts_movement_has_event');
  end if;
  new.xact := pg_current_xact_id()::text::bigint;
  return new;
end $$;
create trigger parts_movement_begun before insert on parts_movement
  for each row execute function parts_movement_begins();

create function parts_entries_booked() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (select from added a join parts_movement m on m.id = a.movement_id
             where m.xact <> pg_current_xact_id()::text::bigint) then
    perform parts_refuse('a movement is complete once it is made', 'parts_movement_complete');
  end if;
  -- First the rows, then the sums, always in one order, so that nobody waits for one who waits for him.
  insert into parts_balance (place_id, part_id, quantity, reserved)
  select a.place_id, a.part_id, 0, 0 from added a join parts_place p on p.id = a.place_id
  where p.kind in ('central', 'regional', 'outlet', 'van', 'transit', 'returned')
  group by a.place_id, a.part_id order by a.place_id, a.part_id
  on conflict do nothing;
  perform from parts_balance b where exists (select from added a where a.place_id = b.place_id and a.part_id = b.part_id)
  order by b.place_id, b.part_id for update;
  update parts_balance b set quantity = b.quantity + d.quantity
  from (select a.place_id, a.part_id, sum(a.quantity)::int as quantity from added a group by a.place_id, a.part_id) d
  where b.place_id = d.place_id and b.part_id = d.part_id;
  return null;
end $$;
create trigger parts_entry_booked after insert on parts_entry referencing new table as added
  for each statement execute function parts_entries_booked();

-- Whoever must know a quantity before he changes it asks here: the rows stay locked until his transaction ends.
create function parts_held(at_places bigint[], of_parts bigint[])
returns table (place_id bigint, part_id bigint, quantity int, reserved int)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
begin
  insert into parts_balance (place_id, part_id, quantity, reserved)
  select pl.id, p, 0, 0 from unnest(of_parts) p cross join parts_place pl
  where pl.id = any (at_places) and pl.kind in ('central', 'regional', 'outlet', 'van', 'transit', 'returned') order by pl.id, p
  on conflict do nothing;
  return query select b.place_id, b.part_id, b.quantity, b.reserved from parts_balance b
    where b.place_id = any (at_places) and b.part_id = any (of_parts) order by b.place_id, b.part_id for update;
end $$;

create function parts_movement_balances() returns trigger language plpgsql as $$
declare
  movement bigint;
begin
  if tg_table_name = 'parts_movement' then
    movement := new.id;
  else
    movement := new.movement_id;
  end if;
  if exists (select from parts_entry where movement_id = movement group by part_id having sum(quantity) <> 0)
     or not exists (select from parts_entry where movement_id = movement) then
    perform parts_refuse(format('movement %s is not balanced: what leaves one place comes to another', movement),
      'parts_movement_balanced');
  end if;
  return null;
end $$;
create constraint trigger parts_movement_whole after insert on parts_movement
  deferrable initially deferred for each row execute function parts_movement_balances();
create constraint trigger parts_entry_balanced after insert on parts_entry
  deferrable initially deferred for each row execute function parts_movement_balances();

create function parts_reservation_holds() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    if new."left" <> new.quantity then
      perform parts_refuse('a reservation begins whole', 'parts_reservation_begins');
    end if;
    insert into parts_balance (place_id, part_id, quantity, reserved) values (new.place_id, new.part_id, 0, 0)
    on conflict do nothing;
    update parts_balance set reserved = reserved + new."left" where place_id = new.place_id and part_id = new.part_id;
  else
    if new."left" > old."left" or (new.place_id, new.part_id, new.order_id, new.quantity)
       is distinct from (old.place_id, old.part_id, old.order_id, old.quantity) then
      perform parts_refuse('a reservation only ever shrinks', 'parts_reservation_shrinks');
    end if;
    update parts_balance set reserved = reserved - (old."left" - new."left")
    where place_id = new.place_id and part_id = new.part_id;
  end if;
  return null;
end $$;
create trigger parts_reservation_held after insert or update on parts_reservation
  for each row execute function parts_reservation_holds();

create function parts_used_begins() returns trigger language plpgsql as $$
begin
  if new.returned_at is not null or new.lab_finding <> '' or new.undone_at is not null or new.disposed_at is not null then
    perform parts_refuse('a used part begins without a past', 'parts_used_begins');
  end if;
  if exists (select from parts_part where id = new.part_id and kind = 'machine')
     and not exists (select from parts_machinereturn r where r.id = new.machine_return_id and r.state = 'approved'
                       and r.order_id = new.order_id and coalesce(r.machine_id, r.old_machine_id) = new.part_id
                       and r.old_serial = new.old_serial and (r.machine_id is null) = (new.movement_id is null)) then
    perform parts_refuse('a whole machine goes and comes as it was approved', 'parts_machine_approved');
  end if;
  if new.movement_id is not null and not exists (
                 select from parts_entry e join parts_movement m on m.id = e.movement_id
                 where e.movement_id = new.movement_id and m.kind = 'use' and m.order_id = new.order_id
                   and e.part_id = new.part_id and e.place_id = new.place_id and e.quantity = -1) then
    perform parts_refuse('a part is used by the movement that took it', 'parts_used_is_booked');
  end if;
  return new;
end $$;
create trigger parts_used_begun before insert on parts_usedpart for each row execute function parts_used_begins();

create function parts_used_told_once() returns trigger language plpgsql as $$
begin
  if (old.returned_at is not null and new.returned_at is distinct from old.returned_at)
     or (old.receipt_id is not null and new.receipt_id is distinct from old.receipt_id)
     or (old.disposal_id is not null and (new.disposal_id, new.disposed_at) is distinct from (old.disposal_id, old.disposed_at))
     or (old.undone_at is not null and new.undone_at is distinct from old.undone_at) then
    perform parts_refuse('what is known of a used part is never changed', 'parts_used_told_once');
  end if;
  if (new.lab_finding, new.lab_at) is distinct from (old.lab_finding, old.lab_at)
     and not exists (select from parts_finding f where f.used_part_id = new.id and f.finding = new.lab_finding
                       and f.at = new.lab_at and f.number = (select max(number) from parts_finding where used_part_id = new.id)) then
    perform parts_refuse('the finding of a used part is the last that the lab noted', 'parts_used_found');
  end if;
  if (old.order_id, old.part_id, old.place_id, old.movement_id, old.machine_return_id, old.old_serial, old.new_serial, old.used_at,
      old.return_due_at)
     is distinct from
     (new.order_id, new.part_id, new.place_id, new.movement_id, new.machine_return_id, new.old_serial, new.new_serial, new.used_at,
      new.return_due_at)
  then
    perform parts_refuse('which part was used where is never changed', 'parts_used_stays');
  end if;
  return new;
end $$;
create trigger parts_used_told before update on parts_usedpart for each row execute function parts_used_told_once();

create function parts_order_goes_on() returns trigger language plpgsql as $$
begin
  if (old.state, new.state) not in (('ordered', 'ordered'), ('ordered', 'shipped'), ('ordered', 'cancelled'),
      ('shipped', 'shipped'), ('shipped', 'received')) then
    perform parts_refuse('a part order only goes on', 'parts_order_goes_on');
  end if;
  return new;
end $$;
create trigger parts_order_gone_on before update on parts_partorder for each row execute function parts_order_goes_on();

create function parts_finding_follows() returns trigger language plpgsql as $$
begin
  perform from parts_usedpart where id = new.used_part_id for update;
  if new.number <> (select count(*) + 1 from parts_finding where used_part_id = new.used_part_id) then
    perform parts_refuse('the findings on an old part follow one another', 'parts_finding_follows');
  end if;
  return new;
end $$;
create trigger parts_finding_followed before insert on parts_finding for each row execute function parts_finding_follows();

create function parts_machine_goes_on() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'asked' then
      perform parts_refuse('a whole machine is asked for first', 'parts_machine_begins');
    end if;
    return new;
  end if;
  if (old.state, new.state) not in (('asked', 'asked'), ('asked', 'approved'), ('asked', 'refused'), ('asked', 'called_off'),
      ('approved', 'approved'), ('approved', 'called_off'))
     or (old.decided_at is not null and (new.decided_at, new.decided_by_id, new.limit_amount)
           is distinct from (old.decided_at, old.decided_by_id, old.limit_amount)) then
    perform parts_refuse('a whole-machine return only goes on', 'parts_machine_goes_on');
  end if;
  if new.state = 'called_off' and exists (
      select from parts_usedpart where machine_return_id = new.id and undone_at is null) then
    perform parts_refuse('the machine has been given', 'parts_machine_goes_on');
  end if;
  return new;
end $$;
create trigger parts_machine_gone_on before insert or update on parts_machinereturn
  for each row execute function parts_machine_goes_on();
"""

DROP_INVARIANTS = r"""
drop trigger parts_machine_gone_on on parts_machinereturn;
drop trigger parts_finding_followed on parts_finding;
drop trigger parts_order_gone_on on parts_partorder;
drop trigger parts_used_told on parts_usedpart;
drop trigger parts_used_begun on parts_usedpart;
drop trigger parts_reservation_held on parts_reservation;
drop trigger parts_entry_balanced on parts_entry;
drop trigger parts_movement_whole on parts_movement;
drop trigger parts_entry_booked on parts_entry;
drop trigger parts_movement_begun on parts_movement;
drop function parts_machine_goes_on();
drop function parts_finding_follows();
drop function parts_order_goes_on();
drop function parts_used_told_once();
drop function parts_used_begins();
drop function parts_reservation_holds();
drop function parts_movement_balances();
drop function parts_held(bigint[], bigint[]);
drop function parts_entries_booked();
drop function parts_movement_begins();
drop function parts_refuse(text, text);
"""
