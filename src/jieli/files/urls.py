"""Addresses of files."""

from django.urls import path

from jieli.files import views

app_name = "files"

urlpatterns = [
    path("files/<uuid:key>/", views.file, name="file"),
    path("files/<uuid:key>/thumbnail/", views.thumbnail, name="thumbnail"),
    path("files/<uuid:key>/show/", views.show, name="show"),
    path("files/case/<int:case_id>/", views.of_case, name="of_case"),
    path("files/of/<str:token>/<uuid:key>/", views.tracked_file, name="tracked_file"),
    path("files/of/<str:token>/<uuid:key>/thumbnail/", views.tracked_thumbnail, name="tracked_thumbnail"),
]
