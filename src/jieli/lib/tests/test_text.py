"""Texts: search pieces, telephone numbers, masking, likeness."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jieli.lib.text import (
    is_phone,
    main_language,
    mask_address,
    mask_phone,
    normalise_phone,
    pairs,
    similarity,
    strip_control,
    trigrams,
)


class TestPairs:
    @pytest.mark.parametrize(
        ("query", "pieces"),
        [
            ("洗衣机", ["洗衣", "衣机"]),
            ("ABab", ["ab", "ba"]),
            ("漏水 E3", ["漏水", "水 ", " e", "e3"]),
            ("水", []),
            ("", []),
            ("İΣ", ["iσ"]),
        ],
    )
    def test_the_distinct_pieces_of_two(self, query: str, pieces: list[str]) -> None:
        assert pairs(query) == pieces

    @given(st.text(max_size=30), st.text(max_size=10), st.text(max_size=10))
    def test_the_pieces_of_a_part_are_pieces_of_the_whole(self, part: str, before: str, after: str) -> None:
        assert set(pairs(part)) <= set(pairs(before + part + after))


class TestPhones:
    @pytest.mark.parametrize(
        ("written", "normal"),
        [
            ("13800138000", "13800138000"),
            ("138 0013 8000", "13800138000"),
            ("138-0013-8000", "13800138000"),
            ("+86 138 0013 8000", "13800138000"),
            ("0086-13800138000", "13800138000"),
            ("8613800138000", "13800138000"),
            ("86-138-0013-8000", "13800138000"),
            ("013800138000", "13800138000"),
            ("１３８００１３８０００", "13800138000"),
            ("010-12345678", "01012345678"),
            ("010-62345678", "01062345678"),
            ("(010) 6234 5678", "01062345678"),
            ("+86 10 6234 5678", "01062345678"),
            ("+86 (0)10 6234 5678", "01062345678"),
            ("86-10-62345678", "01062345678"),
            ("0755-2345678", "07552345678"),
            ("0755-23456789", "075523456789"),
            ("010-62345678-801", "01062345678x801"),
            ("010-62345678转801", "01062345678x801"),
            ("010-62345678 ext. 801", "01062345678x801"),
            ("400-810-8888", "4008108888"),
            ("400-810-8888-2", "4008108888x2"),
            ("+1 415 555 0123 ext 5", "+14155550123x5"),
            ("95588转1", "95588x1"),
            ("0106234567转8", "0106234567x8"),
            ("+86 86 138 0013 8000", "13800138000"),
            ("95588", "95588"),
            ("62345678", "62345678"),
            ("+1 (415) 555-0123", "+14155550123"),
            ("001 415 555 0123", "+14155550123"),
            ("+44 20 7946 0958", "+442079460958"),
            ("no number", ""),
            ("", ""),
        ],
    )
    def test_equal_numbers_are_equal_texts(self, written: str, normal: str) -> None:
        assert normalise_phone(written) == normal
        assert normalise_phone(normal) == normal

    @pytest.mark.parametrize(
        "written", ["13800138000", "010-62345678转801", "+1 415 555 0123", "400-810-8888", "95588", "12345"]
    )
    def test_what_is_a_number(self, written: str) -> None:
        assert is_phone(written)

    @pytest.mark.parametrize("written", ["", "1380013800", "call me", "13800138000 Wang", "99", "+0123456789"])
    def test_what_is_none(self, written: str) -> None:
        assert not is_phone(written)

    @pytest.mark.parametrize(
        ("phone", "masked"),
        [
            ("13800138000", "138****8000"),
            ("+86 138-0013-8000", "138****8000"),
            ("010-62345678-801", "010****5678"),
            ("01062345678x801", "010****5678"),
            ("+14155550123", "+14****0123"),
            ("62345678", "****678"),
            ("95588", "*****"),
            ("138****8000", "138****8000"),
            ("", ""),
        ],
    )
    def test_masking(self, phone: str, masked: str) -> None:
        assert mask_phone(phone) == masked
        assert mask_phone(masked) == masked

    @given(st.text(max_size=30) | st.text("0123456789+-x# ()转", max_size=30))
    @example("0#0")
    @example("¼0,0")
    @example("+86000123456")
    def test_any_text_may_be_normalised_and_masked(self, text: str) -> None:
        assert normalise_phone(normalise_phone(text)) == normalise_phone(text)
        assert is_phone(text) in {True, False}
        assert "*" in text or len(mask_phone(text).replace("*", "")) <= max(len(normalise_phone(text)) - 4, 0)


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "masked"),
        [
            ("北京市海淀区中关村大街1号院2号楼301", "北京市海淀区****"),
            ("广东省东莞市南城街道鸿福路200号", "广东省东莞市****"),
            ("广西壮族自治区南宁市青秀区民族大道1号", "广西壮族自治区南宁市青秀区****"),
            ("浙江省杭州市桐庐县城南街道1号", "浙江省杭州市桐庐县****"),
            ("朝阳小区3号楼", "朝****"),
            ("家乐福超市对面", "家****"),
            ("12 Main Street, Springfield", "****, Springfield"),
            ("", ""),
        ],
    )
    def test_an_address_down_to_its_district(self, address: str, masked: str) -> None:
        assert mask_address(address) == masked
        assert mask_address(masked) == masked


class TestLikeness:
    def test_the_documented_example(self) -> None:
        assert similarity("word", "two words") == pytest.approx(0.363636, abs=1e-6)
        assert trigrams("cat") == {"  c", " ca", "cat", "at "}

    def test_chinese_texts_have_trigrams(self) -> None:
        assert trigrams("东莞市") == {"  东", " 东莞", "东莞市", "莞市 "}
        assert similarity("洗衣机漏水", "洗衣机漏水了") == pytest.approx(5 / 8)

    def test_equal_texts_are_alike_and_empty_ones_are_not(self) -> None:
        assert similarity("冰箱不制冷", "冰箱不制冷！") == 1.0
        assert similarity("", "") == similarity("?", "冰箱") == 0.0

    @given(st.text(max_size=20), st.text(max_size=20))
    def test_likeness_is_mutual_and_a_share(self, a: str, b: str) -> None:
        assert similarity(a, b) == similarity(b, a)
        assert 0 <= similarity(a, b) <= 1


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\0b", "ab"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("\ufeffa\x1b[31m", "a[31m"),
        ("\u202eabc", "abc"),
        ("\ud800x", "x"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_control_characters_go(text: str, clean: str) -> None:
    assert strip_control(text) == clean


@pytest.mark.parametrize(("code", "language"), [("zh-hans", "zh"), ("zh_CN", "zh"), (" EN ", "en"), ("", "")])
def test_a_language_is_told_without_script_and_country(code: str, language: str) -> None:
    assert main_language(code) == language
