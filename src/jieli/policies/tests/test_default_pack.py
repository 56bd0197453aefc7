"""The shipped pack says what the table of defaults says."""

from decimal import Decimal

import pytest

from jieli.policies.actions import install_default_pack
from jieli.policies.matching import best_rule
from jieli.policies.models import PolicyVersion
from jieli.policies.queries import current
from jieli.policies.schemas import Promises, registered
from jieli.policies.sources import body_of, read_body, read_source
from jieli.policies.tests.factories import default_source, shipped_names

M, D = "minutes", "days"

# kind, severity -> (accept, first reply, next reply, arrive, resolve), each (mode, target, calendar)
DESK_15, DESK_30 = (M, 15, "desk"), (M, 30, "desk")
TABLE = [
    ("enquiry", None, (DESK_15, DESK_30, (M, 240, "desk"), None, (D, 1, "desk"))),
    ("service", 1, ((M, 5, "desk"), (M, 10, "desk"), (M, 60, "desk"), (M, 240, "desk"), (D, 1, "desk"))),
    ("service", 2, ((M, 5, "desk"), (M, 10, "desk"), (M, 60, "desk"), (M, 240, "desk"), (D, 1, "desk"))),
    ("service", 3, (DESK_15, DESK_30, (M, 240, "desk"), (M, 1440, "desk"), (D, 3, "desk"))),
    ("service", 4, (DESK_15, DESK_30, (M, 240, "desk"), (M, 1440, "desk"), (D, 3, "desk"))),
    ("service", None, (DESK_15, DESK_30, (M, 240, "desk"), (M, 1440, "desk"), (D, 3, "desk"))),
    ("complaint", 1, ((M, 5, "desk"), (M, 10, "desk"), (M, 60, "desk"), (M, 120, "desk"), (D, 1, "desk"))),
    ("complaint", 2, (DESK_15, DESK_30, (M, 240, "desk"), None, (D, 2, "desk"))),
    ("complaint", 3, (DESK_15, (M, 60, "desk"), (M, 480, "desk"), None, (D, 3, "desk"))),
    ("complaint", None, (DESK_15, (M, 60, "desk"), (M, 480, "desk"), None, (D, 3, "desk"))),
    ("complaint", 4, (DESK_15, (M, 120, "desk"), (D, 1, "desk"), None, (D, 5, "desk"))),
    ("suggestion", None, ((M, 60, "desk"), (D, 1, "desk"), (D, 5, "desk"), None, (D, 10, "desk"))),
    ("praise", None, ((M, 60, "desk"), (D, 1, "desk"), (D, 5, "desk"), None, (D, 10, "desk"))),
    ("internal_request", None, ((M, 60, "unit"), (M, 120, "unit"), (D, 1, "office"), None, (D, 3, "office"))),
    ("internal_complaint", None, ((M, 120, "unit"), (D, 1, "office"), (D, 2, "office"), None, (D, 5, "office"))),
    ("improvement", None, ((D, 1, "office"), (D, 2, "office"), (D, 5, "office"), None, (D, 20, "office"))),
]
KINDS = ("accept", "first_reply", "next_reply", "arrive", "resolve")


def shipped() -> Promises:
    promises = read_source(default_source("promises"), Promises)
    assert isinstance(promises, Promises)
    return promises


@pytest.mark.parametrize(("kind", "severity", "expected"), TABLE)
def test_the_table_of_promises_is_complete(kind: str, severity: int | None, expected: tuple[object, ...]) -> None:
    promises = shipped()
    found = []
    for promise in KINDS:
        rules = [rule for rule in promises.rules_for(promise) if rule.starts != "breached"]
        match = best_rule(rules, {"kind": kind, "severity": severity})
        found.append((match.rule.mode, match.rule.target, match.rule.calendar) if match else None)
    assert tuple(found) == expected


@pytest.mark.parametrize(
    ("promise", "starts", "facts", "expected"),
    [
        ("callback", "resolved", {"kind": "service"}, (M, 1440, "always")),
        ("next_reply", "breached", {"kind": "complaint", "severity": 1}, (M, 240, "desk")),
        ("pass_answer", "pass_offered", {"urgent": True}, (M, 15, "always")),
        ("pass_answer", "pass_offered", {"urgent": False}, (M, 60, "unit")),
        ("decision", "decision_asked", {}, (D, 1, "desk")),
        ("part_delivery", "part_ordered", {}, (D, 3, "desk")),
        ("payout", "payout_agreed", {}, (D, 5, "desk")),
    ],
)
def test_promises_outside_the_table(
    promise: str, starts: str, facts: dict[str, object], expected: tuple[str, int, str]
) -> None:
    match = best_rule(shipped().rules_for(promise, starts), facts)
    assert match is not None
    assert (match.rule.mode, match.rule.target, match.rule.calendar) == expected


def test_every_kind_of_case_has_a_reply_after_a_breach_and_an_answer_to_a_pass() -> None:
    promises = shipped()
    for kind, severity, _ in TABLE:
        facts = {"kind": kind, "severity": severity, "urgent": False}
        assert best_rule(promises.rules_for("next_reply", "breached"), facts)
        assert best_rule(promises.rules_for("pass_answer", "pass_offered"), facts)


def test_tiers_shorten_minutes_and_never_days_nor_what_is_the_same_for_all() -> None:
    promises = shipped()
    accept, resolve, callback = (promises.rule(name) for name in ("enquiry-accept", "enquiry-resolve", "callback"))
    assert accept is not None
    assert resolve is not None
    assert callback is not None
    assert promises.target_for(accept, "gold") == Decimal("11.25")
    assert promises.target_for(accept, "vip") == Decimal("7.5")
    assert promises.target_for(accept, "silver") == promises.target_for(accept, None) == 15
    assert promises.target_for(resolve, "vip") == 1
    assert promises.target_for(callback, "vip") == 1440
    legal = accept.model_copy(update={"legal": True})
    assert promises.target_for(legal, "vip") == 15


@pytest.mark.parametrize("name", shipped_names())
def test_a_policy_survives_being_stored(name: str) -> None:
    schema = registered(name).schema
    data = read_source(default_source(name), schema)
    assert read_body(body_of(data), schema) == data


@pytest.mark.django_db
def test_every_policy_has_its_first_version_after_migrating() -> None:
    assert set(PolicyVersion.objects.values_list("name", "number", "started")) == {(name, 1, True) for name in shipped_names()}


@pytest.mark.django_db
def test_installing_again_changes_nothing() -> None:
    before = list(PolicyVersion.objects.values())
    assert install_default_pack() == []
    assert list(PolicyVersion.objects.values()) == before


@pytest.mark.django_db
def test_the_other_numbers_are_the_defaults() -> None:
    numbers = current("numbers").data
    assert numbers.grace_minutes == 240
    assert [warning.percent for warning in numbers.warnings] == [50, 80, 100, 150]
    assert (numbers.reopen_days, numbers.autoclose_after_read_days, numbers.autoclose_after_sent_days) == (14, 3, 7)
    assert (numbers.dedup.hours, numbers.dedup.similarity) == (48, Decimal("0.6"))
    assert numbers.passes.most_before_alert == 3
    assert numbers.passes.urgent_within_minutes == 120
    assert numbers.load_weights.of("service", 3) == 1
    assert numbers.load_weights.of("complaint", 2) == 2
    assert numbers.load_weights.of("complaint", 1) == 4
    pause = numbers.pause("customer")
    assert pause is not None
    assert (pause.needs_consent, pause.most_days) == (True, 14)
    assert {limit.role: limit.most_amount for limit in numbers.authority} == {
        "agent": Decimal(100),
        "supervisor": Decimal(500),
        "manager": Decimal(5000),
    }


@pytest.mark.django_db
def test_tiers_are_the_defaults() -> None:
    tiers = current("tiers").data
    assert tiers.weights.value * 80 + tiers.weights.importance * 60 + tiers.weights.potential * 90 == Decimal("76.0")
    assert [int(score) for score in (tiers.cut_offs.vip, tiers.cut_offs.gold, tiers.cut_offs.silver)] == [85, 70, 50]


@pytest.mark.django_db
def test_the_routes_are_the_frozen_stages() -> None:
    routes = current("routes").data
    assert [stage.code for stage in routes.of("service").stages] == ["intake", "dispatch", "visit", "quality", "settlement"]
    for kind in ("enquiry", "complaint", "internal_request", "improvement"):
        stages = [stage.code for stage in routes.of(kind).stages]
        assert stages == ["intake", "handling", "reply", "callback", "archive"]
    after = routes.of("service").after("intake")
    assert after is not None
    assert after.code == "dispatch"
    assert routes.of("service").after("settlement") is None
