"""Printed documents: a typst template and its data become the bytes of a PDF, the same bytes each time.

Data goes in as JSON and is never pasted into a template, so that no text of people can become markup. Documents are set in the
packaged font alone, never in what a machine happens to have.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).resolve().parent / "fonts"
"""Two weights of a Chinese font; the front-end build puts them there."""


class FontMissing(RuntimeError):
    """The fonts were not built: `make setup` does."""


def pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """Return the PDF of a template; it finds its data as ``json(bytes(sys.inputs.data))``. Raises FontMissing."""
    if not any(FONTS.glob("*.ttf")):
        raise FontMissing(f"no font in {FONTS}: make setup")
    text = json.dumps(data, ensure_ascii=False)
    return bytes(
        typst.compile(
            str(template),
            root=str(template.parent),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": text},
            timestamp=0,
        )
    )


def made_with() -> str:
    """Return what makes the bytes: another version may set the same document otherwise."""
    return f"typst {version('typst')}"
