"""Long work shows where it is, on a terminal only."""

import sys
import time


class Progress:
    """Call it with what is done, of how much, and of what; it draws at most ten times a second on standard error."""

    def __init__(self) -> None:
        self._shown = 0.0
        self._began = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._open = False

    def __call__(self, done: int, total: int | None = None, what: str = "") -> None:
        """Draw the present state."""
        now = time.monotonic()
        if not self._is_terminal or (now - self._shown < 0.1 and done != total):
            return
        self._shown = now
        share = f"{done / total:4.0%} " if total else ""
        of = f"/{total:,}" if total else ""
        rate = done / (now - self._began) if now > self._began else 0
        sys.stderr.write(f"\r\x1b[K{share}{done:,}{of} {what} ({rate:,.0f}/s)")
        sys.stderr.flush()
        self._open = True

    def end(self) -> None:
        """Leave the line."""
        if self._open:
            sys.stderr.write("\n")
            self._open = False
