"""The Damm check digit: finds every single wrong digit and every swap of neighbours (H. M. Damm, dissertation, 2004)."""

# A totally anti-symmetric quasigroup of order 10 with a zero diagonal: row = interim digit, column = next digit.
_QUASIGROUP = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def check_digit(digits: str) -> int:
    """Return the check digit of a run of decimal digits; 572 gives 4. Raises ValueError for anything else."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{digits!r} is not a run of decimal digits")
    interim = 0
    for digit in digits:
        interim = _QUASIGROUP[interim][ord(digit) - 48]
    return interim


def is_valid(digits_with_check: str) -> bool:
    """Say whether the last digit is the check digit of those before it; False for anything but two digits or more."""
    return (
        len(digits_with_check) > 1
        and digits_with_check.isascii()
        and digits_with_check.isdigit()
        and check_digit(digits_with_check) == 0
    )
