"""One window for many: needs that reach this process at the same moment are written in one transaction.

Whoever finds the window free serves: he takes everybody who waits, writes all their cases together and answers each after the
commit; then the next in line serves. Like a server's commit delay, he waits up to a few milliseconds for as many as came the
last time; a lone sender waits for nobody. So under load the cost of a transaction is shared. Each is still answered for
himself: what is wrong with one need harms no other.
"""

from collections import deque
from collections.abc import Sequence
from threading import Condition, Event, Lock

import structlog
from django.db import connection

from jieli.cases.actions.opening import Opened
from jieli.cases.actions.receiving import Need, receive, receive_many
from jieli.events.actor import Actor
from jieli.events.refusals import Refused

MOST = 64
LONGEST_DELAY = 0.004
log = structlog.get_logger("jieli.cases")


class _Waiting:
    """Somebody in the line; `answer` stays None when those who were served together must each try alone."""

    def __init__(self, need: Need, actor: Actor) -> None:
        self.need, self.actor = need, actor
        self.called = Event()
        self.serves = False
        self.answer: Opened | Refused | None = None


class Window:
    """A line of waiting needs, at most one of whose senders serves at a time."""

    def __init__(self) -> None:
        self._line: deque[_Waiting] = deque()
        self._lock = Lock()
        self._came = Condition(self._lock)
        self._is_open = False
        self._expected = 1

    def receive(self, need: Need, *, actor: Actor) -> Opened:
        """Do what `receiving.receive` does, perhaps together with others; within a transaction of the caller, alone."""
        if connection.in_atomic_block:
            return receive(need, actor=actor)
        mine = _Waiting(need, actor)
        with self._lock:
            self._line.append(mine)
            mine.serves, self._is_open = not self._is_open, True
            if len(self._line) >= self._expected:
                self._came.notify()
        if not mine.serves:
            mine.called.wait()
        if mine.serves:
            served = self._taken()
            try:
                if len(served) == 1:
                    return receive(need, actor=actor)
                _answer(served)
            finally:
                self._call_next(served)
        if mine.answer is None:
            return receive(need, actor=actor)
        if isinstance(mine.answer, Refused):
            raise mine.answer
        return mine.answer

    def _taken(self) -> list[_Waiting]:
        """Return the first in the line, who serves, and those of the same actor behind him."""
        with self._lock:
            if self._expected > 1:
                self._came.wait_for(lambda: len(self._line) >= self._expected, LONGEST_DELAY)
            served = [self._line.popleft()]
            while self._line and len(served) < MOST and self._line[0].actor == served[0].actor:
                served.append(self._line.popleft())
            return served

    def _call_next(self, served: Sequence[_Waiting]) -> None:
        for one in served:
            one.called.set()
        with self._lock:
            self._expected = len(served) + len(self._line)
            if self._line:
                self._line[0].serves = True
                self._line[0].called.set()
            else:
                self._is_open = False


def _answer(served: Sequence[_Waiting]) -> None:
    try:
        answers = receive_many([one.need for one in served], actor=served[0].actor)
    except Exception:
        log.exception("receiving.each_alone", needs=len(served))
        return
    for one, answer in zip(served, answers, strict=True):
        one.answer = answer


window = Window()
