"""The shell of the engineer's phone: a page without data, its service worker and its manifest.

The three know nobody: they are the same for everyone, so that the phone may keep them and open without a network. Who one is,
and what there is to do today, the page asks for by itself (`views/field.py`).
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jieli.ui import assets

FILES = ("field.js", "field.css", "theme.js", "icons.svg", "mark.svg", "field-192.png")
SCANNER = ("field-scanner.js", "field-reader.wasm")
PAGE = Path(__file__).parents[1] / "templates" / "visits" / "field.html"
COLOURS = {"background_color": "#f6f7f9", "theme_color": "#2457c5"}

# The reader of barcodes is WebAssembly from our own files; nothing else is allowed more than elsewhere.
_POLICY = "; ".join(
    f"{name} {value} 'wasm-unsafe-eval'" if name == "script-src" else f"{name} {value}"
    for name, value in settings.CONTENT_SECURITY_POLICY.items()
)


def _address(name: str) -> str:
    return static(f"ui/build/{assets.built_name(name)}")


def build() -> str:
    """Return the version of the page: it changes with each of its files, and with nothing else."""
    return _build(tuple(assets.built_name(name) for name in (*FILES, *SCANNER, "field-worker.js")))


@lru_cache(maxsize=8)
def _build(names: tuple[str, ...]) -> str:
    page = PAGE.read_bytes()
    return hashlib.sha256(page + "\n".join(names).encode()).hexdigest()[:12]


@require_safe
def field(request: HttpRequest) -> HttpResponse:
    """The page of the engineer's phone; it holds nothing of anybody."""
    response = render(request, "visits/field.html", {"build": build()})
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def field_worker(_request: HttpRequest) -> HttpResponse:
    """The service worker, with the list of the files of this version before it."""
    listed = {
        "version": build(),
        "shell": reverse("visits:field"),
        "files": [_address(name) for name in FILES],
        "scanner": [_address(name) for name in SCANNER],
    }
    script = (assets.MANIFEST.parent / assets.built_name("field-worker.js")).read_text()
    return HttpResponse(
        f"const FIELD = {json.dumps(listed)};\n{script}",
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": reverse("visits:field")},
    )


@require_safe
def field_manifest(_request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the page on its home screen."""
    at = reverse("visits:field")
    icons = [
        {"src": _address("field-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": _address("field-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": _address("field-mask.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    return JsonResponse(
        {"id": at, "start_url": at, "scope": at, "name": _("Field service"), "short_name": _("Field service")}
        | {"display": "standalone", "orientation": "portrait", "icons": icons, **COLOURS},
        content_type="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )
