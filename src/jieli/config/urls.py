"""Every address: each app's own, the API and health."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from jieli.config import front, health

# Apps with pages, in the order in which their patterns are tried.
PAGES = (
    "ui",
    "people",
    "policies",
    "customers",
    "files",
    "notify",
    "cases",
    "network",
    "intake",
    "orders",
    "dispatch",
    "parts",
    "visits",
    "quality",
    "settlement",
    "insight",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", front.front_door, name="front"),
]
if find_spec("jieli.config.api"):
    from jieli.config.api import api

    urlpatterns.append(path("api/v1/", api.urls))
urlpatterns += [path("", include(f"jieli.{app}.urls")) for app in PAGES if find_spec(f"jieli.{app}.urls")]

handler400 = "jieli.config.errors.bad_request"
handler403 = "jieli.config.errors.forbidden"
handler404 = "jieli.config.errors.not_found"
handler500 = "jieli.config.errors.broken"
