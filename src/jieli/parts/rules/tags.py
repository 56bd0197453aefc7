"""The labels on old parts and the numbers of part orders, as they are read from a scan or typed."""

import re

from jieli.lib.damm import is_valid

_TAG = re.compile(r"OP-?([0-9]{6,18})-?([0-9])")


def read_tag(text: str) -> int | None:
    """Return the id that a label such as ``OP-000123-4`` names; None when it is none, or its check digit does not fit."""
    found = _TAG.fullmatch("".join(text.split()).upper())
    if found is None or not is_valid(found[1] + found[2]):
        return None
    return int(found[1])
