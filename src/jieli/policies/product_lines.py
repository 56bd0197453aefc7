"""Product lines: the codes that skills, areas, parts and rates speak of, and what people call them.

A company may have lines of its own; they stand as they are written.
"""

import re

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

_WORDS: dict[str, str | Lazy] = {
    "washing_machine": _("washing machine"),
    "washer": _("washing machine"),
    "refrigerator": _("refrigerator"),
    "air_conditioner": _("air conditioner"),
    "water_heater": _("water heater"),
    "television": _("television"),
    "kitchen": _("kitchen appliance"),
}
# What customers and agents write, in Chinese and in English, whatever the language of the page.
_CALLED = {
    "washing_machine": ("洗衣机", "washing machine", "washer"),
    "refrigerator": ("冰箱", "refrigerator", "fridge"),
    "air_conditioner": ("空调", "air conditioner", "aircon"),
    "water_heater": ("热水器", "water heater"),
    "television": ("电视", "television", "tv"),
    "kitchen": ("厨房电器", "厨电", "油烟机", "燃气灶", "kitchen appliance"),
}
_CALLED_SO = {
    code: re.compile("|".join(rf"\b{re.escape(name)}s?\b" if name.isascii() else re.escape(name) for name in names))
    for code, names in _CALLED.items()
}


def product_words(code: str) -> str:
    """Return a product line in words; those of the company's own as they are written."""
    return str(_WORDS.get(code, code.replace("_", " ")))


def product_line_of(text: str) -> str:
    """Return the code of the product line that somebody named; what names none, or more than one, as it is written."""
    written = " ".join(text.split())
    if written in _WORDS:
        return written
    plain = written.casefold().replace("_", " ")
    found = [code for code, pattern in _CALLED_SO.items() if pattern.search(plain)]
    return found[0] if len(found) == 1 else written
