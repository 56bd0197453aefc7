"""A broken Jieli for the test of the fault test: `jieli run`, but its web server answers a POST before the commit.

Usage as `jieli`: early_answers.py run --data … --port …
"""

import sys
import threading
import time
from pathlib import Path
from queue import SimpleQueue

COMMIT_LATE_SECONDS = 0.4


def late(environ, start_response):
    """Answer as soon as the answer is known; what was done is committed a moment later."""
    from django.db import transaction

    from jieli.config.wsgi import application as sound

    if environ["REQUEST_METHOD"] != "POST":
        return sound(environ, start_response)
    answered = SimpleQueue()

    def act():
        head = []
        try:
            with transaction.atomic():
                body = b"".join(sound(environ, lambda status, headers, error=None: head.append((status, headers))))
                answered.put((*head[0], body))
                time.sleep(COMMIT_LATE_SECONDS)
        except Exception:
            answered.put(("503 Service Unavailable", [("Content-Type", "application/json")], b"{}"))

    threading.Thread(target=act).start()
    status, headers, body = answered.get()
    start_response(status, headers)
    return [body]


if __name__ == "__main__":
    from jieli.config import supervisor
    from jieli.config.cli import main

    def start(child):
        import subprocess

        child.process = subprocess.Popen([sys.executable, __file__, *child.arguments], start_new_session=True)
        child.started_at = time.monotonic()

    supervisor.Child.start = start
    if sys.argv[1] == "serve":
        from jieli.config import web

        sound_server = web.Server
        web.Server = lambda target, **given: sound_server(f"{Path(__file__).stem}:late", **given)
    sys.exit(main(sys.argv[1:]))
