"""The visit standard, fault codes and prices as a phone reads them."""

from collections.abc import Iterable
from typing import Any

from jieli.policies.queries import current, version
from jieli.policies.schemas import Label, VisitStandard
from jieli.policies.schemas.visit_standard import Step


def _words(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def _named(items: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"code": one.code, "label": _words(one.label)} for one in items]


def standard_for_phone(number: int) -> dict[str, Any]:
    """Return one version of the standard with all that a phone needs to follow it offline."""
    standard = version("visit-standard", number).data
    return {
        "version": number,
        "phases": [{"code": phase.code, "name": _words(phase.label)} for phase in standard.phases],
        "steps": [_step(standard, step, place) for place, step in enumerate(standard.steps, start=1)],
        "skip_reasons": _named(standard.skip_reasons),
        "not_fixed": _named(standard.not_fixed),
        "information": _named(standard.information),
        "safety": {
            "step": standard.safety.step,
            "hint": _words(standard.safety.hint),
            "least_volt": standard.safety.least_volt,
            "most_volt": standard.safety.most_volt,
            "most_earth_ohm": standard.safety.most_earth_ohm,
            "service_types": [str(one) for one in standard.safety.service_types],
        },
        "most_photos": standard.most_photos,
    }


def _step(standard: VisitStandard, step: Step, place: int) -> dict[str, Any]:
    reasons = [standard.skip_reason(code) for code in step.skips]
    return {
        "code": step.code,
        "place": place,
        "phase": step.phase,
        "name": _words(step.label),
        "hint": _words(step.hint),
        "by": step.by,
        "entry": step.entry,
        "mandatory": step.mandatory,
        "records": [
            {
                "name": record.name,
                "label": _words(record.label),
                "type": record.type,
                "unit": record.unit,
                "choices": _named(record.choices),
                "required": record.required,
            }
            for record in step.records
        ],
        "evidence": [{"kind": one.kind, "least": one.least, "required_when": one.required_when} for one in step.evidence],
        "skip_reasons": _named(reason for reason in reasons if reason is not None),
        "dos": [_words(rule.label) for rule in standard.conduct if rule.step == step.code and rule.sign == "do"],
        "donts": [_words(rule.label) for rule in standard.conduct if rule.step == step.code and rule.sign == "dont"],
        "applies": {"service_types": [str(one) for one in step.service_types], "in_warranty": step.in_warranty},
    }


def faults_for_phone(lines: set[str]) -> list[dict[str, Any]]:
    """Return the fault codes of some product lines as a tree: groups, and the faults of each."""
    return [
        {
            "code": group.code,
            "product_line": group.product_line,
            "name": _words(group.label),
            "children": [{"code": fault.code, "name": _words(fault.label)} for fault in group.faults],
        }
        for group in current("faults").data.of_lines(lines)
    ]


def prices_for_phone(lines: set[str]) -> list[dict[str, Any]]:
    """Return the price list of some product lines."""
    return [
        {
            "code": price.code,
            "name": _words(price.label),
            "amount": f"{price.amount:.2f}",
            "product_lines": list(price.product_lines),
            "service_types": [str(one) for one in price.service_types],
        }
        for price in current("prices").data.prices
        if not price.product_lines or lines & set(price.product_lines)
    ]
