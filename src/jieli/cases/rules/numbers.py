"""The number of a case: short, sayable on the phone, with a check digit (spec 1, Case)."""

import re

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Invalid
from jieli.lib import damm

_NOISE = re.compile(r"[\s\-–—_#]+")


class WrongNumber(Invalid):
    """The text is no case number, or its check digit does not fit: somebody mistyped it."""

    code = "check_the_number"
    status = 404
    message = _("Please check the number: it does not fit its check digit.")


def case_number(case_id: int) -> str:
    """Return the number of a case: ``J-1048-2263-7`` for 10482263, the last digit by Damm's scheme."""
    digits = f"{case_id:08d}"
    head = digits[:-8]
    groups = ([head] if head else []) + [digits[-8:-4], digits[-4:], str(damm.check_digit(digits))]
    return "J-" + "-".join(groups)


def parse_case_number(text: str) -> int:
    """Return the case id of a number as people type it, with or without ``J`` and dashes.

    Raises WrongNumber for a number that cannot be right, so that a typing error is never "not found".
    """
    digits = _NOISE.sub("", text.strip()).upper().removeprefix("J")
    if not re.fullmatch(r"[0-9]{9,18}", digits) or not damm.is_valid(digits):
        raise WrongNumber
    return int(digits[:-1])


def looks_like_number(text: str) -> bool:
    """Tell whether a search text is meant as a case number."""
    plain = _NOISE.sub("", text.strip()).upper()
    return bool(re.fullmatch(r"J[0-9]{5,18}", plain))
