"""A broken Jieli for the test of the fault test: `jieli run`, but its web server answers a POST before the commit.

Usage as `jieli`: early_answers.py run --data … --port …
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import SimpleQueue

COMMIT_LATE_SECONDS = 0.4


class AnswerBeforeCommit:
    """The outermost middleware: the answer goes out as soon as it is known, what was done is committed a moment later."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method != "POST":
            return self.get_response(request)
        answered = SimpleQueue()
        threading.Thread(target=self._act, args=(request, answered)).start()
        return answered.get()

    def _act(self, request, answered):
        from django.db import connection, transaction
        from django.http import JsonResponse

        try:
            with transaction.atomic():
                answered.put(self.get_response(request))
                time.sleep(COMMIT_LATE_SECONDS)
        except Exception:
            answered.put(JsonResponse({}, status=503))  # the database is away; read only when nothing was answered before
        finally:
            connection.close()


def application(environ, start_response):
    """The application for the web server, made at the first request."""
    return _made()(environ, start_response)


def _made(kept=[]):  # noqa: B006 - the one application of this process
    if not kept:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jieli.config.settings")
        from django.conf import settings

        settings.MIDDLEWARE = [f"{Path(__file__).stem}.AnswerBeforeCommit", *settings.MIDDLEWARE]
        from jieli.config.wsgi import application as made

        kept.append(made)
    return kept[0]


def main():
    from jieli.config import supervisor
    from jieli.config.cli import main as jieli

    def start(child):
        child.process = subprocess.Popen([sys.executable, __file__, *child.arguments], start_new_session=True)
        child.started_at = time.monotonic()

    supervisor.Child.start = start
    if sys.argv[1] == "serve":
        from jieli.config import web

        sound = web.Server
        web.Server = lambda _target, **given: sound(f"{Path(__file__).stem}:application", **given)
    return jieli(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
