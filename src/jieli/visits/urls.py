"""Addresses of visits: the engineer's phone under /field/, the desk under /visits/."""

from django.urls import path

from jieli.visits.views import field, shell

app_name = "visits"
urlpatterns = [
    path("field/", shell.field, name="field"),
    path("field/sw.js", shell.field_worker, name="field_worker"),
    path("field/manifest.webmanifest", shell.field_manifest, name="field_manifest"),
    path("field/day/", field.day, name="field_day"),
    path("field/bundle/", field.bundle, name="field_bundle"),
    path("field/photo/", field.photo, name="field_photo"),
]
