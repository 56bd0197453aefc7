"""Codes about parts in words."""

from django.utils.translation import gettext_lazy as _

_PRODUCT_LINES = {
    "washing_machine": _("washing machine"),
    "washer": _("washing machine"),
    "refrigerator": _("refrigerator"),
    "air_conditioner": _("air conditioner"),
    "water_heater": _("water heater"),
    "television": _("television"),
    "kitchen": _("kitchen appliance"),
}


def product_words(code: str) -> str:
    """Return a product line in words; those of the company's own as they are written."""
    return str(_PRODUCT_LINES.get(code, code.replace("_", " ")))
