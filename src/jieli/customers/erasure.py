"""Erasure beyond this app: every app that holds personal data registers how it erases one customer's.

Each function runs inside the transaction of the erasure, after the event ``customers.erased`` was recorded and before the
certificate is written; what it returns is counted in the certificate under its name.
"""

from collections.abc import Callable

Eraser = Callable[[int, int], int]
_erasers: dict[str, Eraser] = {}


def register(name: str, eraser: Eraser) -> None:
    """Let `eraser(customer_id, certificate_id)` blank what it holds of the customer and return how many rows it blanked."""
    _erasers[name] = eraser


def erasers() -> list[tuple[str, Eraser]]:
    """Return the registered functions by name, in order of the names."""
    return sorted(_erasers.items())
