"""The number of a case: sayable, and a typing error is never "not found" (spec 1, Case; facts: Damm 572 → 4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.cases.rules.numbers import WrongNumber, case_number, parse_case_number
from jieli.lib.damm import check_digit

IDS = st.integers(10_000_001, 99_999_999_999)


def digits_of(number):
    return [place for place, sign in enumerate(number) if sign.isdigit()]


def test_the_worked_examples():
    assert check_digit("572") == 4
    assert case_number(10482263) == f"J-1048-2263-{check_digit('10482263')}"


@given(IDS)
def test_a_number_leads_back_to_its_case_however_it_is_typed(case_id):
    number = case_number(case_id)
    for typed in (number, number.lower(), number.replace("-", ""), number.replace("-", " "), f"  {number[2:]} "):
        assert parse_case_number(typed) == case_id


@given(IDS, st.data())
def test_one_wrong_digit_is_refused(case_id, data):
    number = case_number(case_id)
    place = data.draw(st.sampled_from(digits_of(number)))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    with pytest.raises(WrongNumber):
        parse_case_number(number[:place] + wrong + number[place + 1 :])


@given(IDS, st.data())
def test_two_neighbours_changed_about_are_refused(case_id, data):
    plain = case_number(case_id).replace("-", "").removeprefix("J")
    places = [place for place in range(len(plain) - 1) if plain[place] != plain[place + 1]]
    if places:
        place = data.draw(st.sampled_from(places))
        swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
        with pytest.raises(WrongNumber):
            parse_case_number(swapped)


@pytest.mark.parametrize("typed", ["", "J", "J-1", "J-1048-2263", "10482263x", "J-1048-2263-٧", "J" + "1" * 30])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(WrongNumber):
        parse_case_number(typed)
