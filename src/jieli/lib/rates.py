"""How often somebody may ask: token buckets of one process."""

from collections import OrderedDict
from threading import Lock

_MOST_KNOWN = 10_000


class Rates:
    """Token buckets of this process, one for each key: a steady rate with room for a burst."""

    def __init__(self, per_second: float, burst: float) -> None:
        self.per_second, self.burst = per_second, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str, now: float) -> float:
        """Take one request out of a bucket and return 0, or the seconds until there is one."""
        with self._lock:
            left, at = self._left.pop(key, (self.burst, now))
            left = min(self.burst, left + (now - at) * self.per_second)
            wait = 0.0 if left >= 1 else (1 - left) / self.per_second
            self._left[key] = (left if wait else left - 1, now)
            if len(self._left) > _MOST_KNOWN:
                self._left.popitem(last=False)
            return wait

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until a bucket holds a request, 0 when it does now; nothing is taken."""
        with self._lock:
            left, at = self._left.get(key, (self.burst, now))
            left = min(self.burst, left + (now - at) * self.per_second)
            return 0.0 if left >= 1 else (1 - left) / self.per_second

    def forget(self) -> None:
        """Begin anew with full buckets."""
        with self._lock:
            self._left.clear()
