"""What a tier follows from, and how customers' words are brought into one form; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

# By what a segment may choose customers; words are left out, because they could name somebody.
SEGMENT_FILTERS = ("tier", "kind", "language", "product_line", "purpose", "born_in")
FACTORS = ("value", "importance", "potential")
TIERS = ("standard", "silver", "gold", "vip")


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """Weights of the three factors (their sum is 1) and the lowest score of each tier above standard."""

    weights: Mapping[str, Decimal]
    cut_offs: Mapping[str, Decimal]
    version: str = ""


@dataclass(frozen=True, slots=True)
class TierScore:
    """A tier with what it followed from; `score` is None while one of the factors is unknown."""

    tier: str
    score: Decimal | None
    factors: Mapping[str, Decimal | None]
    policy: TierPolicy


def score_tier(factors: Mapping[str, Decimal | None], policy: TierPolicy) -> TierScore:
    """Return score = Σ factor × weight and the highest tier whose cut-off it reaches (spec 2, Tier).

    A customer of whom one factor is unknown is standard: nobody loses the standard promise by not being known.
    """
    known = {name: factors.get(name) for name in FACTORS}
    if any(value is None for value in known.values()):
        return TierScore("standard", None, known, policy)
    score = sum((value * policy.weights[name] for name, value in known.items() if value is not None), Decimal(0))
    tier = "standard"
    for name in TIERS[1:]:
        if name in policy.cut_offs and score >= policy.cut_offs[name]:
            tier = name
    return TierScore(tier, score, known, policy)


def factor_name(name: str) -> str:
    """Return the word for one of the three factors."""
    return {
        "value": pgettext("of a customer", "value"),
        "importance": pgettext("of a customer", "importance"),
        "potential": pgettext("of a customer", "potential"),
    }[name]


def tier_name(tier: str) -> str:
    """Return the word for a tier."""
    return {
        "standard": pgettext("tier", "standard"),
        "silver": pgettext("tier", "silver"),
        "gold": pgettext("tier", "gold"),
        "vip": "VIP",
    }[tier]


def temperament_advice(temperament: str) -> str:
    """Return how to talk with somebody of this temperament, or an empty text (spec 5, Temperament)."""
    return {
        "lively": _("Let them vent, do not take the bait."),
        "perfectionist": _("Sympathy, and patience with every detail."),
        "powerful": _("Respect, no interruption, stand by the principle."),
        "quiet": _("Ask actively: they leave silently."),
    }.get(temperament, "")


def explain(score: TierScore) -> str:
    """Return the reason of a tier in one sentence that a person can read."""
    policy = score.policy.version or _("the shipped rule")
    if score.score is None:
        missing = _(", ").join(factor_name(name) for name, value in score.factors.items() if value is None)
        return _("standard, as long as %(missing)s is not known (%(policy)s)") % {"missing": missing, "policy": policy}
    sum_ = " + ".join(
        f"{_plain(score.policy.weights[name])} × {factor_name(name)} {_plain(value)}"
        for name, value in score.factors.items()
        if value is not None
    )
    line = f"{sum_} = {_plain(score.score)}"
    if score.tier == "standard":
        lowest = min(score.policy.cut_offs.values(), default=None)
        if lowest is None:
            return _("%(sum)s; there is no higher tier (%(policy)s)") % {"sum": line, "policy": policy}
        return _("%(sum)s, below %(cut)s: standard (%(policy)s)") % {
            "sum": line,
            "cut": _plain(lowest),
            "policy": policy,
        }
    return _("%(sum)s, at least %(cut)s: %(tier)s (%(policy)s)") % {
        "sum": line,
        "cut": _plain(score.policy.cut_offs[score.tier]),
        "tier": tier_name(score.tier),
        "policy": policy,
    }


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text or "0"


def normalise_serial(serial: str) -> str:
    """Return a serial number in one form: no spaces, upper case."""
    return "".join(serial.split()).upper()


def normalise_email(email: str) -> str:
    """Return a mail address in one form; providers that tell upper from lower case do not exist in practice."""
    return email.strip().lower()


def parse_decimal(text: str) -> Decimal:
    """Return the number in `text`; raises ValueError, also for NaN and infinity."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite():
        raise ValueError(text)
    return number


def parse_boolean(text: str) -> bool:
    """Return the truth in ``true`` or ``false``; raises ValueError for anything else."""
    try:
        return {"true": True, "false": False}[text.strip().lower()]
    except KeyError:
        raise ValueError(text) from None


def parse_date(text: str) -> date:
    """Return the date in ISO 8601, a time of day after it is left away; raises ValueError."""
    return date.fromisoformat(text.strip()[:10])
