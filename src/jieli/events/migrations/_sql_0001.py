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

create function events_content(stream text, stream_id bigint, sequence int, at timestamptz, recorded_at timestamptz,
                               actor_kind text, actor_id bigint, actor_name text, type text, data jsonb)
returns bytea language sql stable parallel safe as $$
  select convert_to(jsonb_build_array(
    stream, stream_id, sequence, extract(epoch from at), extract(epoch from recorded_at), actor_kind, actor_id, actor_name,
    type, data)::text, 'UTF8')
$$;
comment on function events_content is 'What the hash of an event vouches for, in one form';

create function events_digest(previous bytea, stream text, stream_id bigint, sequence int, at timestamptz,
                              recorded_at timestamptz, actor_kind text, actor_id bigint, actor_name text, type text, data jsonb)
returns bytea language sql stable parallel safe as $$
  select sha256(previous || events_content(stream, stream_id, sequence, at, recorded_at, actor_kind, actor_id, actor_name,
                                           type, data))
$$;
comment on function events_digest is 'The hash of an event: over the hash before it and its canonical content';

create function events_link(state bytea, head bytea, content bytea) returns bytea language sql immutable parallel safe as $$
  select sha256(coalesce(state, head) || content)
$$;
create aggregate events_chained(head bytea, content bytea) (sfunc = events_link, stype = bytea);
comment on aggregate events_chained(bytea, bytea) is 'The hash up to here of a chain that goes on from a head; over a window';

-- Asked by the trigger as whoever inserts: inside a function of the owner that is the owner, whom the application cannot be.
create function events_inserts_as_owner() returns boolean language sql stable as $$
  select current_user = pg_get_userbyid(relowner) from pg_class where oid = 'events_event'::regclass
$$;

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

-- Many events of many chains in one statement: numbered and hashed as the trigger does it one by one, each head moved once.
create function events_append(ids bigint[], streams text[], stream_ids bigint[], ats timestamptz[], types text[], data jsonb,
                              actor_kind text, actor_id bigint, actor_name text)
returns void language plpgsql security definer set search_path = public, pg_temp
-- Its plan is made when the tables may still be empty, and serves when they are not.
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
declare
  learned constant timestamptz := company_now();
begin
  -- Who begins a chain waits here for another session that began it; then each head is held until the transaction ends.
  insert into events_head (stream, stream_id, sequence, hash, xact)
  select distinct stream, stream_id, 0, ''::bytea, 0 from unnest(streams, stream_ids) as n(stream, stream_id)
  order by stream, stream_id on conflict do nothing;
  perform from events_head h join (select distinct * from unnest(streams, stream_ids) as n(stream, stream_id)) named
    using (stream, stream_id) order by h.stream, h.stream_id for update of h;
  with given as (
    select g.id, g.stream, g.stream_id, least(coalesce(g.at, learned), learned) as at, g.type, g.data, h.hash as head,
      (h.sequence + row_number() over (partition by g.stream, g.stream_id order by g.place))::int as sequence
    from rows from (unnest(ids, streams, stream_ids, ats, types), jsonb_array_elements(events_append.data)) with ordinality
      as g(id, stream, stream_id, at, type, data, place)
    join events_head h on h.stream = g.stream and h.stream_id = g.stream_id
  ), chained as (
    select g.*, events_chained(g.head, events_content(g.stream, g.stream_id, g.sequence, g.at, learned,
        events_append.actor_kind, events_append.actor_id, events_append.actor_name, g.type, g.data)) over w as hash
    from given g window w as (partition by g.stream, g.stream_id order by g.sequence rows unbounded preceding)
  ), written as (
    insert into events_event (id, stream, stream_id, sequence, at, recorded_at, actor_kind, actor_id, actor_name, type,
                              data, previous, hash)
    select c.id, c.stream, c.stream_id, c.sequence, c.at, learned, events_append.actor_kind, events_append.actor_id,
      events_append.actor_name, c.type, c.data, coalesce(lag(c.hash) over w, c.head), c.hash
    from chained c window w as (partition by c.stream, c.stream_id order by c.sequence)
  )
  update events_head h set sequence = e.sequence, hash = e.hash, xact = pg_current_xact_id()::text::bigint
  from (select distinct on (stream, stream_id) stream, stream_id, sequence, hash from chained
        order by stream, stream_id, sequence desc) e
  where h.stream = e.stream and h.stream_id = e.stream_id;
end $$;
comment on function events_append is 'Append many events at once, each to its chain; the way of imports';

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
-- A hash that is there already counts only from the owner's function.
create trigger events_chain before insert on events_event for each row
  when (octet_length(new.hash) <> 32 or not events_inserts_as_owner()) execute function events_chain();
insert into events_companyclock (id, mode, shift) values (1, 'real', '0');
"""

DROP_AFTER = "drop trigger events_chain on events_event; delete from events_companyclock;"

DROP_FUNCTIONS = """
drop function events_settled_id();
drop function events_erasure_runs();
drop function events_in_this_transaction(text, bigint);
drop function events_append(bigint[], text[], bigint[], timestamptz[], text[], jsonb, text, bigint, text);
drop function events_chain();
drop function events_inserts_as_owner();
drop aggregate events_chained(bytea, bytea);
drop function events_link(bytea, bytea, bytea);
drop function events_digest(bytea, text, bigint, int, timestamptz, timestamptz, text, bigint, text, text, jsonb);
drop function events_content(text, bigint, int, timestamptz, timestamptz, text, bigint, text, text, jsonb);
drop function company_now();
"""
