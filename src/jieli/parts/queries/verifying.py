"""The proof that the book of stock adds up, read again from the entries, independent of the triggers."""

from collections.abc import Iterator

from django.db import connection

from jieli.cases.queries.verifying import Finding

# Each answers with where something does not hold.
_RULES: dict[str, tuple[str, str]] = {
    "parts_movement_balanced": (
        "what left one place did not come to another",
        """select format('movement %s, part %s', movement_id, part_id) from parts_entry
           group by movement_id, part_id having sum(quantity) <> 0""",
    ),
    "parts_movement_empty": (
        "the movement moves nothing",
        """select format('movement %s', m.id) from parts_movement m
           where not exists (select from parts_entry e where e.movement_id = m.id)""",
    ),
    "parts_movement_event": (
        "the movement is not the one its event tells of",
        """select format('movement %s', m.id) from parts_movement m left join events_event e on e.id = m.event_id
           where e.id is null or e.at <> m.at or e.type <> case m.kind
             when 'receive' then 'parts.stock_received' when 'move' then 'parts.stock_moved' when 'use' then 'parts.used'
             when 'undo' then 'parts.use_taken_back' when 'count' then 'parts.stock_counted' when 'ship' then 'parts.shipped'
             when 'arrive' then 'parts.arrived' when 'back' then 'parts.returned' when 'refurb' then 'parts.machine_refurbished'
             else case when m.order_id is null then 'parts.stock_scrapped' else 'parts.machine_scrapped' end end""",
    ),
    "parts_entries_told": (
        "the entries are other than the event of their movement tells",
        """select format('movement %s, part %s', coalesce(told.id, booked.id), coalesce(told.code, booked.code))
           from (
             select m.id, line ->> 0 as code, (line ->> 1)::bigint as quantity
             from parts_movement m join events_event e on e.id = m.event_id
             cross join lateral jsonb_array_elements(case when e.data ? 'lines' then e.data -> 'lines' else jsonb_build_array(
               jsonb_build_array(e.data ->> 'part', coalesce((e.data ->> 'quantity')::int, 1))) end) line
           ) told
           full join (
             select e.movement_id as id, p.code, sum(e.quantity) as quantity
             from parts_entry e join parts_part p on p.id = e.part_id join parts_movement m on m.id = e.movement_id
             join parts_place place on place.id = e.place_id
             where case m.kind when 'count' then place.kind <> 'difference' else e.quantity > 0 end
             group by e.movement_id, p.code
           ) booked on booked.id = told.id and booked.code = told.code
           where told.quantity is distinct from booked.quantity""",
    ),
    "parts_stock_is_sum": (
        "the stock is not the sum of its entries, or is below zero",
        """select format('place %s, part %s', coalesce(b.place_id, s.place_id), coalesce(b.part_id, s.part_id))
           from parts_balance b
           full join (
             select e.place_id, e.part_id, sum(e.quantity) as quantity
             from parts_entry e join parts_place p on p.id = e.place_id
             where p.kind in ('central', 'regional', 'outlet', 'van', 'transit', 'returned') group by 1, 2
           ) s on s.place_id = b.place_id and s.part_id = b.part_id
           where coalesce(b.quantity, 0) <> coalesce(s.quantity, 0) or coalesce(s.quantity, 0) < 0""",
    ),
    "parts_reserved_is_sum": (
        "what is reserved is not the sum of the reservations, or more than is there",
        """select format('place %s, part %s', b.place_id, b.part_id) from parts_balance b
           left join (select place_id, part_id, sum("left") as kept from parts_reservation where "left" > 0 group by 1, 2) r
             on r.place_id = b.place_id and r.part_id = b.part_id
           where b.reserved <> coalesce(r.kept, 0) or b.reserved > b.quantity""",
    ),
    "parts_on_the_way": (
        "what is on the way is not what the shipped part orders say",
        """select format('part %s', coalesce(b.part_id, o.part_id))
           from (select part_id, quantity from parts_balance join parts_place p on p.id = place_id
                 where p.kind = 'transit' and quantity <> 0) b
           full join (select part_id, sum(quantity) as quantity from parts_partorder where state = 'shipped' group by 1) o
             on o.part_id = b.part_id
           where coalesce(b.quantity, 0) <> coalesce(o.quantity, 0)""",
    ),
    "parts_used_told": (
        "the used part is not the one its events tell of",
        """select format('used part %s', u.id) from parts_usedpart u
           join orders_workorder o on o.id = u.order_id join parts_part p on p.id = u.part_id
           left join parts_movement m on m.id = u.movement_id
           left join events_event e on e.id = coalesce(m.event_id, (
             select x.id from events_event x where x.stream = 'case' and x.stream_id = o.case_id
               and x.type = 'parts.machine_expected' and (x.data ->> 'used_part_id')::bigint = u.id))
           where (e.data ->> 'used_part_id')::bigint is distinct from u.id or e.stream_id is distinct from o.case_id
             or e.data ->> 'part' is distinct from p.code or coalesce(e.data ->> 'old_serial', '') <> u.old_serial
             or coalesce(e.data ->> 'new_serial', '') <> u.new_serial
             or (u.returned_at is not null) <> exists (
               select from events_event r where r.stream = 'case' and r.stream_id = o.case_id and r.type = 'parts.returned'
                 and (r.data ->> 'used_part_id')::bigint = u.id and r.at = u.returned_at)
             or (u.lab_finding <> '') <> exists (
               select from events_event f where f.stream = 'case' and f.stream_id = o.case_id
                 and f.type in ('parts.found', 'parts.finding_corrected') and f.at = u.lab_at
                 and (f.data ->> 'used_part_id')::bigint = u.id and f.data ->> 'finding' = u.lab_finding)""",
    ),
    "parts_finding_told": (
        "a finding of the lab is not the one its event tells of, or the used part does not say the last one",
        """select format('used part %s, finding %s', u.id, f.number) from parts_usedpart u
           left join lateral (select * from parts_finding where used_part_id = u.id order by number) f on true
           join orders_workorder o on o.id = u.order_id
           where (f.id is null and u.lab_finding <> '') or (f.id is not null and (
             not exists (select from events_event e where e.stream = 'case' and e.stream_id = o.case_id and e.at = f.at
               and e.type = case f.number when 1 then 'parts.found' else 'parts.finding_corrected' end
               and (e.data ->> 'used_part_id')::bigint = u.id and e.data ->> 'finding' = f.finding)
             or f.number = (select max(number) from parts_finding where used_part_id = u.id)
               and (u.lab_finding, u.lab_at) is distinct from (f.finding, f.at)))""",
    ),
    "parts_machine_told": (
        "a whole machine was not asked for and decided as its events tell, or by who asked for it",
        """select format('whole machine %s', r.id) from parts_machinereturn r join orders_workorder o on o.id = r.order_id
           where r.decided_by_id = r.asked_by_id
             or not exists (select from events_event e where e.stream = 'case' and e.stream_id = o.case_id
               and e.type = 'parts.machine_asked' and (e.data ->> 'machine_return_id')::bigint = r.id
               and (e.data ->> 'amount')::numeric = r.amount and e.data ->> 'old_serial' = r.old_serial)
             or (r.limit_amount is not null) <> exists (
               select from events_event e where e.stream = 'case' and e.stream_id = o.case_id and e.at = r.decided_at
               and e.type in ('parts.machine_approved', 'parts.machine_refused')
               and (e.data ->> 'machine_return_id')::bigint = r.id)""",
    ),
    "parts_returned_machines": (
        "the returned machines in stock are not those that came back and were not decided about",
        """select format('part %s', coalesce(b.part_id, u.part_id))
           from (select part_id, quantity from parts_balance join parts_place p on p.id = place_id
                 where p.kind = 'returned' and quantity <> 0) b
           full join (select r.old_machine_id as part_id, count(*) as quantity from parts_usedpart u
                      join parts_machinereturn r on r.id = u.machine_return_id
                      where u.receipt_id is not null and u.disposal_id is null group by 1) u on u.part_id = b.part_id
           where coalesce(b.quantity, 0) <> coalesce(u.quantity, 0)""",
    ),
}

GUARDS = (
    "parts_movement_begun",
    "parts_entry_booked",
    "parts_movement_whole",
    "parts_entry_balanced",
    "parts_reservation_held",
    "parts_used_begun",
    "parts_used_told",
    "parts_order_gone_on",
    "parts_finding_followed",
    "parts_machine_gone_on",
)


def findings() -> Iterator[Finding]:
    """Yield what does not add up; nothing on a sound book. Reads every table of parts once."""
    for name, (reason, sql) in _RULES.items():
        with connection.cursor() as cursor:
            cursor.execute(f"select * from ({sql}) found(place) order by 1 limit 20")  # noqa: S608  # made of constants
            for (where,) in cursor.fetchall():
                yield Finding(name, where, reason)
