"""Which rule decides, and why: the most specific one that matches; ties go to the earlier (spec 1, Promises).

Pure: facts and rules in, a rule and its explanation out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jieli.policies.codes import Channel, Kind, PromiseKind, ServiceType, Tier
from jieli.policies.schemas.base import Conditions

R = TypeVar("R", bound=Conditions)
Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Match(Generic[R]):
    """The rule that decides about these facts."""

    rule: R
    facts: Facts

    @property
    def matched(self) -> dict[str, object]:
        """Return the conditions of the rule with the facts on which they held."""
        return {name: _fact(self.facts, name) for name in self.rule.conditions}

    @property
    def explanation(self) -> dict[str, str]:
        """Return the reason in words, without time and policy, as ``{"zh": …, "en": …}``."""
        return {
            "zh": explain(self.rule, self.facts, "", "zh-hans"),
            "en": explain(self.rule, self.facts, "", "en"),
        }


def best_rule(rules: Iterable[R], facts: Facts) -> Match[R] | None:
    """Return the most specific rule that matches, the first among equals; None when none does.

    `facts` may hold any of the conditions' names: kind, service_type, severity (None = not judged yet), tier, product_line,
    area, channel, language, unit, inside, urgent. A condition on a fact that is not given does not hold.
    """
    best: R | None = None
    most = -1
    for rule in rules:
        conditions = rule.conditions
        if len(conditions) > most and all(_fact(facts, name) in values for name, values in conditions.items()):
            best, most = rule, len(conditions)
    return None if best is None else Match(best, facts)


def _fact(facts: Facts, name: str) -> object:
    value = facts.get(name)
    if name == "severity":
        return value or 0
    return value


def explain(rule: Conditions, facts: Facts, policy_label: str, language: str, *, due: str = "") -> str:
    """Return why a rule decided so: ``reply by 15:30: VIP, repair, level 2, working hours, policy promises v7``.

    `policy_label` is the version such as ``promises v7``, `due` the time as it is shown; either may be empty. `language` is a
    code such as ``zh-hans`` or ``en``.
    """
    with translation.override(language):
        reasons = list(_reasons(rule, facts))
        if policy_label:
            reasons.append(_("policy %(version)s") % {"version": policy_label})
        text = pgettext("between the reasons of a promise", ", ").join(reasons)
        promise = getattr(rule, "promise", None)
        if promise is None:
            return text
        head = str(PromiseKind(promise).label)
        if due:
            head = _("%(promise)s by %(due)s") % {"promise": head, "due": due}
        return _("%(promise)s: %(reasons)s") % {"promise": head, "reasons": text} if text else head


def _reasons(rule: Conditions, facts: Facts) -> Iterable[str]:
    conditions = rule.conditions
    tier = facts.get("tier")
    factor_applies = getattr(rule, "factor_applies", None)
    is_shortened = factor_applies is not None and factor_applies() and tier not in (None, "", Tier.STANDARD)
    if tier and (is_shortened or "tier" in conditions):
        yield _word(Tier, tier)
    if facts.get("service_type"):
        yield _word(ServiceType, facts["service_type"])
    elif facts.get("kind"):
        yield _word(Kind, facts["kind"])
    severity = facts.get("severity")
    if severity:
        yield _("level %(level)s") % {"level": severity}
    elif "severity" in conditions:
        yield _("level not judged yet")
    yield from _matched_words(rule, facts)
    yield from _counting_words(rule)


def _matched_words(rule: Conditions, facts: Facts) -> Iterable[str]:
    conditions = rule.conditions
    for name, words in (
        ("product_line", _("product line %(value)s")),
        ("area", _("area %(value)s")),
        ("language", _("language %(value)s")),
        ("unit", _("unit %(value)s")),
    ):
        if name in conditions:
            yield words % {"value": facts.get(name)}
    if "channel" in conditions:
        yield _("by %(channel)s") % {"channel": _word(Channel, facts.get("channel"))}
    if "inside" in conditions:
        yield _("inside the company") if facts.get("inside") else _("outside the company")
    if "urgent" in conditions:
        yield _("urgent") if facts.get("urgent") else _("not urgent")


def _counting_words(rule: Conditions) -> Iterable[str]:
    if getattr(rule, "legal", False):
        yield _("legal term")
    mode = getattr(rule, "mode", None)
    if mode == "days":
        yield pgettext("how a promise is counted", "working days")
    elif mode == "minutes":
        is_always = getattr(rule, "calendar", "") == "always"
        yield _("around the clock") if is_always else pgettext("how a promise is counted", "working hours")


def _word(codes: Any, value: object) -> str:
    return str(codes(value).label) if value in codes.values else str(value)
