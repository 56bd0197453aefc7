"""What an address says of where it is, for places that nobody has put on a map; pure."""

import re

_PROVINCE = re.compile(r"^.{2,8}?(?:省|自治区)")
_LEVEL = re.compile(r".{2,8}?(?:市|自治州|地区|盟|区|县|旗)")
MOST_LEVELS = 2


def place_of(address: str) -> str:
    """Return the smallest place that an address begins with, as ``上海浦东新区`` whether `市` is written or not."""
    return "".join(places_of(address)[-1:]).replace("市", "")


def places_of(address: str) -> list[str]:
    """Return how a Chinese address begins, city first, then with the district: ``上海市``, ``上海市浦东新区``.

    The province is left out, since half of all addresses leave it out; another address has no levels.
    """
    rest = _PROVINCE.sub("", "".join(address.split()))
    found: list[str] = []
    end = 0
    while len(found) < MOST_LEVELS and (level := _LEVEL.match(rest, end)):
        end = level.end()
        found.append(rest[:end])
    return found
