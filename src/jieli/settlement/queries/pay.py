"""Pay slips: calculated from the orders of a month, and read from what was decided."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Collate
from django.utils.translation import gettext as _

from jieli.cases.rules.numbers import case_number
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.network.queries.standing import standings_at
from jieli.network.rules.licence import Standing
from jieli.people.models import Staff
from jieli.policies import queries as policies
from jieli.policies.schemas import Pay
from jieli.settlement.models import PayLine, PayRun, PaySlip, Run
from jieli.settlement.queries.months import Month
from jieli.settlement.queries.pages import PAGE, BadCursor
from jieli.settlement.rules.pay import Work, pay_of

LATE_DAYS = 92
"""How far back an order may have been finished that came in only after its month's pay was decided."""

# `earlier` is the latest part change on the same machine before; an order that is not valid is not early either.
LINES = """
work as materialized (
  select o.id as order_id, o.engineer_id as staff_id, o.number, o.finished_at, o.delight,
    o.service_type = 'installation' as is_installation, o.promised_until, o.reported_at, o.part, o.device_id
  from orders_workorder o
  where o.engineer_id is not null and o.finished_at >= %(since)s and o.finished_at < %(until)s
    and not exists (select from settlement_payline p where p.order_id = o.id)
),
line as (
  select w.order_id, w.staff_id, w.finished_at, w.is_installation, e.id as earlier_id,
    case when e.id is not null then 'second_part'
      when w.reported_at is null or w.reported_at > %(cut_off)s or w.reported_at > w.finished_at + %(report_within)s::interval
        then 'results_late' else '' end as why,
    coalesce(w.finished_at < w.promised_until, false) as in_time, w.delight
  from work w
  left join lateral (
    select b.id from orders_workorder b
    where w.part <> '' and b.device_id = w.device_id and b.part <> '' and b.id <> w.order_id
      and b.finished_at >= w.finished_at - %(repeat_within)s::interval
      and (b.finished_at, b.number collate "C") < (w.finished_at, w.number collate "C")
    order by b.finished_at desc, b.number collate "C" desc limit 1
  ) e on true
)
"""

SUMS = """
select staff_id, count(*), count(*) filter (where why = ''), count(*) filter (where why = '' and in_time),
  count(*) filter (where is_installation), count(*) filter (where delight)
from line group by staff_id
"""


def parameters(month: Month, policy: Pay) -> dict[str, Any]:
    """Return the parameters of the statements; orders of the months before count when they came in late."""
    first = PayRun.objects.order_by("run__month").values_list("run__month", flat=True).first()
    reaches_back = first is not None and first < month.first
    return {
        "since": month.since - timedelta(days=LATE_DAYS) if reaches_back else month.since,
        "until": month.until,
        "cut_off": month.cut_off,
        "report_within": timedelta(hours=policy.report_hours),
        "repeat_within": timedelta(days=policy.repeat_days),
    }


def sums(cursor: Any) -> dict[int, Work]:
    """Return what each engineer did, from the rows of a statement that ends with SUMS."""
    return {staff_id: Work(*counts) for staff_id, *counts in cursor.fetchall()}


def pay_previewed(month: Month) -> dict[int, Work]:
    """Return what each engineer did in a month whose pay is not decided. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"with {LINES} {SUMS}", parameters(month, current_policy()))
        return sums(cursor)


def licences(staff_ids: Collection[int], month: Month, policy: Pay) -> dict[int, Standing]:
    """Return how the licences stood at a month's end, as far as that was known at its cut-off; nothing when none is paid."""
    if not policy.licence_amount:
        return {}
    return standings_at(staff_ids, month.until, known_until=month.cut_off)


def slip(staff: Staff, work: Work, policy: Pay, standing: Standing | None) -> PaySlip:
    """Return a slip, not kept, for the work of a month; the person comes with the unit."""
    paid = pay_of(work, policy, standing)
    return PaySlip(
        staff=staff,
        unit=staff.unit,
        **work._asdict(),
        **paid._asdict(),
        licence_points=None if standing is None else standing.points,
        licence_additions=None if standing is None else standing.additions,
        total_amount=paid.total_amount,
    )


def engineers() -> list[Staff]:
    """Return the engineers who work here."""
    held = Staff.objects.active().filter(grants__role="engineer").distinct()
    return list(held.select_related("unit").order_by("code"))


def pay_run(run: Run | None) -> PayRun | None:
    """Return the decided pay of a month."""
    return PayRun.objects.filter(run=run).select_related("run").first() if run else None


@dataclass(slots=True)
class SlipsPage:
    """One page of slips, and the cursor of the next, empty at the end."""

    rows: Sequence[PaySlip]
    next: str = ""


_SCOPE = "settlement.slips"


def slips_page(pay: PayRun, *, cursor: str = "", limit: int = PAGE) -> SlipsPage:
    """Return one page of the slips of a month, by the codes of the staff. One query. Raises BadCursor."""
    found = PaySlip.objects.filter(pay_run=pay).select_related("staff", "unit")
    found = found.annotate(code=Collate(F("staff__code"), "C"))
    if cursor:
        try:
            (after,) = decode_cursor(cursor, scope=_SCOPE)
        except ValueError as error:
            raise BadCursor from error
        found = found.filter(code__gt=str(after))
    rows = list(found.order_by("code")[: limit + 1])
    if len(rows) <= limit:
        return SlipsPage(rows)
    rows = rows[:limit]
    return SlipsPage(rows, encode_cursor([rows[-1].staff.code], scope=_SCOPE))


def slips(pay: PayRun) -> list[PaySlip]:
    """Return the slips of a month, by the codes of the staff. One query."""
    return list(PaySlip.objects.filter(pay_run=pay).select_related("staff", "unit").order_by("staff__code"))


def slips_of(staff_id: int) -> list[PaySlip]:
    """Return the slips of one engineer, the latest first. One query."""
    return list(PaySlip.objects.filter(staff_id=staff_id).select_related("pay_run__run").order_by("-pay_run__run__month"))


def slip_of(pay: PayRun, staff_id: int) -> PaySlip | None:
    """Return one slip."""
    found = PaySlip.objects.filter(pay_run=pay, staff_id=staff_id)
    return found.select_related("staff", "unit", "pay_run__run").first()


def current_policy() -> Pay:
    """Return the numbers that hold now."""
    return policies.current("pay").data


def policy_of_pay(pay: PayRun) -> Pay:
    """Return the numbers by which a month was paid."""
    try:
        data = policies.by_label(pay.policy).data
    except policies.NoPolicy:
        data = policies.current("pay").data
    assert isinstance(data, Pay)
    return data


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One order on a slip in words, with what it brings."""

    number: str
    case: str
    line: PayLine
    earlier: str
    parts: tuple[tuple[str, Decimal], ...]

    @property
    def amount(self) -> Decimal:
        """Return what the order brings."""
        return sum((amount for _words, amount in self.parts), Decimal("0.00"))

    @property
    def why(self) -> str:
        """Return why the order is not valid, empty when it is."""
        return str(PayLine.Why(self.line.why).label) if self.line.why else ""

    @property
    def explanation(self) -> str:
        """Return what the amount is made of: ``25.00 = 18.00 (commission) + 7.00 (early)``, and why it is not valid."""
        made = " + ".join(f"{amount:.2f} ({words})" for words, amount in self.parts)
        why = f"{self.why}: {self.earlier}" if self.earlier else self.why
        return "; ".join(part for part in (why, made) if part)


def slip_lines(slip: PaySlip) -> list[SlipLine]:
    """Return the orders of a slip in the order of finishing. Two queries."""
    found = PayLine.objects.filter(pay_run_id=slip.pay_run_id, staff_id=slip.staff_id).select_related("order", "earlier")
    policy = policy_of_pay(slip.pay_run)
    return [
        SlipLine(
            one.order.number,
            case_number(one.order.case_id),
            one,
            one.earlier.number if one.earlier else "",
            _parts(one, policy),
        )
        for one in found.order_by("finished_at", "order_id")
    ]


def _parts(line: PayLine, policy: Pay) -> tuple[tuple[str, Decimal], ...]:
    given = (
        (_("commission"), policy.commission_amount, not line.why),
        (_("finished early"), policy.early_amount, line.is_early),
        (_("installation"), policy.installation_amount, line.is_installation),
        (_("moving story"), policy.delight_amount, line.is_delighted),
    )
    return tuple((words, amount) for words, amount, holds in given if holds and amount)
