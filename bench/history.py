"""Writes the history of many cases: their messages, promises, passes and chained events."""

from typing import Any

import psycopg
from ground import FIRST_CASE, FRAGMENTS, STAFF_OF_OUTLET, Company, bulk, say, write_customers, write_fragments

TABLES = (
    "customers_customer",
    "customers_device",
    "cases_case",
    "cases_heldby",
    "cases_message",
    "cases_pass",
    "cases_promise",
    "events_event",
    "events_eventtext",
)
MESSAGES_OF_CASE = 3  # on average: one to five
OPEN_RATIO = 0.1

_LIKE_RANDOM = """
create function bench_random(i bigint, k int) returns bigint language sql immutable parallel safe
return (hashint8(i * 31 + k)::bigint & 2147483647)
"""

# One row for each case: where it is, who has it, whether it is open. Four of ten stay at the desk; the others were passed on.
_PLAN = """
create unlogged table bench_plan as
select i, %(first)s - 1 + i as case_id, n.at as opened_at, 1 + bench_random(i, 1) %% 5 as messages, p.is_passed and not d.is_on_duty
    as is_passed, o.is_open, d.is_on_duty, 1 + bench_random(i, 2) %% %(customers)s as customer_id,
  %(desk_first)s + bench_random(i, 3) %% %(desk_staff)s as taker_id,
  case when p.is_passed and not d.is_on_duty then %(outlet)s + u.number else %(desk)s end as unit_id,
  case when d.is_on_duty then %(boss)s
       when p.is_passed then %(outlet_first)s + u.number * %(each)s + bench_random(i, 5) %% %(each)s
       else %(desk_first)s + bench_random(i, 3) %% %(desk_staff)s end as owner_id,
  (array['service','service','service','service','service','service','service','enquiry','enquiry','enquiry','complaint',
         'complaint','suggestion','internal_complaint'])[1 + bench_random(i, 6) %% 14] as kind,
  %(base)s + (i - 1) * 8 as event_base
from generate_series(1::bigint, %(cases)s) i,
  lateral (select date_trunc('second', company_now()) - (%(cases)s - i + 1) * (interval '900 days' / %(cases)s) as at) n,
  lateral (select i > %(cases)s * 0.92 or i %% 46 = 0 as is_open) o,
  lateral (select o.is_open and i > %(cases)s * 0.99 as is_on_duty) d,
  lateral (select bench_random(i, 4) %% 10 >= 4 as is_passed) p,
  lateral (select bench_random(i, 7) %% %(outlets)s as number) u
order by i
"""

_MESSAGES = """
insert into cases_message (id, case_id, direction, author_kind, author_id, body, key, channel, source_id, phrases, at)
select (p.i - 1) * 5 + j, p.case_id, case when j %% 2 = 1 then 'in' else 'out' end, case when j %% 2 = 1 then 'customer' else 'staff' end,
  case when j %% 2 = 1 then p.customer_id else p.owner_id end, a.text || '，' || b.text || '，' || c.text || '。',
  gen_random_uuid(), 'portal', '', '{}', p.opened_at + j * interval '20 minutes' - interval '20 minutes'
from generate_series(1, 5) j
join bench_plan p on j <= p.messages
join bench_fragment a on a.id = bench_random(p.i, 10 + j) %% %(fragments)s
join bench_fragment b on b.id = bench_random(p.i, 20 + j) %% %(fragments)s
join bench_fragment c on c.id = bench_random(p.i, 30 + j) %% %(fragments)s
order by j, p.i
"""

_STEPS = """
create unlogged table bench_step as
with digest as (
  select case_id, id, 1 + (id - 1) %% 5 as j, at, direction, author_kind, author_id,
    encode(sha256(uuid_send(key) || convert_to(body, 'UTF8')), 'hex') as body_digest from cases_message)
select p.event_base + 1 as id, p.case_id, 1 as sequence, p.opened_at as at, 'customer' as actor_kind, p.customer_id as actor_id,
  'cases.opened' as type, jsonb_build_object('case_id', p.case_id, 'kind', p.kind, 'channel', 'portal', 'customer_id', p.customer_id,
    'unit_id', %(desk)s, 'owner_id', %(boss)s, 'steward_id', %(boss)s, 'landing', 'bench', 'promises', '[]'::jsonb,
    'message_id', d.id, 'body_digest', d.body_digest) as data
from bench_plan p join digest d on d.case_id = p.case_id and d.j = 1
union all
select p.event_base + 2, p.case_id, 2, p.opened_at + interval '5 minutes', 'staff', p.taker_id, 'cases.taken',
  jsonb_build_object('case_id', p.case_id, 'owner_id', p.taker_id, 'from_id', %(boss)s, 'unit_id', %(desk)s)
from bench_plan p where not p.is_on_duty
union all
select p.event_base + 3, p.case_id, 3, p.opened_at + interval '10 minutes', 'staff', p.owner_id, 'cases.pass_accepted',
  jsonb_build_object('case_id', p.case_id, 'pass_id', p.i, 'owner_id', p.owner_id, 'from_id', p.taker_id, 'unit_id', p.unit_id,
    'escort_id', p.taker_id, 'restatement', encode(sha256(uuid_send(md5(p.i::text)::uuid) || convert_to('洗衣机不排水', 'UTF8')), 'hex'))
from bench_plan p where p.is_passed
union all
select p.event_base + s.sequence, p.case_id, s.sequence, d.at, d.author_kind, d.author_id, 'cases.message_written',
  jsonb_build_object('case_id', p.case_id, 'message_id', d.id, 'direction', d.direction, 'channel', 'portal',
    'body_digest', d.body_digest, 'phrases', '[]'::jsonb, 'mentions', '[]'::jsonb)
from bench_plan p join digest d on d.case_id = p.case_id and d.j > 1,
  lateral (select (case when p.is_on_duty then 1 when p.is_passed then 3 else 2 end + d.j - 1)::int as sequence) s
"""

_EVENTS = """
insert into events_event (id, stream, stream_id, sequence, at, recorded_at, actor_kind, actor_id, actor_name, type, data, previous, hash)
select s.id, 'case', s.case_id, s.sequence, s.at, s.at, s.actor_kind, s.actor_id, '', s.type, s.data, h.hash,
  events_digest(h.hash, 'case', s.case_id, s.sequence, s.at, s.at, s.actor_kind, s.actor_id, '', s.type, s.data)
from bench_step s left join events_event before on before.id = s.id - 1 and %(sequence)s > 1,
  lateral (select coalesce(before.hash, ''::bytea) as hash) h
where s.sequence = %(sequence)s
"""

_HEADS = """
insert into events_head (stream, stream_id, sequence, hash, xact)
select distinct on (stream_id) stream, stream_id, sequence, hash, 1 from events_event where stream = 'case'
order by stream_id, sequence desc
"""

_TEXTS = """
insert into events_eventtext (event_id, field, key, body)
select event_base + 3, 'restatement', md5(i::text)::uuid, '洗衣机不排水' from bench_plan where is_passed
"""

_CASES = """
insert into cases_case (id, kind, service_type, subject, description, product_line, fault_code, address, tags, custom, channel,
  language, source, source_key, status, stage, route, is_on_duty, is_steward_provisional, landing, opened_at, next_due_at,
  resolved_at, closed_at, reopened, passes, revision, tracking_digest, customer_id, device_id, owner_id, owner_event_id, steward_id,
  unit_id)
select p.case_id, p.kind, case when p.kind = 'service' then 'repair' else '' end, f.text, '', 'washer', '', '北京市海淀区', '{}', '{}',
  'portal', 'zh-hans', '', '', case when p.is_open then 'open' else 'closed' end, case when p.is_open then 'intake' else 'archive' end,
  'service@routes v1', p.is_on_duty, false, 'bench', p.opened_at, case when p.is_open then %(due)s::timestamptz
    + bench_random(p.i, 8) %% 864000 * interval '1 second' end,
  case when not p.is_open then p.opened_at + interval '1 day' end, case when not p.is_open then p.opened_at + interval '2 days' end,
  0, p.is_passed::int, 1, md5(p.i::text) || md5(p.i::text), p.customer_id, p.customer_id, p.owner_id,
  p.event_base + case when p.is_on_duty then 1 when p.is_passed then 3 else 2 end, p.taker_id, p.unit_id
from bench_plan p join bench_fragment f on f.id = bench_random(p.i, 9) %% %(fragments)s
order by p.i
"""

_HELD = """
insert into cases_heldby (case_id, unit_id, is_past)
select case_id, %(desk)s, is_open and unit_id <> %(desk)s from bench_plan
union all select case_id, unit_id, false from bench_plan where is_passed
"""

_PASSES = """
insert into cases_pass (id, case_id, way, giver_id, receiver_id, done, next, promised, candidates, explanation, state, offered_at,
  settled_at, settled_event_id, restatement, reason, decision, decision_text)
select i, case_id, 'pass', taker_id, owner_id, '已联系', '上门', '', '[]', '', 'accepted', opened_at, opened_at + interval '10 minutes',
  event_base + 3, '洗衣机不排水', '', '', ''
from bench_plan where is_passed and taker_id <> owner_id
"""

# Two promises that were kept, and of an open case one that runs and gives the case its next time.
_PROMISES = """
insert into cases_promise (id, case_id, kind, started_at, mode, given_due_at, calendar, calendar_unit_id, segments, due_at,
  holds_until, policy, rule, facts, told_how, by_import, next_alarm_at, ended_at, outcome, reason)
select (p.i - 1) * 3 + k.place, p.case_id, k.kind, p.opened_at, 'instant', d.due_at, 'always', p.unit_id, 0, d.due_at,
  d.due_at + interval '4 hours', 'promises v1', 'bench', '{}', '', false,
  case when k.ended then null else d.due_at end, case when k.ended then p.opened_at + interval '5 minutes' end,
  case when k.ended then 'kept' else '' end, ''
from bench_plan p join cases_case c on c.id = p.case_id,
  lateral (values (1, 'accept', true), (2, 'first_reply', true), (3, 'resolve', not p.is_open)) k (place, kind, ended),
  lateral (select coalesce(case when k.place = 3 then c.next_due_at end, p.opened_at + interval '10 minutes') as due_at) d
order by p.i
"""


def write_history(connection: "psycopg.Connection[Any]", company: Company, cases: int) -> None:
    """Write so many cases, three times as many messages, and everything that belongs to them."""
    customers = max(10, cases * 6 // 10)
    values: dict[str, Any] = {
        "first": FIRST_CASE,
        "cases": cases,
        "customers": customers,
        "fragments": FRAGMENTS,
        "base": 10_000,
        "desk": company.desk,
        "boss": company.manager,
        "desk_first": company.desk_agent,
        "desk_staff": company.desk_staff,
        "outlet": company.outlet,
        "outlet_first": company.outlet_agent,
        "outlets": company.outlets,
        "each": STAFF_OF_OUTLET,
    }
    connection.execute("set work_mem = '512MB'")
    connection.execute(_LIKE_RANDOM)
    write_fragments(connection)
    (due,) = connection.execute("select date_trunc('second', company_now()) + interval '1 day'").fetchone() or (None,)
    with bulk(connection, TABLES):
        client = psycopg.ClientCursor(connection)

        def write(text: str, **more: Any) -> None:
            client.execute(text, {**values, **more})

        say(f"{cases:,} cases: customers and plan")
        write_customers(connection, customers)
        write(_PLAN)
        connection.execute("create unique index on bench_plan (case_id)")
        connection.execute("analyze bench_plan")
        say("messages")
        write(_MESSAGES)
        say("events")
        write(_STEPS)
        connection.execute("analyze bench_step")
        for sequence in range(1, 8):
            write(_EVENTS, sequence=sequence)
        connection.execute("analyze events_event")
        connection.execute(_HEADS)
        connection.execute(_TEXTS)
        say("cases, passes, promises")
        write(_CASES, due=due)
        write(_HELD)
        connection.execute(_PASSES)
        connection.execute("analyze cases_case")
        write(_PROMISES)
        connection.execute("drop table bench_plan, bench_step")
        say("indexes")
