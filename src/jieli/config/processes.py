"""Child processes that end with their parent, however the parent ends."""

import os
import threading
import time

_INTERVAL = 0.5


def end_with_parent() -> None:
    """End this process soon after its present parent has died (a kill -9 leaves no chance to tell us)."""
    parent = os.getppid()
    if parent == 1:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_INTERVAL)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
