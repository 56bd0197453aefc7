"""Sealed texts are read with the secret, at their place, unchanged, or not at all."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.lib.sealing import NotOurs, seal, unseal

HERE = {"secret": "s3cret", "purpose": "answers", "place": "token operation key"}


@given(st.text())
def test_what_is_sealed_is_read_again(text: str) -> None:
    assert unseal(seal(text, **HERE), **HERE) == text


def test_the_same_text_is_sealed_differently_each_time_and_shows_nothing() -> None:
    text = "https://example.com/t/J-1000-0001-1/V1VRNSmK62imuA41"
    first, second = seal(text, **HERE), seal(text, **HERE)
    assert first != second
    assert b"V1VRNSmK62imuA41" not in base64.b64decode(first)


@pytest.mark.parametrize("other", [{"secret": "other"}, {"purpose": "other"}, {"place": "other"}])
def test_another_secret_purpose_or_place_reads_nothing(other: dict[str, str]) -> None:
    with pytest.raises(NotOurs):
        unseal(seal("text", **HERE), **HERE | other)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(at: int, change: int) -> None:
    data = bytearray(base64.b64decode(seal("words", **HERE)))
    data[at % len(data)] ^= change
    with pytest.raises(NotOurs):
        unseal(base64.b64encode(data).decode(), **HERE)


@pytest.mark.parametrize(
    "text", ["", "plain", "{}", base64.b64encode(b"x" * 63).decode(), base64.b64encode(b"x" * 64).decode()]
)
def test_what_was_never_sealed_is_not_read(text: str) -> None:
    with pytest.raises(NotOurs):
        unseal(text, **HERE)
