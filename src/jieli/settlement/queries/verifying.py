"""The proof that what was approved, sealed and paid still stands, read again from the rows, independent of the triggers."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Model

from jieli.cases.queries.verifying import Finding
from jieli.settlement.models import (
    Approval,
    Charge,
    Confirmation,
    Dispute,
    Line,
    PayLine,
    PayRun,
    PaySlip,
    Result,
    Ruling,
    Run,
    Statement,
    StatementCopy,
)

# Each answers with where something does not hold.
_RULES: dict[str, tuple[str, str]] = {
    "settlement_seal": (
        "the statement is not what its hash says: it was changed after it was sealed",
        """select format('%s, statement %s', u.code, s.id) from settlement_statement s join people_unit u on u.id = s.outlet_id
           where s.sha256 <> encode(sha256(s.document), 'hex')""",
    ),
    "settlement_seal_told": (
        "the statement is not the one that its event vouches for",
        """select format('%s, statement %s', u.code, s.id) from settlement_statement s join people_unit u on u.id = s.outlet_id
           where not exists (select from events_event e where e.stream = 'unit' and e.stream_id = s.outlet_id
             and e.type = 'settlement.statement_sealed' and (e.data ->> 'statement_id')::bigint = s.id
             and e.data ->> 'sha256' = s.sha256)""",
    ),
    "settlement_seal_missing": (
        "a statement that was sealed is gone",
        """select format('statement %s', e.data ->> 'statement_id') from events_event e
           where e.type = 'settlement.statement_sealed'
             and not exists (select from settlement_statement s where s.id = (e.data ->> 'statement_id')::bigint)""",
    ),
    "settlement_approved_by_two": (
        "statements are sealed without the approval of two different people for what was decided",
        """select to_char(r.month, 'YYYY-MM') from settlement_run r
           where exists (select from settlement_statement s where s.run_id = r.id) and 2 <> (
             select count(distinct a.staff_id) from settlement_approval a where a.run_id = r.id and a.digest = r.digest)""",
    ),
    "settlement_result_adds_up": (
        "R is not L × T + Q",
        """select format('%s %s', to_char(r.month, 'YYYY-MM'), u.code) from settlement_result o
           join settlement_run r on r.id = o.run_id join people_unit u on u.id = o.outlet_id
           where round(o.labour_amount * o.coefficient + o.incentives_amount, 2) <> o.payout_amount - o.debt_amount""",
    ),
    "settlement_incentives_add_up": (
        "Q is not the sum of its lines",
        """select format('%s %s', to_char(r.month, 'YYYY-MM'), u.code) from settlement_result o
           join settlement_run r on r.id = o.run_id join people_unit u on u.id = o.outlet_id
           left join (select run_id, outlet_id, sum(amount) as amount from settlement_charge group by 1, 2) c
             on c.run_id = o.run_id and c.outlet_id = o.outlet_id
           where o.incentives_amount <> coalesce(c.amount, 0)""",
    ),
    "settlement_labour_adds_up": (
        "L is not the sum of the fees of its lines",
        """select format('%s %s', to_char(r.month, 'YYYY-MM'), u.code) from settlement_result o
           join settlement_run r on r.id = o.run_id join people_unit u on u.id = o.outlet_id
           left join (select run_id, outlet_id, sum(fee_amount) as amount from settlement_line group by 1, 2) l
             on l.run_id = o.run_id and l.outlet_id = o.outlet_id
           where o.labour_amount <> coalesce(l.amount, 0)""",
    ),
    "settlement_granted_once": (
        "a granted dispute is another amount in Q",
        """select format('dispute %s', g.dispute_id)
           from settlement_ruling g join settlement_charge c on c.ruling_id = g.dispute_id
           where c.amount <> g.amount or not g.is_granted""",
    ),
    "settlement_slips_add_up": (
        "a pay slip is not the sum of its lines",
        """select format('%s %s', to_char(r.month, 'YYYY-MM'), s.code) from settlement_payslip p
           join settlement_run r on r.id = p.pay_run_id join people_staff s on s.id = p.staff_id
           left join (select pay_run_id, staff_id, count(*) as orders, count(*) filter (where why = '') as valid,
               count(*) filter (where is_early) as early from settlement_payline group by 1, 2) l
             on l.pay_run_id = p.pay_run_id and l.staff_id = p.staff_id
           where (p.orders, p.valid, p.early) <> (coalesce(l.orders, 0), coalesce(l.valid, 0), coalesce(l.early, 0))""",
    ),
}


def _triggers(model: type[Model]) -> list[Any]:
    return list(getattr(model._meta, "triggers", ()))


_KEPT: tuple[type[Model], ...] = (
    Run, Result, Line, Charge, Approval, Statement, StatementCopy, Confirmation, Dispute, Ruling, PayRun, PaySlip, PayLine,
)  # fmt: skip
GUARDS = tuple(trigger.get_pgid(model) for model in _KEPT for trigger in _triggers(model))
"""The triggers that must be there and switched on."""


def findings() -> Iterator[Finding]:
    """Yield everything that does not hold; nothing on a sound database. Every sealed byte is hashed again."""
    for name, (reason, sql) in _RULES.items():
        with connection.cursor() as cursor:
            cursor.execute(f"select * from ({sql}) found(place) order by 1 limit 20")  # noqa: S608  # made of constants
            for (place,) in cursor.fetchall():
                yield Finding(name, place, reason)
