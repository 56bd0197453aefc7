"""The tier of a customer (spec 2, Tier; facts, Tier)."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from jieli.customers import actions
from jieli.customers.models import Customer
from jieli.customers.queries import tier_reason
from jieli.customers.rules import FACTORS, TIERS, TierPolicy, explain, score_tier
from jieli.customers.tests.factories import AGENT, MANAGER, SUPERVISOR, a_customer
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.refusals import Invalid, NotAllowed

SHIPPED = TierPolicy(
    weights={"value": Decimal("0.5"), "importance": Decimal("0.3"), "potential": Decimal("0.2")},
    cut_offs={"silver": Decimal(50), "gold": Decimal(70), "vip": Decimal(85)},
    version="tiers v1",
)
POINTS = st.decimals(min_value=0, max_value=100, places=2)


def factors(value: str, importance: str, potential: str) -> dict[str, Decimal | None]:
    return {"value": Decimal(value), "importance": Decimal(importance), "potential": Decimal(potential)}


def test_the_worked_example_is_gold() -> None:
    found = score_tier(factors("80", "60", "90"), SHIPPED)
    assert (found.score, found.tier) == (Decimal("76.0"), "gold")


def test_the_reason_can_be_read() -> None:
    with translation.override("en"):
        text = explain(score_tier(factors("80", "60", "90"), SHIPPED))
    assert text == "0.5 × value 80 + 0.3 × importance 60 + 0.2 × potential 90 = 76, at least 70: gold (tiers v1)"


@pytest.mark.parametrize(
    ("score", "tier"),
    [("85", "vip"), ("84.99", "gold"), ("70", "gold"), ("69.99", "silver"), ("50", "silver"), ("49.99", "standard")],
)
def test_a_cut_off_belongs_to_the_higher_tier(score: str, tier: str) -> None:
    assert score_tier(factors(score, score, score), SHIPPED).tier == tier


def test_an_unknown_factor_leaves_the_standard_tier() -> None:
    found = score_tier({"value": Decimal(100), "importance": None, "potential": Decimal(100)}, SHIPPED)
    assert (found.tier, found.score) == ("standard", None)
    with translation.override("en"):
        assert "importance is not known" in explain(found)


@given(POINTS, POINTS, POINTS)
def test_the_score_stays_on_the_scale(value: Decimal, importance: Decimal, potential: Decimal) -> None:
    found = score_tier({"value": value, "importance": importance, "potential": potential}, SHIPPED)
    assert found.score is not None
    assert 0 <= found.score <= 100


@given(POINTS, POINTS, POINTS, st.sampled_from(FACTORS), POINTS)
def test_a_higher_factor_never_lowers_the_tier(
    value: Decimal, importance: Decimal, potential: Decimal, which: str, other: Decimal
) -> None:
    before = {"value": value, "importance": importance, "potential": potential}
    after = {**before, which: max(before[which], other)}
    low, high = score_tier(dict(before), SHIPPED), score_tier(dict(after), SHIPPED)
    assert TIERS.index(high.tier) >= TIERS.index(low.tier)


def test_a_new_customer_is_scored_by_the_policy_in_force(db: None) -> None:
    customer = a_customer(value=Decimal(80), importance=Decimal(60), potential=Decimal(90))
    assert (customer.tier, customer.tier_score, customer.tier_policy) == ("gold", Decimal("76.000"), "tiers v1")
    assert "tiers v1" in tier_reason(customer)


def test_changed_factors_change_the_tier_with_an_event(db: None) -> None:
    customer = a_customer(value=Decimal(80), importance=Decimal(60), potential=Decimal(90))
    changed = actions.change_customer(customer.pk, values={"value": Decimal(100)}, actor=SUPERVISOR)
    assert (changed.tier, changed.tier_score) == ("vip", Decimal("86.000"))
    event = Event.objects.get(type="customers.tier_changed", stream_id=customer.pk)
    assert (event.data["old"], event.data["new"], event.data["policy"]) == ("gold", "vip", "tiers v1")


def test_an_agent_does_not_judge_customers(db: None) -> None:
    customer = a_customer()
    with pytest.raises(NotAllowed):
        actions.change_customer(customer.pk, values={"value": Decimal(100)}, actor=AGENT)


def test_scoring_anew_without_a_change_writes_no_event(db: None) -> None:
    customer = a_customer(value=Decimal(80), importance=Decimal(60), potential=Decimal(90))
    actions.rescore_customer(customer.pk, actor=MANAGER)
    assert not Event.objects.filter(type="customers.tier_changed", stream_id=customer.pk).exists()


@pytest.mark.parametrize("value", [Decimal("-0.01"), Decimal("100.01")])
def test_a_factor_outside_the_scale_is_refused_by_name(db: None, value: Decimal) -> None:
    customer = a_customer()
    with pytest.raises(Invalid) as refused:
        actions.change_customer(customer.pk, values={"value": value}, actor=SYSTEM)
    assert set(refused.value.fields) == {"value"}
    assert Customer.objects.get(pk=customer.pk).value is None
