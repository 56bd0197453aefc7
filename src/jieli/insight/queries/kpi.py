"""The six indicators of a month (spec 8): of all units below one, of one product line, or outlet by outlet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.cases.models import Case
from jieli.cases.rules.numbers import case_number
from jieli.network.models import Outlet
from jieli.policies.queries import current
from jieli.settlement.queries.facts import COMPLAINED, DISPATCHED, FINISHED, OF_FINISHED, OVERDUE, facts
from jieli.settlement.queries.months import Month

SIX = ("satisfaction", "information", "backlog", "complaints", "parts_use", "delight")
"""The names of the six; `BESIDE` are shown with them."""
BESIDE = ("unreached", "complaints_upheld")

FORMULAS: Mapping[str, str | Lazy] = {
    "satisfaction": _("satisfied ÷ (satisfied + dissatisfied) call-backs"),
    "information": _("finished orders whose results arrived in time ÷ finished orders"),
    "backlog": _(
        "dispatched orders unfinished and past their promise at the month's end ÷ dispatched in it or open at its start"
    ),
    "complaints": _("complaints opened ÷ finished orders"),
    "parts_use": _("orders with a warranty part that came back and was confirmed ÷ orders with a part"),
    "delight": _("finished orders with a moving story or accepted information ÷ finished orders"),
    "unreached": _("customers not reached ÷ call-backs tried"),
    "complaints_upheld": _("complaints upheld ÷ finished orders"),
}

LABELS: Mapping[str, str | Lazy] = {
    "satisfaction": _("Satisfaction rate"),
    "information": _("Information timeliness"),
    "backlog": _("Dispatch backlog rate"),
    "complaints": _("Complaint rate"),
    "parts_use": _("Parts use rate"),
    "delight": _("Delight rate"),
    "unreached": _("Not reached"),
    "complaints_upheld": _("Complaints upheld"),
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """A share with what it is made of; `value` is unrounded, null when there was nothing to count."""

    name: str
    numerator: int
    denominator: int
    policy: str = ""

    @property
    def value(self) -> float | None:
        """Return numerator ÷ denominator."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def label(self) -> str:
        """Return what it is called."""
        return str(LABELS[self.name])

    @property
    def formula(self) -> str:
        """Return how it is counted, in the language of the moment."""
        return str(FORMULAS[self.name])

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON (interfaces, `jieli kpi`)."""
        return {
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "formula": self.formula,
            "policy": self.policy,
        }


_COUNTED = """
select {columns}
  coalesce(sum(f.finished), 0), coalesce(sum(f.satisfied), 0), coalesce(sum(f.reached), 0), coalesce(sum(f.unreached), 0),
  coalesce(sum(f.informed), 0), coalesce(sum(b.overdue), 0), coalesce(sum(b.dispatched), 0), coalesce(sum(c.complaints), 0),
  coalesce(sum(c.upheld), 0), coalesce(sum(f.parts_used), 0), coalesce(sum(f.parts), 0), coalesce(sum(f.delighted), 0)
from people_unit u
left join fact f on f.outlet_id = u.id
left join backlog b on b.outlet_id = u.id
left join complained c on c.outlet_id = u.id
where {where}
{grouped}
"""
_OF_LINE = "and o.product_line = %(line)s"
_COMPLAINT_OF_LINE = "and exists (select from orders_workorder o where o.id = c.order_id and o.product_line = %(line)s)"
_OF_OUTLETS = "and o.outlet_id = any(%(outlets)s)"
_COMPLAINT_OF_OUTLETS = "and c.outlet_id = any(%(outlets)s)"


@dataclass(frozen=True, slots=True)
class OutletIndicators:
    """The indicators of one outlet."""

    outlet_id: int
    code: str
    name: str
    indicators: dict[str, Indicator]


def indicators(month: Month, *, unit_path: str = "/", product_line: str = "") -> dict[str, Indicator]:
    """Return the indicators of all units of a subtree together, with every fact known now. One query.

    `product_line` keeps the orders of one; complaints count by their order then.
    """
    sql = _statement(product_line, columns="", where="u.path like %(path)s", grouped="")
    with connection.cursor() as cursor:
        cursor.execute(sql, _parameters(month, product_line) | {"path": f"{unit_path}%"})
        return _named(cursor.fetchone())


def indicators_by_outlet(
    month: Month, *, unit_path: str = "/", product_line: str = "", after: str = "", size: int | None = None
) -> list[OutletIndicators]:
    """Return the indicators of each outlet of a subtree in the order of the codes, `size` of them after a code.

    Two queries; without `size` all outlets, whatever their number.
    """
    known = Outlet.objects.filter(unit__path__startswith=unit_path, unit__code__gt=after).order_by("unit__code")
    names = {unit_id: (code, name) for unit_id, code, name in known.values_list("unit_id", "unit__code", "unit__name")[:size]}
    orders, complaints = (_OF_OUTLETS, _COMPLAINT_OF_OUTLETS) if size else ("", "")
    sql = _statement(
        product_line, orders, complaints, columns="u.id,", where="u.id = any(%(outlets)s)", grouped="group by u.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, _parameters(month, product_line) | {"outlets": list(names)})
        found = {row[0]: _named(row[1:]) for row in cursor.fetchall()}
    return [OutletIndicators(unit_id, code, name, found[unit_id]) for unit_id, (code, name) in names.items()]


def product_lines() -> list[str]:
    """Return the product lines that outlets serve. One query."""
    return sorted({line for lines in Outlet.objects.values_list("product_lines", flat=True).distinct() for line in lines})


BEHIND: Mapping[str, tuple[str, str]] = {
    "satisfaction": ("satisfied", "reached"),
    "information": ("informed", "finished"),
    "backlog": ("overdue", "dispatched"),
    "complaints": ("complaints", "finished"),
    "parts_use": ("parts_used", "parts"),
    "delight": ("delighted", "finished"),
    "unreached": ("unreached", "unreached"),
    "complaints_upheld": ("upheld", "finished"),
}
"""What stands behind the numerator and the denominator of each indicator, by the names of `settlement.queries.facts`."""

COUNTS: Mapping[str, str | Lazy] = {
    "finished": _("Orders finished in the month"),
    "satisfied": _("Satisfied call-backs"),
    "reached": _("Customers reached"),
    "unreached": _("Customers not reached"),
    "informed": _("Results that arrived in time"),
    "overdue": _("Overdue at the month's end"),
    "dispatched": _("Dispatched, or open at the month's start"),
    "complaints": _("Complaints opened in the month"),
    "upheld": _("Complaints upheld"),
    "parts": _("Orders with a part"),
    "parts_used": _("Warranty parts that came back and were confirmed"),
    "delighted": _("Orders with a moving story or accepted information"),
}


class CountedOrder(NamedTuple):
    """An order, or the order of a complaint, that a number counts; `complaint` is empty for an order."""

    place: int
    number: str
    case_id: int | None
    complaint: str
    outlet: str
    product_line: str
    service_type: str
    at: datetime

    @property
    def case_number(self) -> str:
        """Return the number of the case, as people write it."""
        return case_number(self.case_id) if self.case_id else ""

    @property
    def service_label(self) -> str:
        """Return the service type in the language of the moment."""
        return str(dict(Case.ServiceType.choices).get(self.service_type, self.service_type))


def counted(
    what: str, month: Month, *, unit_path: str = "/", product_line: str = "", after: int = 0, size: int = 50
) -> list[CountedOrder]:
    """Return what a number counts, in the order of its coming, `size` of it after a place. One query.

    `what` is a name of `COUNTS`.
    """
    line = _OF_LINE if product_line else ""
    parameters = _parameters(month, product_line) | {"path": f"{unit_path}%", "after": after, "size": size}
    if what in ("complaints", "upheld"):
        condition = COMPLAINED + (" and c.upheld" if what == "upheld" else "")
        sql = _COUNTED_COMPLAINTS.format(condition=condition, line=line)
    else:
        condition = {"overdue": f"{DISPATCHED} and {OVERDUE}", "dispatched": DISPATCHED}.get(what, "")
        sql = _COUNTED_ORDERS.format(condition=condition or f"{FINISHED} and {OF_FINISHED[what]}", line=line)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [CountedOrder(*row) for row in cursor.fetchall()]


_COUNTED_ORDERS = """
select o.id, o.number, o.case_id, '', u.name, o.product_line, o.service_type, coalesce(o.finished_at, o.dispatched_at)
from orders_workorder o join people_unit u on u.id = o.outlet_id
where {condition} {line} and u.path like %(path)s and o.id > %(after)s order by o.id limit %(size)s
"""
_COUNTED_COMPLAINTS = """
select c.id, coalesce(o.number, ''), o.case_id, c.number, u.name, coalesce(o.product_line, ''), coalesce(o.service_type, ''),
  c.opened_at
from complaints_complaint c join people_unit u on u.id = c.outlet_id left join orders_workorder o on o.id = c.order_id
where {condition} {line} and u.path like %(path)s and c.id > %(after)s order by c.id limit %(size)s
"""


def _statement(product_line: str, orders: str = "", complaints: str = "", **parts: str) -> str:
    if product_line:
        orders, complaints = f"{orders} {_OF_LINE}", f"{complaints} {_COMPLAINT_OF_LINE}"
    return f"with {facts(orders, complaints)} {_COUNTED.format(**parts)}"


def _parameters(month: Month, product_line: str) -> dict[str, Any]:
    return {
        "since": month.since,
        "until": month.until,
        "cut_off": "infinity",
        "informed_within": timedelta(hours=current("grade").data.information_hours),
        "line": product_line,
    }


def _named(row: tuple[Any, ...]) -> dict[str, Indicator]:
    counts = [int(number) for number in row]
    finished, satisfied, reached, unreached, informed, overdue, dispatched, complaints, upheld, used, parts, delighted = counts
    found = (
        Indicator("satisfaction", satisfied, reached),
        Indicator("information", informed, finished, current("grade").version),
        Indicator("backlog", overdue, dispatched),
        Indicator("complaints", complaints, finished),
        Indicator("parts_use", used, parts),
        Indicator("delight", delighted, finished),
        Indicator("unreached", unreached, reached + unreached),
        Indicator("complaints_upheld", upheld, finished),
    )
    return {one.name: one for one in found}
