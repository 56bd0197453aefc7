"""The functions behind the chained events, as they were made by migration 0001."""

FUNCTIONS = r"""
create function company_now() returns timestamptz language plpgsql stable as $$
declare
  clock record;
  held text;
begin
  select mode, shift into clock from events_companyclock;
  if clock.mode is null or clock.mode = 'real' then return clock_timestamp(); end if;
  -- A demo is lived through when it is filled, and tests hold still; both say at which instant by a setting of their session.
  held := current_setting('jieli.frozen_at', true);
  if held <> '' then return held::timestamptz; end if;
  return clock_timestamp() + clock.shift;
end $$;
comment on function company_now() is 'The one company clock; code reads it by jieli.lib.clock.now()';

create function events_digest(previous bytea, stream text, stream_id bigint, sequence int, at timestamptz,
                              recorded_at timestamptz, actor_kind text, actor_id bigint, actor_name text, type text, data jsonb)
returns bytea language sql stable parallel safe as $$
  select sha256(previous || convert_to(jsonb_build_array(
    stream, stream_id, sequence, extract(epoch from at), extract(epoch from recorded_at), actor_kind, actor_id, actor_name,
    type, data)::text, 'UTF8'))
$$;
comment on function events_digest is 'The hash of an event: over the hash before it and its canonical content';

create function events_chain() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  head record;
begin
  new.recorded_at := company_now();
  new.at := least(coalesce(new.at, new.recorded_at), new.recorded_at);
  loop
    select h.sequence, h.hash into head from events_head h
      where h.stream = new.stream and h.stream_id = new.stream_id for update;
    new.sequence := coalesce(head.sequence, 0) + 1;
    new.previous := coalesce(head.hash, ''::bytea);
    new.hash := events_digest(new.previous, new.stream, new.stream_id, new.sequence, new.at, new.recorded_at,
                              new.actor_kind, new.actor_id, new.actor_name, new.type, new.data);
    if head.sequence is not null then
      update events_head h set sequence = new.sequence, hash = new.hash, xact = pg_current_xact_id()::text::bigint
        where h.stream = new.stream and h.stream_id = new.stream_id;
      return new;
    end if;
    insert into events_head (stream, stream_id, sequence, hash, xact)
      values (new.stream, new.stream_id, new.sequence, new.hash, pg_current_xact_id()::text::bigint)
      on conflict do nothing;
    if found then return new; end if;  -- else another session began the chain: read its head
  end loop;
end $$;

create function events_in_this_transaction(of_stream text, of_id bigint) returns boolean language sql stable as $$
  select exists (select from events_head h where h.stream = of_stream and h.stream_id = of_id
                 and h.xact = pg_current_xact_id_if_assigned()::text::bigint)
$$;

create function events_erasure_runs() returns boolean language sql stable as $$
  select exists (select from events_event e join events_head h using (stream, stream_id)
                 where e.type = 'customers.erased' and h.xact = pg_current_xact_id_if_assigned()::text::bigint
                   and e.sequence = h.sequence)
$$;

create function events_settled_id() returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
begin
  lock table events_event in share mode;
  return (select coalesce(max(id), 0) from events_event);
end $$;
"""

AFTER = r"""
create trigger events_chain before insert on events_event for each row execute function events_chain();
insert into events_companyclock (id, mode, shift) values (1, 'real', '0');
"""

DROP_AFTER = "drop trigger events_chain on events_event; delete from events_companyclock;"

DROP_FUNCTIONS = """
drop function events_settled_id();
drop function events_erasure_runs();
drop function events_in_this_transaction(text, bigint);
drop function events_chain();
drop function events_digest(bytea, text, bigint, int, timestamptz, timestamptz, text, bigint, text, text, jsonb);
drop function company_now();
"""
