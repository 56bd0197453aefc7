"""Cursors: every value comes back, nothing else is accepted."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.lib.keyset import Value, decode_cursor, encode_cursor

KEY = "a key of the tests"
_values = st.lists(
    st.one_of(
        st.none(),
        st.integers(-(2**63), 2**63),
        st.text(max_size=20),
        st.datetimes(timezones=st.just(UTC)),
    ),
    max_size=5,
)


@given(_values, st.text(max_size=5))
def test_what_went_in_comes_out(values: list[Value], scope: str) -> None:
    text = encode_cursor(values, KEY, scope=scope)
    assert decode_cursor(text, KEY, scope=scope) == values
    assert text.replace("-", "").replace("_", "").isalnum()


def test_an_instant_comes_back_in_utc() -> None:
    local = datetime(2026, 11, 20, 18, tzinfo=timezone(timedelta(hours=8)))
    (value,) = decode_cursor(encode_cursor([local], KEY), KEY)
    assert isinstance(value, datetime)
    assert (value, value.tzinfo) == (local, UTC)


@given(_values, st.data())
def test_a_changed_character_is_refused(values: list[Value], data: st.DataObject) -> None:
    text = encode_cursor(values, KEY)
    # The last character may carry unused bits, which change nothing.
    place = data.draw(st.integers(0, len(text) - 2))
    other = data.draw(st.sampled_from([letter for letter in "Ab0-_.~é" if letter != text[place]]))
    with pytest.raises(ValueError, match="cursor"):
        decode_cursor(text[:place] + other + text[place + 1 :], KEY)


@given(st.text(max_size=100))
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        decode_cursor(text, KEY)


def test_the_cursor_of_another_list_or_key_is_refused() -> None:
    text = encode_cursor([1], KEY, scope="cases by age")
    for scope, key in [("cases by due time", KEY), ("cases by age", "another key")]:
        with pytest.raises(ValueError, match="another list"):
            decode_cursor(text, key, scope=scope)


def test_an_endless_text_is_refused() -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        decode_cursor("A" * 5000, KEY)


@pytest.mark.parametrize("value", [True, 1.5, b"x", [1]])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode_cursor([value], KEY)  # type: ignore[list-item]


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        encode_cursor([datetime(2026, 11, 20)], KEY)
