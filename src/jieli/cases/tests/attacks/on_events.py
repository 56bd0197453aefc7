"""What happened is never forgotten or forged."""

from jieli.cases.tests.attacks.statements import Attacks, E, event

EVENTS: Attacks = {
    "edit an event": (
        "privilege:events_event:update trigger:events_event:never_changed",
        ["update events_event set type = 'x'"],
    ),
    "delete an event": (
        "privilege:events_event:delete trigger:events_event:never_changed",
        ["delete from events_event where id = (select id from events_event where type = 'cases.steward_named' limit 1)"],
    ),
    "truncate the events": (
        "privilege:events_event:truncate privilege:events_eventtext:truncate privilege:cases_case:truncate "
        "privilege:cases_pass:truncate privilege:cases_segment:truncate privilege:*:truncate "
        "trigger:events_event:never_truncated",
        ["truncate events_event cascade"],
    ),
    "forge the number and hash of an event": (
        "trigger:events_event:events_chain",
        [E.replace(" 0,", " 77,"), "select 1 / (count(*)::int) from events_event where sequence = 77"],
    ),
    "an event by nobody": (
        "check:events_event:events_actor_kind check:events_event:events_actor_known",
        [event("{case}", actor="'ghost', null, 'x'")],
    ),
    "an event by a person without a name": (
        "check:events_event:events_actor_known",
        [event("{case}", actor="'staff', null, ''")],
    ),
    "two events with one number": (
        "trigger:events_event:events_chain unique:events_event:events_one_per_sequence",
        [*[E.replace(" 0,", " 77,")] * 2, "select 1 / (count(*)::int) from events_event where sequence = 77"],
    ),
    "edit a text of an event": (
        "trigger:events_eventtext:only_erased",
        ["update events_eventtext set body = 'x' where erased_at is null"],
    ),
    "delete a text of an event": (
        "privilege:events_eventtext:delete trigger:events_eventtext:only_erased",
        ["delete from events_eventtext"],
    ),
    "half erase a text": (
        "check:events_eventtext:events_text_erased_whole trigger:events_eventtext:only_erased",
        ["update events_eventtext set erased_at = company_now()"],
    ),
    "the same text twice": (
        "unique:events_eventtext:events_text_once",
        [
            "insert into events_eventtext (event_id, field, key, body) select event_id, field, key, 'x' from events_eventtext limit 1"
        ],
    ),
    "turn the company clock back": (
        "trigger:events_companyclock:only_forward",
        ["update events_companyclock set shift = '-1 day'"],
    ),
    "move the clock of a production": (
        "check:events_companyclock:events_clock_real_stands privilege:events_companyclock:update",
        ["update events_companyclock set mode = 'real', shift = '1 day'"],
    ),
    "a second company clock": (
        "check:events_companyclock:events_clock_single",
        ["insert into events_companyclock (id, mode, shift) values (2, 'demo', '0')"],
    ),
    "edit an anchor": (
        "privilege:events_anchor:update trigger:events_anchor:anchor_never_changed",
        ["update events_anchor set chains = 0"],
    ),
    "a second anchor for a day": (
        "unique:events_anchor:events_anchor_on_key",
        ['insert into events_anchor ("on", last_event_id, chains, hash) select "on", 0, 0, hash from events_anchor'],
    ),
}
