"""The invariants of the case as SQL, as they were made by migration 0001 (spec README, The heart)."""

INVARIANTS = r"""
alter table cases_case alter column id restart with 10000001;

create function cases_refuse(message text, invariant text) returns void language plpgsql as $$
begin
  raise exception '%', message using errcode = 'integrity_constraint_violation', constraint = invariant;
end $$;

create function cases_never_deleted() returns trigger language plpgsql as $$
begin
  perform cases_refuse('nothing that belongs to a case is ever deleted', 'cases_never_deleted');
  return null;
end $$;

-- Two transactions, each harmless alone, meet at the head of the case's chain, which both must move: the second waits and
-- its checks at commit see what the first left. A repeatable-read snapshot would not see it, so it may not write cases.
create function cases_require_event(of_case bigint) returns void language plpgsql as $$
begin
  if current_setting('transaction_isolation') = 'repeatable read' then
    perform cases_refuse('cases are not written in repeatable read', 'cases_isolation');
  end if;
  if not events_in_this_transaction('case', of_case) then
    perform cases_refuse(format('case %s was changed without an event', of_case), 'cases_change_has_event');
  end if;
end $$;

create function cases_has_next_time(of_case bigint) returns boolean language sql stable as $$
  select exists (select from cases_promise where case_id = of_case and ended_at is null
                 and kind not in ('pass_answer', 'decision', 'internal_answer') and holds_until > company_now())
$$;

create function cases_owner_is_made(of_case bigint, new_owner bigint, made_by bigint) returns boolean
language sql stable as $$
  select exists (
    select from events_event e
    where e.id = made_by and e.stream = 'case' and e.stream_id = of_case and (e.data ->> 'owner_id')::bigint = new_owner
      and (e.type in ('cases.opened', 'cases.taken', 'cases.taken_over', 'cases.deputised')
        or (e.type in ('cases.imported', 'cases.pass_imported') and e.actor_kind = 'import')
        or (e.type in ('cases.pass_accepted', 'cases.assignment_accepted') and exists (
              select from cases_pass p where p.case_id = of_case and p.receiver_id = new_owner and p.state = 'accepted'
                and p.settled_event_id = e.id))))
$$;

create function cases_case_holds() returns trigger language plpgsql as $$
declare
  c record;
  person record;
begin
  perform cases_require_event(new.id);
  select status, owner_id, owner_event_id, unit_id, is_on_duty into c from cases_case where id = new.id;
  select is_active, unit_id into person from people_staff where id = c.owner_id for share;
  if tg_op = 'INSERT' or new.owner_id <> old.owner_id or new.owner_event_id <> old.owner_event_id then
    if not cases_owner_is_made(new.id, new.owner_id, new.owner_event_id) then
      perform cases_refuse(format('the owner of case %s changed by none of the ways', new.id), 'cases_owner_has_way');
    end if;
    if tg_op = 'UPDATE' and not old.is_on_duty
       and exists (select from events_event where id = new.owner_event_id and type = 'cases.taken') then
      perform cases_refuse(format('case %s can be taken from the duty officer only', new.id), 'cases_take_from_duty');
    end if;
  end if;
  if not c.is_on_duty and person.unit_id <> c.unit_id
     and exists (select from events_event where id = c.owner_event_id and actor_kind <> 'import')
     and (tg_op = 'INSERT' or new.owner_id <> old.owner_id or new.unit_id <> old.unit_id) then
    perform cases_refuse(format('case %s is not in the unit of its owner', new.id), 'cases_unit_of_owner');
  end if;
  if c.status in ('open', 'waiting', 'resolved') then
    if not person.is_active then
      perform cases_refuse(format('the owner of open case %s is not active', new.id), 'cases_owner_active');
    end if;
    if not cases_has_next_time(new.id) then
      perform cases_refuse(format('open case %s has no next promised time', new.id), 'cases_next_time');
    end if;
  else
    if exists (select from cases_promise where case_id = new.id and ended_at is null) then
      perform cases_refuse(format('ended case %s has a promise still running', new.id), 'cases_ended_promises');
    end if;
    if exists (select from cases_pass where case_id = new.id and state = 'offered') then
      perform cases_refuse(format('ended case %s has a pending pass', new.id), 'cases_ended_passes');
    end if;
  end if;
  return null;
end $$;

create constraint trigger cases_case_made after insert on cases_case
  deferrable initially deferred for each row execute function cases_case_holds();
create constraint trigger cases_case_changed after update on cases_case
  deferrable initially deferred for each row
  when ((old.kind, old.service_type, old.subject, old.description, old.customer_id, old.contact_id, old.device_id,
         old.product_line, old.fault_code, old.address, old.latitude, old.longitude, old.severity, old.tags, old.custom,
         old.channel, old.language, old.source, old.source_key, old.status, old.stage, old.route, old.unit_id, old.owner_id,
         old.owner_event_id, old.is_on_duty, old.steward_id, old.is_steward_provisional, old.escort_id, old.opened_at,
         old.resolved_at, old.closed_at, old.reopened, old.passes, old.revision, old.tracking_digest, old.erased_at)
        is distinct from
        (new.kind, new.service_type, new.subject, new.description, new.customer_id, new.contact_id, new.device_id,
         new.product_line, new.fault_code, new.address, new.latitude, new.longitude, new.severity, new.tags, new.custom,
         new.channel, new.language, new.source, new.source_key, new.status, new.stage, new.route, new.unit_id, new.owner_id,
         new.owner_event_id, new.is_on_duty, new.steward_id, new.is_steward_provisional, new.escort_id, new.opened_at,
         new.resolved_at, new.closed_at, new.reopened, new.passes, new.revision, new.tracking_digest, new.erased_at))
  execute function cases_case_holds();

create function cases_promise_kept_as_made() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null then
    perform cases_refuse('an ended promise is never changed', 'cases_promise_ended_stays');
  end if;
  if (old.case_id, old.kind, old.offer_id, old.started_at, old.mode, old.target, old.given_due_at, old.calendar,
      old.calendar_unit_id, old.by_import)
     is distinct from
     (new.case_id, new.kind, new.offer_id, new.started_at, new.mode, new.target, new.given_due_at, new.calendar,
      new.calendar_unit_id, new.by_import) then
    perform cases_refuse('what was promised is never changed: re-plan it by a segment', 'cases_promise_immutable');
  end if;
  if (old.due_at, old.holds_until, old.paused_until, old.policy, old.rule)
     is distinct from (new.due_at, new.holds_until, new.paused_until, new.policy, new.rule)
     and new.segments <= old.segments then
    perform cases_refuse('a due time moves only by a new segment', 'cases_promise_due_derived');
  end if;
  if (old.breached_at is not null and new.breached_at is distinct from old.breached_at)
     or (old.told_at is not null and new.told_at is null) then
    perform cases_refuse('a breach and a telling are never taken back', 'cases_promise_breach_stays');
  end if;
  return new;
end $$;
create trigger cases_promise_as_made before update on cases_promise
  for each row execute function cases_promise_kept_as_made();

create function cases_promise_holds() returns trigger language plpgsql as $$
declare
  p record;
  c record;
begin
  perform cases_require_event(new.case_id);
  select segments, ended_at into p from cases_promise where id = new.id;
  select status into c from cases_case where id = new.case_id;
  if (tg_op = 'INSERT' and p.segments > 0 or tg_op = 'UPDATE' and new.segments <> old.segments)
     and p.segments <> (select count(*) from cases_segment where promise_id = new.id) then
    perform cases_refuse('a promise counts segments that it does not have', 'cases_promise_segments');
  end if;
  if c.status in ('open', 'waiting', 'resolved') then
    if tg_op = 'UPDATE' and not cases_has_next_time(new.case_id) then
      perform cases_refuse(format('open case %s has no next promised time', new.case_id), 'cases_next_time');
    end if;
  elsif p.ended_at is null then
    perform cases_refuse(format('ended case %s has a promise still running', new.case_id), 'cases_ended_promises');
  end if;
  return null;
end $$;
create constraint trigger cases_promise_made after insert on cases_promise
  deferrable initially deferred for each row execute function cases_promise_holds();
create constraint trigger cases_promise_changed after update on cases_promise
  deferrable initially deferred for each row
  when ((old.due_at, old.holds_until, old.paused_until, old.segments, old.policy, old.rule, old.told_at, old.breached_at,
         old.ended_at, old.outcome, old.late_minutes, old.reason)
        is distinct from
        (new.due_at, new.holds_until, new.paused_until, new.segments, new.policy, new.rule, new.told_at, new.breached_at,
         new.ended_at, new.outcome, new.late_minutes, new.reason))
  execute function cases_promise_holds();

create function cases_segment_appended() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform cases_refuse('a pause or a re-planning is never changed', 'cases_segment_stays');
  end if;
  if not exists (select from cases_promise p join events_event e on e.stream = 'case' and e.stream_id = p.case_id
                 where p.id = new.promise_id and e.id = new.event_id and p.ended_at is null)
     or new.sequence <> 1 + (select count(*) from cases_segment where promise_id = new.promise_id) then
    perform cases_refuse('a segment needs a running promise, its event and its place', 'cases_segment_in_order');
  end if;
  return new;
end $$;
create trigger cases_segment_append before insert or update or delete on cases_segment
  for each row execute function cases_segment_appended();

create function cases_next_due() returns trigger language plpgsql as $$
begin
  update cases_case c set next_due_at = d.due_at
  from (select ch.case_id, (select min(p.due_at) from cases_promise p where p.case_id = ch.case_id and p.ended_at is null
                            and p.kind not in ('pass_answer', 'decision', 'internal_answer')) as due_at
        from (select distinct case_id from changed) ch) d
  where c.id = d.case_id and c.next_due_at is distinct from d.due_at;
  return null;
end $$;
create trigger cases_next_due_made after insert on cases_promise referencing new table as changed
  for each statement execute function cases_next_due();
create trigger cases_next_due_changed after update on cases_promise referencing new table as changed
  for each statement execute function cases_next_due();

create function cases_pass_settled_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'offered' then
      perform cases_refuse('a pass begins as an offer', 'cases_pass_begins_offered');
    end if;
  else
    if old.state <> 'offered' and not (events_erasure_runs() and (old.state, old.settled_at, old.settled_event_id, old.decision,
        old.way, old.giver_id, old.receiver_id) is not distinct from (new.state, new.settled_at, new.settled_event_id,
        new.decision, new.way, new.giver_id, new.receiver_id)) then
      perform cases_refuse('a settled pass is never changed', 'cases_pass_settled_stays');
    end if;
    if (old.case_id, old.way, old.giver_id, old.receiver_id, old.offered_at)
       is distinct from (new.case_id, new.way, new.giver_id, new.receiver_id, new.offered_at) then
      perform cases_refuse('who offered what to whom is never changed', 'cases_pass_immutable');
    end if;
  end if;
  return new;
end $$;
create trigger cases_pass_once before insert or update on cases_pass
  for each row execute function cases_pass_settled_once();

create function cases_pass_holds() returns trigger language plpgsql as $$
declare
  p record;
  c record;
  receiver record;
begin
  perform cases_require_event(new.case_id);
  select state, giver_id, receiver_id, settled_event_id into p from cases_pass where id = new.id;
  select status, owner_id into c from cases_case where id = new.case_id;
  if p.state = 'offered' then
    select is_active into receiver from people_staff where id = p.receiver_id for share;
    if c.status not in ('open', 'waiting', 'resolved') then
      perform cases_refuse(format('ended case %s has a pending pass', new.case_id), 'cases_ended_passes');
    end if;
    if c.owner_id <> p.giver_id or not receiver.is_active then
      perform cases_refuse('a pass goes from the owner to an active person', 'cases_pass_from_owner');
    end if;
  elsif not exists (select from events_event where id = p.settled_event_id and stream = 'case' and stream_id = new.case_id) then
    perform cases_refuse('a pass is settled by an event of its case', 'cases_pass_settled_by_event');
  elsif p.state = 'accepted' and c.owner_id <> p.receiver_id
    and not exists (select from events_event e join events_event later
                      on later.stream = 'case' and later.stream_id = new.case_id and later.sequence > e.sequence
                     and later.data ? 'owner_id' where e.id = p.settled_event_id) then
    perform cases_refuse('an accepted pass makes the receiver the owner', 'cases_pass_accepted_owns');
  end if;
  return null;
end $$;
create constraint trigger cases_pass_changed after insert or update on cases_pass
  deferrable initially deferred for each row execute function cases_pass_holds();

-- An owner who changed while a pass was pending would leave an offer from somebody who has nothing to give.
create function cases_owner_settles_passes() returns trigger language plpgsql as $$
begin
  if exists (select from cases_pass p join cases_case c on c.id = p.case_id
             where p.case_id = new.id and p.state = 'offered' and p.giver_id <> c.owner_id) then
    perform cases_refuse('the pending pass of the former owner is still open', 'cases_pass_from_owner');
  end if;
  return null;
end $$;
create constraint trigger cases_owner_changed after update on cases_case
  deferrable initially deferred for each row when (old.owner_id <> new.owner_id)
  execute function cases_owner_settles_passes();

create function cases_said_stays() returns trigger language plpgsql as $$
begin
  if (old.case_id, old.direction, old.author_kind, old.author_id, old.channel, old.source_id, old.phrases, old.at)
     is distinct from (new.case_id, new.direction, new.author_kind, new.author_id, new.channel, new.source_id, new.phrases, new.at)
     or (old.body, old.key) is distinct from (new.body, new.key)
        and (old.erased_at is not null or new.erased_at is null or not events_erasure_runs()) then
    perform cases_refuse('what was said is never changed', 'cases_message_stays');
  end if;
  return new;
end $$;
create trigger cases_message_as_said before update on cases_message
  for each row execute function cases_said_stays();

create function cases_fact_has_event() returns trigger language plpgsql as $$
begin
  perform cases_require_event(new.case_id);
  return null;
end $$;
create constraint trigger cases_message_made after insert on cases_message
  deferrable initially deferred for each row execute function cases_fact_has_event();
create constraint trigger cases_relation_changed after insert or update on cases_relation
  deferrable initially deferred for each row execute function cases_fact_has_event();

create function cases_staff_owns_nothing() returns trigger language plpgsql as $$
begin
  if current_setting('transaction_isolation') = 'repeatable read' then
    perform cases_refuse('staff are not deactivated in repeatable read', 'cases_isolation');
  end if;
  if exists (select from people_staff s where s.id = new.id and not s.is_active)
     and (exists (select from cases_case where owner_id = new.id and status in ('open', 'waiting', 'resolved'))
          or exists (select from cases_pass where receiver_id = new.id and state = 'offered')) then
    perform cases_refuse(format('staff %s still owns open cases or has a pass to answer', new.code), 'cases_owner_active');
  end if;
  return null;
end $$;
create constraint trigger cases_staff_leaves after update of is_active on people_staff
  deferrable initially deferred for each row when (old.is_active and not new.is_active)
  execute function cases_staff_owns_nothing();

create trigger cases_case_kept before delete on cases_case for each row execute function cases_never_deleted();
create trigger cases_promise_kept before delete on cases_promise for each row execute function cases_never_deleted();
create trigger cases_pass_kept before delete on cases_pass for each row execute function cases_never_deleted();
create trigger cases_message_kept before delete on cases_message for each row execute function cases_never_deleted();
create trigger cases_relation_kept before delete on cases_relation for each row execute function cases_never_deleted();
create trigger cases_alarm_kept before update or delete on cases_alarm
  for each row execute function cases_never_deleted();
create trigger cases_heldby_kept before delete or update of id, case_id, unit_id on cases_heldby
  for each row execute function cases_never_deleted();

-- Which units had an open case before is asked by every list of those who see by unit: it is kept, not worked out.
create function cases_held_is_past() returns trigger language plpgsql as $$
begin
  new.is_past := exists (select from cases_case c where c.id = new.case_id and c.unit_id <> new.unit_id
                         and c.status in ('open', 'waiting', 'resolved'));
  return new;
end $$;
create trigger cases_held_made before insert on cases_heldby for each row execute function cases_held_is_past();

create function cases_held_past() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update cases_heldby h set is_past = not h.is_past
  where h.case_id = new.id
    and h.is_past <> (h.unit_id <> new.unit_id and new.status in ('open', 'waiting', 'resolved'));
  return null;
end $$;
create trigger cases_unit_left after update of unit_id, status on cases_case
  for each row when (old.unit_id <> new.unit_id or old.status <> new.status) execute function cases_held_past();
"""

DROP_INVARIANTS = r"""
drop trigger cases_staff_leaves on people_staff;
drop trigger cases_case_made on cases_case;
drop trigger cases_case_changed on cases_case;
drop trigger cases_owner_changed on cases_case;
drop trigger cases_case_kept on cases_case;
drop trigger cases_promise_as_made on cases_promise;
drop trigger cases_promise_made on cases_promise;
drop trigger cases_promise_changed on cases_promise;
drop trigger cases_next_due_made on cases_promise;
drop trigger cases_next_due_changed on cases_promise;
drop trigger cases_promise_kept on cases_promise;
drop trigger cases_segment_append on cases_segment;
drop trigger cases_pass_once on cases_pass;
drop trigger cases_pass_changed on cases_pass;
drop trigger cases_pass_kept on cases_pass;
drop trigger cases_message_as_said on cases_message;
drop trigger cases_message_made on cases_message;
drop trigger cases_message_kept on cases_message;
drop trigger cases_relation_changed on cases_relation;
drop trigger cases_relation_kept on cases_relation;
drop trigger cases_alarm_kept on cases_alarm;
drop trigger cases_heldby_kept on cases_heldby;
drop trigger cases_held_made on cases_heldby;
drop trigger cases_unit_left on cases_case;
drop function cases_held_is_past();
drop function cases_held_past();
drop function cases_staff_owns_nothing();
drop function cases_fact_has_event();
drop function cases_said_stays();
drop function cases_owner_settles_passes();
drop function cases_pass_holds();
drop function cases_pass_settled_once();
drop function cases_next_due();
drop function cases_segment_appended();
drop function cases_promise_holds();
drop function cases_promise_kept_as_made();
drop function cases_case_holds();
drop function cases_owner_is_made(bigint, bigint, bigint);
drop function cases_has_next_time(bigint);
drop function cases_require_event(bigint);
drop function cases_never_deleted();
drop function cases_refuse(text, text);
"""
