"""Printed documents: data never becomes markup, and the bytes are the same each time."""

from pathlib import Path

import pytest

from jieli.lib import pdf as module
from jieli.lib.pdf import FontMissing, made_with, pdf

TEMPLATE = """#let data = json(bytes(sys.inputs.data))
#set document(title: data.title, date: none)
#set text(font: "Noto Sans SC")
#data.title
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "t.typ"
    file.write_text(TEMPLATE)
    return file


def test_the_same_document_is_the_same_bytes(template: Path) -> None:
    first = pdf(template, {"title": "对账单"})
    assert first.startswith(b"%PDF")
    assert first == pdf(template, {"title": "对账单"})
    assert first != pdf(template, {"title": "对账单 "})


def test_text_of_people_is_never_markup(template: Path) -> None:
    evil = '#panic("x") #include "/etc/passwd" $x$ *a* = b \\ " ]'
    assert pdf(template, {"title": evil}).startswith(b"%PDF")


def test_rare_characters_of_names_are_in_the_font(template: Path) -> None:
    plain, rare = (pdf(template, {"title": text}) for text in ("王", "镕喆龘鿍㐂"))
    assert len(rare) > len(plain)


def test_without_fonts_it_says_so_and_prints_nothing(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FONTS", tmp_path)
    with pytest.raises(FontMissing):
        pdf(template, {"title": "x"})
    assert made_with().startswith("typst ")
