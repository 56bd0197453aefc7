"""Texts that cannot be a policy: what is wrong, in words, with the line."""

import contextlib

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from jieli.policies.schemas import registered
from jieli.policies.sources import Problem, SourceProblems, line_numbers, read_source
from jieli.policies.tests.factories import changed, default_source, shipped_names


def problems_of(name: str, source: str) -> tuple[Problem, ...]:
    with translation.override("en"), pytest.raises(SourceProblems) as refused:
        read_source(source, registered(name).schema)
    return refused.value.problems


@pytest.mark.parametrize(
    ("name", "old", "new", "path", "message"),
    [
        ("promises", "target = 480", 'target = "480"', "rules[26].target (complaint-3-next-reply)", "must be a whole number"),
        ("promises", "target = 480", "target = 0", "rules[26].target (complaint-3-next-reply)", "must be at least 1"),
        ("promises", "gold = 0.75", "gold = 1.5", "tier_factors.gold", "may be at most 1"),
        ("promises", 'kind = ["enquiry"]', 'kinds = ["enquiry"]', "rules[1].kinds (enquiry-accept)", "did you mean “kind”?"),
        ("promises", 'kind = ["enquiry"]', 'kind = "enquiry"', "rules[1].kind (enquiry-accept)", "must be a list in [ ]"),
        ("promises", 'mode = "days"', 'mode = "weeks"', "rules[4].mode (enquiry-resolve)", "must be one of: 'minutes', 'days'"),
        (
            "promises",
            '"always"\ntiered = false',
            '"always"\ntiered = "no"',
            "rules[48].tiered (callback)",
            "must be true or false",
        ),
        ("promises", 'name = "payout"', 'name = "decision"', "", "“decision” is used twice"),
        ("calendars", '"12:00"', '"12 o\'clock"', "calendars.office.weekly.mon[1][2]", "is not a time of day such as 08:00"),
        ("calendars", '["13:00", "18:00"]', '["11:00", "18:00"]', "calendars.office.weekly.mon", "begins before"),
        ("calendars", "Asia/Shanghai", "Asia/Beijing", "calendars.office.zone", "is not a time zone"),
        ("tiers", "value = 0.5", "value = 0.6", "weights", "must add up to 1"),
        ("routes", '"praise"', '"enquiry"', "", "used twice"),
        (
            "routes",
            'required = ["severity"]',
            'required = ["colour"]',
            "routes[2].stages[1].required[1] (intake)",
            "is no field",
        ),
        ("numbers", "percent = 100", "percent = 90", "", "100 per cent (the breach) must be among them"),
        ("fields", 'type = "choice"', 'type = "text"', "fields[5] (wish)", "choices belong to type"),
    ],
)
def test_a_mistake_is_named_with_its_place(name: str, old: str, new: str, path: str, message: str) -> None:
    source = changed(name, old, new)
    found = problems_of(name, source)
    assert any(path in problem.path and message in problem.message for problem in found), found


def test_the_line_is_the_one_that_was_changed() -> None:
    source = changed("promises", "target = 480", 'target = "480"')
    (problem,) = problems_of("promises", source)
    assert problem.line is not None
    assert source.splitlines()[problem.line - 1] == 'target = "480"'


def test_a_name_used_twice_is_found_at_its_second_place() -> None:
    source = changed("promises", 'name = "payout"', 'name = "decision"')
    (problem,) = problems_of("promises", source)
    assert problem.line == max(place for place, line in enumerate(source.splitlines(), 1) if '"decision"' in line)


def test_broken_toml_is_named_with_line_and_column() -> None:
    (problem,) = problems_of("tiers", "[weights]\nvalue = 0.5\nimportance = = 3\n")
    assert (problem.line, problem.column) == (3, 14)
    assert "TOML" in problem.message


def test_an_empty_text_says_what_is_missing() -> None:
    (problem,) = problems_of("promises", "")
    assert (problem.path, problem.message) == ("rules", "is missing")


@pytest.mark.parametrize("source", ["x = nan", "x = inf", "a = " + "[" * 5000, "\x00", "x" * 500_000, "a = 2027-01-04"])
def test_hostile_texts_are_refused_politely(source: str) -> None:
    assert problems_of("tiers", source)


def test_mistakes_are_told_in_chinese_too() -> None:
    with translation.override("zh-hans"), pytest.raises(SourceProblems) as refused:
        read_source(changed("tiers", "vip = 85", 'vip = "85x"'), registered("tiers").schema)
    assert "must" not in str(refused.value)


@pytest.mark.parametrize("name", shipped_names())
def test_every_key_of_the_shipped_texts_has_its_line(name: str) -> None:
    source = default_source(name)
    lines = source.splitlines()
    for path, number in line_numbers(source).items():
        if path and isinstance(path[-1], str):
            assert path[-1] in lines[number - 1]


@given(st.text(max_size=300))
def test_any_text_is_either_read_or_refused(source: str) -> None:
    with contextlib.suppress(SourceProblems):
        read_source(source, registered("landing").schema)
