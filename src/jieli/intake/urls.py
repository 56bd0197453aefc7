"""Addresses of the portal. Those of a case have no slash at the end: people read and type them."""

from django.urls import path

from jieli.intake.views import following, importing, labels, reporting

app_name = "intake"

urlpatterns = [
    path("report/", reporting.choose, name="choose"),
    path("report/joined/<str:number>/", reporting.joined, name="joined"),
    path("report/<slug:code>/", reporting.report, name="report"),
    path("follow/", following.find, name="find"),
    path("follow/lost/", following.lost, name="lost"),
    path("follow/lost/noted/", following.lost_noted, name="lost_noted"),
    path("t/<str:number>/<str:code>", following.follow, name="follow"),
    path("t/<str:number>/<str:code>/thanks", following.thanks, name="thanks"),
    path("t/<str:number>/<str:code>/write", following.write, name="write"),
    path("t/<str:number>/<str:code>/read", following.read, name="read"),
    path("t/<str:number>/<str:code>/cancel", following.cancel, name="cancel"),
    path("labels/devices/", labels.device_label_sheet, name="device_labels"),
    path("import/", importing.imports, name="import"),
    path("import/<int:upload_id>/", importing.upload, name="upload"),
    path("import/<int:upload_id>/start/", importing.start, name="start"),
    path("t/<str:number>/<str:code>/reopen", following.reopen, name="reopen"),
]
