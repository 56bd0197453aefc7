"""The check digit of case numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.lib.damm import check_digit, is_valid

_digits = st.text("0123456789", min_size=1, max_size=20)


def test_the_worked_example() -> None:
    assert check_digit("572") == 4
    assert is_valid("5724")
    assert not is_valid("5727")


@pytest.mark.parametrize("text", ["", "57a", "５７２", "-1", "5 7"])
def test_what_is_no_run_of_digits_is_refused(text: str) -> None:
    assert not is_valid(text)
    with pytest.raises(ValueError, match="digits"):
        check_digit(text)


def test_one_digit_has_nothing_to_check() -> None:
    assert not is_valid("0")


@given(_digits)
def test_a_check_digit_makes_a_number_valid(digits: str) -> None:
    assert is_valid(f"{digits}{check_digit(digits)}")


@given(_digits, st.data())
def test_one_wrong_digit_is_found(digits: str, data: st.DataObject) -> None:
    number = f"{digits}{check_digit(digits)}"
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert not is_valid(number[:place] + wrong + number[place + 1 :])


@given(_digits, st.data())
def test_a_swap_of_neighbours_is_found(digits: str, data: st.DataObject) -> None:
    number = f"{digits}{check_digit(digits)}"
    place = data.draw(st.integers(0, len(number) - 2))
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert is_valid(swapped) == (swapped == number)
