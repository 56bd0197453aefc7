"""Codes are written where each app needs them; this test keeps them one: policies, rows, API and database constraints."""

import re
from collections.abc import Iterable
from typing import get_args

import pytest
from django.apps import apps
from django.db.models import CheckConstraint, TextChoices

from jieli.cases.models import Case, Promise
from jieli.cases.rules.proofs import PROOFS
from jieli.cases.schemas import codes as api_codes
from jieli.cases.schemas.links import Proof
from jieli.cases.schemas.promises import CustomerPromise
from jieli.customers import api as customers_api
from jieli.customers.models import Customer
from jieli.customers.models import Tier as CustomerTier
from jieli.customers.rules import TIERS
from jieli.people.models import Role as StaffRole
from jieli.policies import codes

# The interfaces' table of frozen codes, so that all copies cannot be changed together unseen.
FROZEN = {
    codes.Role: "administrator manager supervisor agent dispatcher engineer outlet_manager specialist quality "
    "mystery_shopper finance employee customer",
    codes.Kind: "enquiry service complaint suggestion praise internal_request internal_complaint improvement",
    codes.Stage: "intake dispatch visit quality settlement handling reply callback archive recovery",
    codes.Channel: "portal qr email phone counter wechat chat api webhook import",
    codes.PromiseKind: "accept first_reply next_reply arrive resolve callback pass_answer part_delivery internal_answer "
    "decision payout",
    codes.ServiceType: "design guidance installation repair maintenance check",
    codes.Tier: "standard silver gold vip",
}
SEVERITIES = (1, 2, 3, 4)

COPIES: list[tuple[type[TextChoices], str, Iterable[str]]] = [
    (codes.Role, "people", StaffRole.values),
    (codes.Kind, "cases", Case.Kind.values),
    (codes.Kind, "the API", get_args(api_codes.Kind)),
    (codes.Stage, "cases", Case.Stage.values),
    (codes.Stage, "the API", get_args(api_codes.Stage)),
    (codes.Channel, "cases", Case.Channel.values),
    (codes.Channel, "the API", get_args(api_codes.Channel)),
    (codes.PromiseKind, "cases", Promise.Kind.values),
    (codes.ServiceType, "cases", Case.ServiceType.values),
    (codes.ServiceType, "the API", get_args(api_codes.ServiceType)),
    (codes.Tier, "customers", CustomerTier.values),
    (codes.Tier, "rules of customers", TIERS),
    (codes.Tier, "the API", get_args(customers_api.Tier)),
]

# Columns whose database constraint lists the codes.
COLUMNS: list[tuple[type[TextChoices], str, str]] = [
    (codes.Kind, "cases.Case", "kind"),
    (codes.Stage, "cases.Case", "stage"),
    (codes.Channel, "cases.Case", "channel"),
    (codes.ServiceType, "cases.Case", "service_type"),
    (codes.PromiseKind, "cases.Promise", "kind"),
    (codes.Role, "people.Grant", "role"),
    (codes.Role, "people.Token", "role"),
    (codes.Tier, "customers.Customer", "tier"),
]


def allowed(model: str, column: str) -> set[str]:
    """Return what the check constraint of a column lists."""
    found: set[str] = set()
    for constraint in apps.get_model(model)._meta.constraints:
        if isinstance(constraint, CheckConstraint):
            for listed in re.findall(rf"'{column}__in', \[([^\]]*)\]", str(constraint.condition)):
                found |= set(re.findall(r"'(\w+)'", listed))
    return found


@pytest.mark.parametrize("choices", FROZEN, ids=lambda choices: choices.__name__)
def test_policies_know_the_frozen_codes(choices: type[TextChoices]) -> None:
    assert choices.values == FROZEN[choices].split()


@pytest.mark.parametrize(("choices", "where", "copy"), COPIES, ids=[f"{one.__name__} of {where}" for one, where, _ in COPIES])
def test_every_copy_says_the_same(choices: type[TextChoices], where: str, copy: Iterable[str]) -> None:
    assert sorted(copy) == sorted(choices.values), where


@pytest.mark.parametrize(("choices", "model", "column"), COLUMNS, ids=[f"{model}.{column}" for _, model, column in COLUMNS])
def test_the_database_allows_these_and_no_others(choices: type[TextChoices], model: str, column: str) -> None:
    assert allowed(model, column) == set(choices.values)


def test_severities_are_the_four_of_the_policy() -> None:
    assert tuple(Case.Severity.values) == SEVERITIES
    (limit,) = [one.le for one in get_args(api_codes.Severity)[1].metadata if hasattr(one, "le")]
    assert limit == SEVERITIES[-1]


def test_what_the_api_offers_beside_the_frozen_codes_is_what_the_rows_hold() -> None:
    assert set(get_args(api_codes.Status)) == set(Case.Status.values)
    assert set(get_args(CustomerPromise)) <= set(codes.PromiseKind.values)
    assert set(get_args(Proof)) == set(PROOFS)
    assert allowed("customers.Customer", "kind") == set(Customer.Kind.values)
    assert allowed("customers.Customer", "temperament") == set(Customer.Temperament.values)
    assert allowed("cases.Case", "status") == set(Case.Status.values)
