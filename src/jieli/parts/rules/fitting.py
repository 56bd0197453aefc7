"""Whether a part fits a machine (spec 3, Parts)."""

from collections.abc import Iterable

Fit = tuple[str, str]
"""Product line and model; an empty model stands for the whole line."""


def _same(one: str, other: str) -> bool:
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def fits(master: Iterable[Fit], *, product_line: str, model: str) -> bool:
    """Tell whether a part with these fits may be put into a machine.

    A part without fits goes into everything. What is not known of the machine speaks against nothing: without a model the line
    decides, without either every part may be right.
    """
    known = list(master)
    if not known or not (product_line or model):
        return True
    return any(
        (not product_line or _same(line, product_line)) and (not of_model or not model or _same(of_model, model))
        for line, of_model in known
    )
