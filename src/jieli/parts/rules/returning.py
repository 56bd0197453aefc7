"""What a work order says of its parts when several were changed (spec 6, gates `return` and `lab`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LONGEST = 60
# The finding that weighs most speaks for the order: settlement pays only what is confirmed.
_WEIGHT = ("confirmed", "misuse", "no_fault", "wrong_part")
MISJUDGED = frozenset({"no_fault", "wrong_part"})


@dataclass(frozen=True, slots=True)
class Owed:
    """One old part that has to come back, and how far it is."""

    part: str
    returned_at: datetime | None = None
    finding: str = ""
    lab_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderParts:
    """The facts of the work order: they are known when they are known of every part that has to come back."""

    part: str = ""
    part_returned_at: datetime | None = None
    lab_finding: str = ""
    lab_at: datetime | None = None


def order_parts(owed: Sequence[Owed]) -> OrderParts:
    """Return what the order says of these parts: back when the last is back, found when the last is found, by the worst."""
    if not owed:
        return OrderParts()
    returns = [one.returned_at for one in owed if one.returned_at is not None]
    founds = [one.lab_at for one in owed if one.lab_at is not None and one.finding]
    all_back, all_found = len(returns) == len(owed), len(founds) == len(owed)
    return OrderParts(
        part=_codes([one.part for one in owed]),
        part_returned_at=max(returns) if all_back else None,
        lab_finding=max((one.finding for one in owed), key=_WEIGHT.index) if all_back and all_found else "",
        lab_at=max(founds) if all_back and all_found else None,
    )


def _codes(parts: Sequence[str]) -> str:
    codes = list(dict.fromkeys(parts))
    joined = ";".join(codes)
    return joined if len(joined) <= LONGEST else f"{codes[0]};+{len(codes) - 1}"
