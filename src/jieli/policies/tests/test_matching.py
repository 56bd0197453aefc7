"""The most specific rule wins, ties go to the earlier, and the reason can be read in both languages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.policies.codes import Kind, Tier
from jieli.policies.matching import best_rule, explain
from jieli.policies.schemas import Label, Promises
from jieli.policies.schemas.landing import LandingRule
from jieli.policies.schemas.promises import PromiseRule
from jieli.policies.sources import read_source
from jieli.policies.tests.factories import default_source

LABEL = Label(zh="规则", en="rule")


def a_rule(name: str, **conditions: Any) -> LandingRule:
    return LandingRule(name=name, label=LABEL, to_unit="hq", **conditions)


def a_promise(**values: Any) -> PromiseRule:
    given_values = {
        "name": "reply",
        "label": {"zh": "规则", "en": "rule"},
        "promise": "first_reply",
        "starts": "opened",
        "mode": "minutes",
        "target": 30,
        "calendar": "desk",
        **values,
    }
    return PromiseRule.model_validate(given_values, strict=False)


conditions = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=3).map(tuple),
        "severity": st.lists(st.integers(0, 4), min_size=1, max_size=3).map(tuple),
        "tier": st.lists(st.sampled_from(list(Tier)), min_size=1, max_size=2).map(tuple),
        "unit": st.lists(st.sampled_from(["a", "b"]), min_size=1).map(tuple),
        "inside": st.booleans(),
    },
)
facts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Kind.values),
        "severity": st.none() | st.integers(1, 4),
        "tier": st.none() | st.sampled_from(Tier.values),
        "unit": st.sampled_from(["a", "b", "c"]),
        "inside": st.booleans(),
    }
)


def holds(rule: LandingRule, known: dict[str, Any]) -> bool:
    return all((known[name] or 0 if name == "severity" else known[name]) in values for name, values in rule.conditions.items())


@given(st.lists(conditions, max_size=8), facts)
def test_no_matching_rule_is_more_specific_than_the_chosen_one(
    given_rules: list[dict[str, Any]], known: dict[str, Any]
) -> None:
    rules = [a_rule(f"r{place}", **given) for place, given in enumerate(given_rules)]
    matching = [rule for rule in rules if holds(rule, known)]
    match = best_rule(rules, known)
    assert (match is None) == (not matching)
    if match:
        most = max(len(rule.conditions) for rule in matching)
        assert match.rule == next(rule for rule in matching if len(rule.conditions) == most)


@given(st.lists(conditions, max_size=6), conditions, facts)
def test_a_rule_that_does_not_match_changes_nothing(
    given_rules: list[dict[str, Any]], other: dict[str, Any], known: dict[str, Any]
) -> None:
    rules = [a_rule(f"r{place}", **given) for place, given in enumerate(given_rules)]
    stranger = a_rule("stranger", **{**other, "unit": ("nowhere",)})
    without, with_ = best_rule(rules, known), best_rule([stranger, *rules], known)
    assert (without and without.rule.name) == (with_ and with_.rule.name)


@given(facts)
def test_every_case_of_the_default_pack_has_its_acceptance_reply_and_solution(known: dict[str, Any]) -> None:
    promises = read_source(default_source("promises"), Promises)
    assert isinstance(promises, Promises)
    for promise, starts in (("accept", "opened"), ("first_reply", "opened"), ("resolve", "opened"), ("next_reply", "answered")):
        match = best_rule(promises.rules_for(promise, starts), known)
        assert match is not None
        assert promises.target_for(match.rule, known["tier"]) > 0


def test_a_case_that_nobody_judged_matches_level_zero() -> None:
    unjudged, judged = a_rule("unjudged", severity=(0, 3)), a_rule("judged", severity=(1,))
    for severity, name in ((None, "unjudged"), (0, "unjudged"), (3, "unjudged"), (1, "judged")):
        match = best_rule([unjudged, judged], {"severity": severity})
        assert match is not None
        assert match.rule.name == name
    assert best_rule([unjudged, judged], {"severity": 2}) is None


def test_a_fact_that_is_not_given_meets_no_condition() -> None:
    assert best_rule([a_rule("south", area=("south",))], {"kind": "service"}) is None


def test_the_explanation_is_the_one_of_the_specification() -> None:
    rule = a_promise(promise="next_reply", kind=["service"], severity=[1, 2])
    known = {"kind": "service", "service_type": "repair", "severity": 2, "tier": "vip"}
    assert (
        explain(rule, known, "promises v7", "en", due="15:30")
        == "reply by 15:30: VIP, repair, level 2, working hours, policy promises v7"
    )


def test_the_explanation_reads_in_chinese() -> None:
    rule = a_promise(promise="next_reply", kind=["service"], severity=[1, 2])
    known = {"kind": "service", "service_type": "repair", "severity": 2, "tier": "gold"}
    text = explain(rule, known, "promises v7", "zh-hans", due="15:30")
    assert text == "15:30 前回复：金，维修，2 级，工作时间，策略 promises v7"


@pytest.mark.parametrize(
    ("values", "known", "expected"),
    [
        ({"tiered": False}, {"kind": "enquiry", "tier": "vip"}, "first reply: enquiry, working hours"),
        ({"mode": "days"}, {"kind": "praise", "tier": "vip"}, "first reply: praise, working days"),
        ({"legal": True, "tier": ["vip"]}, {"tier": "vip"}, "first reply: VIP, legal term, working hours"),
        ({"calendar": "always"}, {"kind": "enquiry", "tier": "standard"}, "first reply: enquiry, around the clock"),
        ({"severity": [0]}, {"kind": "complaint"}, "first reply: complaint, level not judged yet, working hours"),
        (
            {"channel": ["phone"], "product_line": ["fridge"], "inside": False, "urgent": True},
            {"kind": "service", "channel": "phone", "product_line": "fridge", "inside": False, "urgent": True},
            "first reply: service, product line fridge, by phone, outside the company, urgent, working hours",
        ),
    ],
)
def test_the_explanation_names_what_decided_and_nothing_else(
    values: dict[str, Any], known: dict[str, object], expected: str
) -> None:
    match = best_rule([a_promise(**values)], known)
    assert match is not None
    assert match.explanation["en"] == expected
    assert match.explanation["zh"] != expected
