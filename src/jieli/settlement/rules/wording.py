"""The month end in words: what a fee is made of, why a gate holds or rejects, and what would release an order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from jieli.policies.codes import ServiceType
from jieli.policies.product_lines import product_words
from jieli.policies.schemas import Rates
from jieli.policies.schemas.rates import Rate
from jieli.policies.schemas.settlement import Settlement, Surcharges

PART_WORDS = {
    "satisfaction": (gettext_lazy("Satisfaction"), gettext_lazy("satisfied ÷ reached call-backs")),
    "on_time": (gettext_lazy("On time"), gettext_lazy("arrivals kept ÷ arrivals promised")),
    "fixed_first": (gettext_lazy("Fixed on first arrival"), gettext_lazy("fixed on first arrival ÷ finished repairs")),
    "information": (gettext_lazy("Information"), gettext_lazy("results returned in time ÷ finished")),
    "backlog": (gettext_lazy("Backlog"), gettext_lazy("overdue unfinished ÷ dispatched")),
    "complaints": (gettext_lazy("Complaints"), gettext_lazy("complaints ÷ finished orders")),
    "parts_misjudged": (gettext_lazy("Parts misjudged"), gettext_lazy("misjudged ÷ inspected in the lab")),
}
"""The parts of the score, each with its shares in words."""

GRADE_WORDS = {"A": gettext_lazy("demonstration"), "B": gettext_lazy("up to standard"), "C": gettext_lazy("below")}

ACCOUNT_WORDS = {
    "labour": gettext_lazy("Labour fees"),
    "coefficient": gettext_lazy("What the coefficient adds or takes"),
    "incentives": gettext_lazy("Incentives and charge-backs"),
    "adjustments": gettext_lazy("Granted disputes"),
    "debts": gettext_lazy("Debts of outlets"),
    "payable": gettext_lazy("To pay to providers"),
}
"""The accounts of the journal."""

CAUSE_WORDS = {
    "gate": gettext_lazy("gates"),
    "fee": gettext_lazy("fees"),
    "score": gettext_lazy("score"),
    "grade": gettext_lazy("grade"),
    "rank": gettext_lazy("rank"),
    "coefficient": gettext_lazy("coefficient"),
    "incentives": gettext_lazy("incentives"),
}


def service_words(code: str) -> str:
    """Return a service type in words."""
    return str(ServiceType(code).label) if code in ServiceType.values else code


def warranty_words(in_warranty: bool | None) -> str:
    """Return whether it is in warranty."""
    if in_warranty is None:
        return _("warranty not known")
    return _("in warranty") if in_warranty else _("out of warranty")


def plain(number: Decimal) -> str:
    """Return a number without zeros that say nothing: ``12.5``, ``10``."""
    return f"{number.normalize():f}"


def incentive_words(kind: str, policy: Settlement) -> str:
    """Return what a kind of incentive is called; the code itself when the policy knows none of that code."""
    known = policy.kind(kind)
    return known.label.in_language(get_language() or "") if known else kind


def band_words(rate: Rate) -> str:
    """Return a distance band: ``10–20 km``, ``from 20 km``."""
    return _band_words(rate.from_km, rate.to_km)


def _band_words(from_km: Decimal, to_km: Decimal | None) -> str:
    if to_km is None:
        return _("from %(km)s km") % {"km": plain(from_km)} if from_km else _("any distance")
    return f"{plain(from_km)}–{plain(to_km)} km"


# A month has some hundreds of these in each language, and millions of lines.
@lru_cache(maxsize=8192)
def _work_words(
    _language: str, work: tuple[str, str, bool | None], away: Decimal | tuple[Decimal, Decimal | None] | None, table: str
) -> str:
    """Return what a fee is for, the distance as a band or as it is, in the language of the moment.

    The language is named because the words are kept by it.
    """
    product_line, service_type, in_warranty = work
    distance = ""
    if isinstance(away, tuple):
        distance = _band_words(*away)
    elif away is not None:
        distance = _("%(km)s km") % {"km": plain(away)}
    parts = [
        product_words(product_line),
        service_words(service_type),
        warranty_words(in_warranty),
        distance,
        _("table %(label)s") % {"label": table},
    ]
    return _(", ").join(part for part in parts if part)


def rate_of(
    tables: Mapping[str, Rates], label: str, work: tuple[str, str, bool | None], distance_km: Decimal | None
) -> Rate | None:
    """Return the row of a rate table by which an order was paid, None when its facts are other ones today."""
    table = tables.get(label)
    if table is None or distance_km is None:
        return None
    bands = table.bands.get((work[0], work[1], work[2])) if work[2] is not None else None
    return next(
        (one for one in bands or () if one.from_km <= distance_km and (one.to_km is None or distance_km < one.to_km)), None
    )


@dataclass(frozen=True, slots=True)
class Order:
    """What an explanation asks of an order."""

    product_line: str
    service_type: str
    in_warranty: bool | None
    distance_km: Decimal | None
    night: bool
    holiday: bool
    high_floor: bool


def fee_words(order: Order, *, fee: Decimal, basic: Decimal, rate: Rate | None, table: str, surcharges: Surcharges) -> str:
    """Return what a fee is made of: ``82.00 = washing machine, repair, in warranty, 10–20 km, table v12``."""
    work = (order.product_line, order.service_type, order.in_warranty)
    words = _work_words(get_language() or "", work, (rate.from_km, rate.to_km) if rate else order.distance_km, table)
    if fee == basic:
        return f"{fee:.2f} = {words}"
    named = [
        (_("night") if order.night else "", surcharges.night if order.night else None),
        (_("holiday") if order.holiday else "", surcharges.holiday if order.holiday else None),
        (_("high floor") if order.high_floor else "", surcharges.high_floor if order.high_floor else None),
    ]
    known = [(name, amount) for name, amount in named if amount]
    if sum((amount for _name, amount in known), Decimal(0)) != fee - basic:
        known = [(_("surcharges"), fee - basic)]
    return f"{fee:.2f} = {basic:.2f} ({words})" + "".join(f" + {amount:.2f} ({name})" for name, amount in known)


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What is known of an order that is held or rejected; `returns_until` is the last day on which its part is waited for."""

    product_line: str
    service_type: str
    in_warranty: bool | None
    distance_km: Decimal | None
    finished_on: date
    returns_until: date
    part: str
    lab_finding: str
    earlier: str
    repeat_days: int
    return_days: int
    is_part_back: bool = False


def _rate_missing(order: Unpaid) -> str:
    if order.in_warranty is None and order.distance_km is None:
        return _("Neither warranty nor distance is known, so no rate can be found")
    if order.in_warranty is None:
        return _("It is not known whether it was in warranty, so no rate can be found")
    if order.distance_km is None:
        return _("The distance is not known, so no rate can be found")
    return _("The rate table has no fee for %(work)s") % {
        "work": _(", ").join(
            [
                product_words(order.product_line) or _("no product line"),
                service_words(order.service_type),
                warranty_words(order.in_warranty),
                _("%(km)s km") % {"km": plain(order.distance_km)},
            ]
        )
    }


def _part(order: Unpaid) -> str:
    return _(" (part %(part)s)") % {"part": order.part} if order.part else ""


def _findings(code: str) -> str:
    words = {"no_fault": _("no fault found"), "wrong_part": _("wrong part"), "misuse": _("misuse")}
    return words.get(code, code)


_WHY: Mapping[tuple[str, str], Callable[[Unpaid], str]] = {
    ("held", "steps"): lambda _order: _("The visit's steps are not reported yet"),
    ("held", "callback"): lambda _order: _("The customer has not been called back yet"),
    ("held", "genuine"): lambda _order: _("It is not known whether the product is genuine"),
    ("held", "return"): lambda order: _("The warranty part has not come back%(part)s") % {"part": _part(order)},
    ("held", "lab"): lambda order: _("The lab has not found yet what was wrong with the part%(part)s") % {"part": _part(order)},
    ("held", "rate"): _rate_missing,
    ("rejected", "steps"): lambda _order: _("The visit's steps are not complete"),
    ("rejected", "callback"): lambda _order: _("The customer was dissatisfied"),
    ("rejected", "genuine"): lambda _order: _("The product is not genuine"),
    ("rejected", "repeat"): lambda order: (
        _("The same fault of the same device within %(days)s days after %(earlier)s")
        % {"days": order.repeat_days, "earlier": order.earlier or "–"}
    ),
    ("rejected", "return"): lambda order: (
        _("The warranty part did not come back within %(days)s days%(part)s")
        % {"days": order.return_days, "part": _part(order)}
    ),
    ("rejected", "lab"): lambda order: (
        _("The lab says: %(finding)s%(part)s") % {"finding": _findings(order.lab_finding), "part": _part(order)}
    ),
}


def why_unpaid(decision: str, gate: str, order: Unpaid) -> str:
    """Return in plain words why an order is held or rejected."""
    known = _WHY.get((decision, gate))
    return known(order) if known else gate


_RELEASE: Mapping[str, Callable[[Unpaid, str], str]] = {
    "steps": lambda _order, _day: _("Paid once the steps are reported complete; rejected if they are not."),
    "callback": lambda _order, _day: _(
        "Paid after a satisfied call-back, or when all attempts are used; rejected when dissatisfied."
    ),
    "genuine": lambda _order, _day: _("Paid once the device is marked genuine; rejected if it is not."),
    "return": lambda _order, day: _("Waits until %(day)s, then it is rejected.") % {"day": day},
    "lab": lambda _order, _day: _("Paid once the lab confirms the fault; rejected for any other finding."),
    "rate": lambda order, _day: (
        _("Paid once warranty and distance are noted on the dispatch page of its case.")
        if order.in_warranty is None or order.distance_km is None
        else _("Paid once a rate table has this fee.")
    ),
}


def what_releases(gate: str, order: Unpaid) -> str:
    """Return what would release a held order."""
    known = _RELEASE.get(gate)
    return known(order, order.returns_until.isoformat()) if known else ""


def tables_by_label(tables: Iterable[Rates]) -> dict[str, Rates]:
    """Return rate tables by label, the newest of each."""
    return {table.table: table for table in tables}


def gate_words(gate: str, gates: Sequence[tuple[str, str]]) -> str:
    """Return the name of a gate."""
    return dict(gates).get(gate, gate)
