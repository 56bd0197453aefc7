"""The shipped visit standard has the 24 steps in 5 phases, each with records and a hint, and every rule of conduct its step."""

import pytest

from jieli.policies.schemas import Faults, Prices, VisitStandard
from jieli.policies.schemas.visit_standard import Step
from jieli.policies.sources import SourceProblems, read_source
from jieli.policies.tests.factories import changed, default_source

# Source: spec 3, The visit (the table of phases and steps).
PHASES = [("before", 6), ("entering", 5), ("work", 7), ("leaving", 4), ("after", 2)]
ZH = [
    "接收信息", "分析信息", "联系用户", "准备", "出发", "路上",
    "进门前准备", "敲门", "进门", "穿鞋套", "放好工具箱", "耐心听取",
    "真伪判断", "故障诊断", "故障维修", "试机通检", "指导使用", "清擦及清理",
    "超保收费", "征询意见", "一站式通检", "递名片道别", "回访", "增值信息反馈",
]  # fmt: skip


def shipped() -> VisitStandard:
    standard = read_source(default_source("visit-standard"), VisitStandard)
    assert isinstance(standard, VisitStandard)
    return standard


def steps() -> tuple[Step, ...]:
    return shipped().steps


def test_there_are_24_steps_in_5_phases_in_the_order_of_the_spec() -> None:
    assert [step.label.zh for step in steps()] == ZH
    assert [(phase.code, sum(step.phase == phase.code for step in steps())) for phase in shipped().phases] == PHASES


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.code)
def test_each_step_has_recorded_fields_and_a_hint_in_both_languages(step: Step) -> None:
    assert step.records
    words = [step.label, step.hint, *(record.label for record in step.records)]
    assert all(word.zh and word.en and word.zh != word.en for word in words)
    assert len(step.hint.zh) > 15


def test_ten_dos_and_ten_donts_are_each_bound_to_a_step() -> None:
    standard = shipped()
    for sign in ("do", "dont"):
        rules = [rule for rule in standard.conduct if rule.sign == sign]
        assert len(rules) == 10
        assert all(standard.step(rule.step) is not None for rule in rules)
        assert all(rule.label.zh and rule.label.en for rule in rules)


def test_a_mandatory_step_of_the_engineer_can_be_left_out_only_for_a_reason_of_the_policy() -> None:
    standard = shipped()
    assert all(standard.skip_reason(code) is not None for step in standard.steps for code in step.skips)
    assert [step.code for step in standard.steps if not step.mandatory] == [
        "receive",
        "on_the_way",
        "one_stop",
        "callback",
        "information",
    ]


def test_steps_apply_by_the_kind_of_work_and_the_warranty() -> None:
    standard = shipped()
    repair = {step.code for step in standard.steps_of({"repair"}, in_warranty=True)}
    guidance = {step.code for step in standard.steps_of({"guidance"}, in_warranty=False)}
    assert {"diagnose", "repair", "test_run"} <= repair
    assert "charge" not in repair
    assert "charge" in {step.code for step in standard.steps_of({"repair"}, in_warranty=None)}
    assert "diagnose" not in guidance
    assert "charge" in guidance
    assert "callback" not in repair | guidance


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('step = "goodbye"', 'step = "nowhere"'),
        ('skips = ["outdoors", "remote", "customer_declined", "forgotten"]', 'skips = ["no_such_reason"]'),
        ('step = "test_run"', 'step = "no_step"'),
        (
            'label = { zh = "敲门", en = "Knock" }\nphase = "entering"',
            'label = { zh = "敲门", en = "Knock" }\nphase = "work"',
        ),
    ],
)  # fmt: skip
def test_a_standard_that_does_not_fit_together_is_refused(old: str, new: str) -> None:
    with pytest.raises(SourceProblems):
        read_source(changed("visit-standard", old, new), VisitStandard)


def test_faults_have_groups_and_prices_hold_for_kinds_of_work() -> None:
    faults = read_source(default_source("faults"), Faults)
    prices = read_source(default_source("prices"), Prices)
    assert isinstance(faults, Faults)
    assert isinstance(prices, Prices)
    group = faults.group_of("e30")
    assert group is not None
    assert group.code == "wm_drain"
    assert faults.group_of("wm_drain") == group
    assert faults.group_of("nothing") is None
    assert {found.product_line for found in faults.of_lines({"kitchen"})} == {"kitchen"}
    hood = prices.price("clean_hood")
    assert hood is not None
    assert hood.holds_for("kitchen", "maintenance")
    assert not hood.holds_for("kitchen", "repair")
    assert not hood.holds_for("television", "maintenance")
