"""What differs between two versions, in the words of people."""

import pytest
from django.utils import translation

from jieli.policies.reading import blocks, differences
from jieli.policies.schemas import registered
from jieli.policies.sources import read_source
from jieli.policies.tests.factories import changed, default_source, faster_enquiries, shipped_names


def differences_of(name: str, new: str) -> list[tuple[str, str, str, str]]:
    schema = registered(name).schema
    with translation.override("en"):
        found = differences(read_source(default_source(name), schema), read_source(new, schema))
    return [(row.kind, row.where, row.old, row.new) for row in found]


@pytest.mark.parametrize("name", shipped_names())
def test_a_policy_does_not_differ_from_itself(name: str) -> None:
    assert differences_of(name, "# a remark\n" + default_source(name)) == []


def test_a_changed_value_is_named_with_its_rule() -> None:
    assert differences_of("promises", faster_enquiries(7)) == [("changed", "Enquiry: accept › Target", "15", "7")]


def test_a_rule_that_came_and_one_that_went_are_one_row_each() -> None:
    rows = differences_of("promises", changed("promises", 'name = "payout"', 'name = "payment"'))
    assert [(kind, where) for kind, where, _old, _new in rows] == [("added", "Payout"), ("removed", "Payout")]
    assert "Target: 5" in rows[0][3]
    assert "Target: 5" in rows[1][2]


def test_a_condition_that_is_added_or_dropped_is_named() -> None:
    rows = differences_of("promises", changed("promises", "severity = [1, 2]\n", ""))
    assert rows == [("removed", "Service, level 1–2: accept › Level", "1, 2", "")]


def test_an_order_that_changes_is_named_because_it_decides_between_equals() -> None:
    source = default_source("forbidden_phrases")
    first, second = source.split("[[phrases]]")[1:3]
    rows = differences_of("forbidden_phrases", source.replace(first, "\x01").replace(second, first).replace("\x01", second))
    assert [kind for kind, *_ in rows] == ["moved"]


def test_nested_values_are_found() -> None:
    rows = differences_of("calendars", changed("calendars", '["13:00", "18:00"]', '["13:30", "18:00"]'))
    assert rows == [
        ("changed", "office hours › Hours of the week › Monday", "09:00–12:00, 13:00–18:00", "09:00–12:00, 13:30–18:00")
    ]
    rows = differences_of("routes", changed("routes", 'side = "back"', 'side = "front"'))
    assert rows == [("changed", "Service › dispatch › Side of the line of visibility", "back office", "front office")]


@pytest.mark.parametrize("name", shipped_names())
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_value_of_a_policy_can_be_read(name: str, language: str) -> None:
    with translation.override(language):
        found = blocks(read_source(default_source(name), registered(name).schema))
    assert all(block.pairs or block.rows for block in found)
    for block in found:
        assert all(len(row) == len(block.columns) for row in block.rows)
