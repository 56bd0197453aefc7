"""Addresses of visits: the engineer's phone under /field/, the desk under /visits/."""

from django.urls import path

from jieli.visits.views import desk, field, shell

app_name = "visits"
urlpatterns = [
    path("field/", shell.field, name="field"),
    path("field/sw.js", shell.field_worker, name="field_worker"),
    path("field/manifest.webmanifest", shell.field_manifest, name="field_manifest"),
    path("field/day/", field.day, name="field_day"),
    path("field/windows/", field.windows, name="field_windows"),
    path("field/bundle/", field.bundle, name="field_bundle"),
    path("field/photo/", field.photo, name="field_photo"),
    path("visits/cases/<int:case_id>/", desk.of_case, name="of_case"),
    path("visits/<int:visit_id>/", desk.visit, name="visit"),
    path("visits/<int:visit_id>/gaps/", desk.gaps, name="gaps"),
    path("visits/conflicts/", desk.conflicts, name="conflicts"),
    path("visits/conflicts/count/", desk.conflicts_count, name="conflicts_count"),
    path("visits/conflicts/<int:entry_id>/settle/", desk.settle, name="settle"),
    path("visits/information/", desk.information, name="information"),
    path("visits/information/count/", desk.information_count, name="information_count"),
    path("visits/information/<int:information_id>/decide/", desk.decide, name="decide"),
    path("visits/information/<int:information_id>/outcome/", desk.bore, name="bore"),
]
