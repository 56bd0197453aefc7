"""Names of the files which the front-end build made, from its `manifest.json`."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings

MANIFEST = Path(__file__).parent / "static" / "ui" / "build" / "manifest.json"


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads(MANIFEST.read_text())
    except FileNotFoundError:
        return {}
    return names


def built_name(name: str) -> str:
    """Return the hashed name of `app.css` and the like, or the plain name while nothing was built.

    A process keeps the names it began with, as the web server knows only the files that were there when it started.
    """
    if settings.DEBUG:
        _known.cache_clear()
    return _known().get(name, name)
