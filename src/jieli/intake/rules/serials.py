"""Serial numbers as people list them for labels: one after another, or from one to another."""

import re
from dataclasses import dataclass, field

MOST = 480
_RANGE = re.compile(r"(\S+?)\s*(?:\.\.|…|—|–|~|～|至)\s*(\S+)")
_SERIAL = re.compile(r"[0-9A-Z][0-9A-Z/._-]{0,79}")
_ENDS_IN_NUMBER = re.compile(r"(.*?)([0-9]{1,15})")


@dataclass(slots=True)
class Serials:
    """What a list says: each serial once, in its order; what cannot be read; whether there were more than fit."""

    serials: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    too_many: bool = False


def read_serials(text: str, *, most: int = MOST) -> Serials:
    """Return the serials of lines, commas and ranges such as ``SN0007..SN0019``; a range counts up the number at the end.

    Both ends of a range have the same beginning and the same length, and the second is not below the first.
    """
    found: dict[str, None] = {}
    read = Serials()
    for piece in re.split(r"[\n,，;；、]+", text.upper()):
        if not (piece := piece.strip()):
            continue
        between = _RANGE.fullmatch(piece)
        spread = _between(between[1], between[2], most) if between else _alone(piece)
        if spread is None:
            read.unread.append(piece[:60])
            continue
        found |= dict.fromkeys(spread)
        if len(found) > most:
            read.too_many = True
            break
    read.serials = list(found)[:most]
    return read


def _alone(piece: str) -> list[str] | None:
    serial = "".join(piece.split())
    return [serial] if _SERIAL.fullmatch(serial) and ".." not in serial else None


def _between(first: str, last: str, most: int) -> list[str] | None:
    begin, end = _ENDS_IN_NUMBER.fullmatch(first), _ENDS_IN_NUMBER.fullmatch(last)
    if begin is None or end is None or begin[1] != end[1] or len(begin[2]) != len(end[2]):
        return None
    if not _SERIAL.fullmatch(first):
        return None
    low, high = int(begin[2]), int(end[2])
    if high < low:
        return None
    width = len(begin[2])
    return [f"{begin[1]}{number:0{width}d}" for number in range(low, min(high, low + most) + 1)]
