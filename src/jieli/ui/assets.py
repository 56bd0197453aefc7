"""Names of the files which the front-end build made, from its `manifest.json`."""

import json
from functools import lru_cache
from pathlib import Path

MANIFEST = Path(__file__).parent / "static" / "ui" / "build" / "manifest.json"


@lru_cache(maxsize=4)
def _read(changed_at: float) -> dict[str, str]:
    names: dict[str, str] = json.loads(MANIFEST.read_text())
    return names


def built_name(name: str) -> str:
    """Return the hashed name of `app.css` and the like, or the plain name while nothing was built."""
    try:
        changed_at = MANIFEST.stat().st_mtime
    except FileNotFoundError:
        return name
    return _read(changed_at).get(name, name)
