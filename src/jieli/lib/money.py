"""Money: decimals rounded half up to cents, read strictly, written for people."""

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext

CENT = Decimal("0.01")
_AMOUNT = re.compile(r"-?[0-9]{1,14}(?:\.[0-9]{1,2})?")


def cents(amount: Decimal) -> Decimal:
    """Return the amount rounded half up (away from zero) to two places; a zero has no sign. Raises ValueError for NaN."""
    if not amount.is_finite():
        raise ValueError(f"{amount} is not an amount of money")
    with localcontext() as context:
        context.prec = max(28, amount.adjusted() + 5)
        rounded = amount.quantize(CENT, ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def parse_amount(text: str) -> Decimal:
    """Return an amount written as ``1234.50``, ``-80.00`` or ``12``, with two places.

    Raises ValueError for all else: separators of thousands, a third place, signs of currency, exponents, blanks.
    """
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not an amount such as 1234.50")
    return cents(Decimal(text))


def format_amount(amount: Decimal, symbol: str = "¥") -> str:
    """Return an amount for people, rounded to cents: ``¥1,044.00``, ``-¥80.00``."""
    rounded = cents(amount)
    return f"{'-' if rounded < 0 else ''}{symbol}{abs(rounded):,.2f}"
