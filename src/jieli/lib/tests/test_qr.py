"""QR codes as drawings: what a scanner needs of them, and what a page does."""

import re

import pytest

from jieli.lib.qr import qr_svg


def test_a_code_is_paths_alone_with_a_quiet_zone():
    drawn = qr_svg("OP-000123-4")
    assert set(re.findall(r"<(\w+)", drawn)) == {"svg", "path"}
    assert "style=" not in drawn
    assert re.search(r'viewBox="0 0 (\d+) \1"', drawn)
    # Version 1 has 21 modules a side, and four white ones around it.
    assert 'viewBox="0 0 29 29"' in drawn


def test_what_a_text_holds_never_becomes_markup():
    assert "<script" not in qr_svg("</svg><script>")


@pytest.mark.parametrize("text", ["", "x" * 3000])
def test_what_no_code_can_hold_is_refused(text):
    with pytest.raises(ValueError, match=r"text|large"):
        qr_svg(text)
