"""What is sealed is the same bytes anywhere, hashes are read as people give them, and every journal is balanced."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.policies.schemas.settlement import Accounts
from jieli.settlement.rules.booking import Booked, journal
from jieli.settlement.rules.paying import paid
from jieli.settlement.rules.sealing import canonical, digest_of, hash_in, hashes_named

SEAL = "0123456789abcdef" * 4
texts = st.text('ab中"\\\n\u0007é', max_size=6)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
amounts = st.decimals(min_value=-10_000, max_value=10_000, places=2)


@given(st.dictionaries(texts, documents, max_size=5))
def test_the_order_of_keys_changes_no_byte_and_nothing_is_lost(document: dict[str, object]) -> None:
    turned = dict(reversed(list(document.items())))
    assert canonical(document) == canonical(turned)
    assert json.loads(canonical(document)) == document


def test_floats_are_refused_because_they_are_not_the_same_everywhere() -> None:
    with pytest.raises(TypeError):
        canonical({"lines": [{"amount": 0.1}]})


@pytest.mark.parametrize(
    ("given_text", "found"),
    [
        (SEAL, SEAL),
        (f"  {SEAL.upper()}\n", SEAL),
        (" ".join(SEAL[place : place + 8] for place in range(0, 64, 8)), SEAL),
        (f"封存码（SHA-256） {SEAL}", SEAL),
        (SEAL[:-1], ""),
        (f"{SEAL}0", ""),
        ("", ""),
    ],
)
def test_a_hash_is_read_as_people_paste_it(given_text: str, found: str) -> None:
    assert hash_in(given_text) == found


def test_a_changed_file_still_names_its_seal() -> None:
    assert hashes_named(b"/Keywords(" + SEAL.encode() + b")") == [SEAL]
    assert hashes_named(digest_of(b"x").encode() * 2) == []


OUTLETS = st.tuples(st.sampled_from("XYZ"), amounts, st.sampled_from(("0.90", "1.00", "1.10")), amounts, amounts, amounts)


@given(st.lists(OUTLETS, max_size=12))
def test_debits_and_credits_are_equal_in_every_cost_centre(outlets: list[Any]) -> None:
    rows = []
    for centre, labour, coefficient, incentives, adjustment, debt in outlets:
        carried = -abs(debt)
        granted = abs(adjustment)
        pays = paid(abs(labour), Decimal(coefficient), incentives + granted + carried)
        rows.append(Booked(centre, abs(labour), incentives, granted, carried, pays.payout_amount, pays.debt_amount))
    entries = journal(rows, Accounts())
    for centre in "XYZ":
        of_centre = [one for one in entries if one.cost_centre == centre]
        assert sum(one.debit_amount for one in of_centre) == sum(one.credit_amount for one in of_centre)
    payable = [one for one in entries if one.name == "payable"]
    assert sum(one.credit_amount - one.debit_amount for one in payable) == sum(one.payout_amount for one in rows)
