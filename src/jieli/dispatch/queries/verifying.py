"""The proof that appointments, offers and work orders of open cases say the same, read again from the rows."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from jieli.cases.queries.verifying import Finding
from jieli.cases.rules.numbers import case_number
from jieli.dispatch.models import Appointment
from jieli.policies.queries import version, versions
from jieli.policies.schemas.dispatch import Dispatch

# Each answers with the ids of the cases that break the rule. What jobs put right a moment after an offer was answered is no
# finding: hence the ten minutes.
_RULES: dict[str, tuple[str, str]] = {
    "dispatch_accepted_has_order": (
        "an outlet accepted the appointment, and has no work order of the case",
        """select a.case_id from dispatch_appointment a join cases_case c on c.id = a.case_id
            where a.state = 'accepted' and c.status in ('open', 'waiting') and not exists (
              select from orders_workorder o where o.case_id = a.case_id and o.outlet_id = a.outlet_id
                and o.cancelled_at is null)""",
    ),
    "dispatch_engineer_agrees": (
        "another engineer than that of the work orders is to come to the appointment",
        """select a.case_id from dispatch_appointment a join cases_case c on c.id = a.case_id
           join orders_workorder o on o.case_id = a.case_id and o.outlet_id = a.outlet_id
              and o.finished_at is null and o.cancelled_at is null
            where a.state = 'accepted' and c.status in ('open', 'waiting') and a.engineer_id <> o.engineer_id""",
    ),
    "dispatch_offered_is_asked": (
        "the appointment waits for an answer, and nobody is asked for it",
        """select a.case_id from dispatch_appointment a join cases_case c on c.id = a.case_id
            where a.state = 'offered' and c.status in ('open', 'waiting')
              and not exists (select from cases_pass p where p.case_id = a.case_id and p.way = 'dispatch'
                and (p.state = 'offered' or p.settled_at > company_now() - interval '10 minutes'))""",
    ),
    "dispatch_asked_is_held": (
        "somebody is asked for another time than that of the appointment",
        """select f.case_id from dispatch_offer f join cases_pass p on p.id = f.baton_id
            where p.state = 'offered' and f.starts_at is not null
              and not exists (select from orders_workorder o where o.case_id = f.case_id
                and o.finished_at is null and o.cancelled_at is null)
              and not exists (select from dispatch_appointment a where a.case_id = f.case_id and a.state = any (%(current)s)
                and a.starts_at = f.starts_at and a.ends_at = f.ends_at and a.outlet_id = f.outlet_id)""",
    ),
    "dispatch_one_of_a_visit": (
        "one visit has two appointments that hold or came about",
        """select case_id from dispatch_appointment where state = any (%(current)s) or state = 'done'
            group by case_id, number having count(*) > 1
            union select case_id from dispatch_appointment where state = any (%(current)s) group by 1 having count(*) > 1""",
    ),
    "dispatch_visits_in_order": (
        "an appointment is that of a visit whose forerunner has none that was kept",
        """select a.case_id from dispatch_appointment a where a.number > 1 and a.state = any (%(current)s) and not exists (
              select from dispatch_appointment b where b.case_id = a.case_id and b.number = a.number - 1
                and b.state = 'done')""",
    ),
    "dispatch_moved_on": (
        "an appointment was moved, and none took its place",
        """select a.case_id from dispatch_appointment a where a.state = 'moved' and not exists (
             select from dispatch_appointment b where b.moved_from_id = a.id and b.number = a.number)""",
    ),
    "dispatch_room_of_engineer": (
        "an engineer has more visits in one window than the policy ever allowed",
        """select a.case_id from dispatch_appointment a
           where a.state = 'accepted' and a.engineer_id is not null and (
             select count(*) from dispatch_appointment b where b.engineer_id = a.engineer_id and b.state = 'accepted'
               and b.id <> a.id and (b.changed_at, b.id) < (a.changed_at, a.id)
               and b.starts_at < a.ends_at and b.ends_at > a.starts_at
           ) >= %(most)s""",
    ),
    "dispatch_arrival_is_told": (
        "somebody came to the appointment, and no work order of the case says so",
        """select a.case_id from dispatch_appointment a where a.arrived_at is not null and not exists (
             select from orders_workorder o where o.case_id = a.case_id and o.arrived_at is not null)""",
    ),
}


def findings() -> Iterator[Finding]:
    """Yield what does not hold about dispatch; nothing on a sound database. One query for each rule."""
    values: dict[str, Any] = {"most": most_in_a_window(), "current": list(Appointment.CURRENT)}
    for name, (reason, sql) in _RULES.items():
        with connection.cursor() as cursor:
            cursor.execute(f"select * from ({sql}) found(case_id) order by 1 limit 20", values)  # noqa: S608  # made of constants
            for (case_id,) in cursor.fetchall():
                yield Finding(name, case_number(case_id), reason)


def most_in_a_window() -> int:
    """Return how many visits of one engineer in one window any version of the policy allowed. One query."""
    started = (version("dispatch", one.number or 0).data for one in versions("dispatch"))
    return max(data.slots.orders_per_engineer for data in started if isinstance(data, Dispatch))
