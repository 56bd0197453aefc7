"""Tables for people on a terminal."""

import sys
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

_CHUNK = 1_000


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> None:
    """Print rows under their head, the first `left` columns to the left and the numbers to the right, as they come."""
    widths = [max(width_of(text), 10) for text in head]
    shown: list[Sequence[str]] = [head]
    for row in rows:
        shown.append(row)
        if len(shown) >= _CHUNK:
            _print(shown, widths, left)
            shown = []
    _print(shown, widths, left)


def _print(rows: Sequence[Sequence[str]], widths: list[int], left: int) -> None:
    for row in rows:
        widths[:] = [max(width, width_of(text)) for width, text in zip(widths, row, strict=True)]
    for row in rows:
        cells = []
        for place, (text, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - width_of(text))
            cells.append(text + space if place < left else space + text)
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
