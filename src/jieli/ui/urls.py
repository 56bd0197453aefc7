"""Addresses of the look: theme, language, and the gallery in demo mode."""

from django.urls import path

from jieli.ui import views

app_name = "ui"
urlpatterns = [
    path("ui/theme/", views.choose_theme, name="theme"),
    path("ui/language/", views.choose_language, name="language"),
    path("ui/gallery/", views.gallery, name="gallery"),
    path("ui/gallery/<str:part>/", views.gallery_part, name="gallery_part"),
]
