"""Money, digests and distances."""

import csv
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.lib.digest import keyed_digest
from jieli.lib.geo import haversine_km
from jieli.lib.money import cents, format_amount, parse_amount


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "rounded"),
        [
            ("299.997", "300.00"),
            ("504.70", "504.70"),
            ("0.005", "0.01"),
            ("-0.005", "-0.01"),
            ("1.004999", "1.00"),
            ("-0.001", "0.00"),
        ],
    )
    def test_half_a_cent_goes_up(self, amount: str, rounded: str) -> None:
        assert str(cents(Decimal(amount))) == rounded

    @pytest.mark.parametrize("text", ["1234.50", "0.05", "12", "-80.00", "1.5"])
    def test_a_strict_amount_is_read(self, text: str) -> None:
        assert parse_amount(text) == Decimal(text)
        assert parse_amount(text).as_tuple().exponent == -2

    @pytest.mark.parametrize(
        "text", ["1,234.5", "", " 1", "1.", ".5", "1.234", "1e3", "NaN", "Infinity", "¥1", "１２", "+1", "1_000", "9" * 15]
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="amount"):
            parse_amount(text)

    @pytest.mark.parametrize(
        ("amount", "text"),
        [("1044", "¥1,044.00"), ("-80", "-¥80.00"), ("0", "¥0.00"), ("-0.004", "¥0.00"), ("4291.005", "¥4,291.01")],
    )
    def test_an_amount_for_people(self, amount: str, text: str) -> None:
        assert format_amount(Decimal(amount)) == text

    def test_no_number_is_no_amount(self) -> None:
        with pytest.raises(ValueError, match="not an amount"):
            cents(Decimal("NaN"))

    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
    def test_rounding_moves_half_a_cent_at_most(self, amount: Decimal) -> None:
        assert abs(float(cents(amount) - amount)) <= max(0.005000001, abs(float(amount)) * 1e-27)


def test_a_digest_is_of_the_sixteen_bytes_of_the_key_and_the_text() -> None:
    key = UUID("00112233-4455-6677-8899-aabbccddeeff")
    expected = sha256(bytes.fromhex("00112233445566778899aabbccddeeff") + "漏水".encode()).hexdigest()
    assert keyed_digest(key, "漏水") == expected
    assert keyed_digest(key, "漏") != expected


class TestDistances:
    def test_a_quarter_of_the_globe(self) -> None:
        assert haversine_km(0, 0, 0, 90) == pytest.approx(10007.557, abs=0.001)
        assert haversine_km(90, 0, -90, 123) == pytest.approx(20015.115, abs=0.001)
        assert haversine_km(31.2, 121.4, 31.2, 121.4) == 0

    def test_beijing_to_shanghai(self) -> None:
        file = Path(__file__).parents[5] / "shared" / "data" / "geography" / "adcodes.csv"
        if not file.exists():
            pytest.skip("the shared data folder is missing: no places to measure between")
        with file.open(encoding="utf-8") as lines:
            places = {row["adcode"]: row for row in csv.DictReader(lines)}
        beijing, shanghai = places["110000000000"], places["310000000000"]
        points = [float(place[axis]) for place in (beijing, shanghai) for axis in ("latitude", "longitude")]
        assert round(haversine_km(*points), 2) == 1067.31
