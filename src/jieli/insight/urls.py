"""Addresses of figures."""

from django.urls import path

from jieli.insight import views

app_name = "insight"

urlpatterns = [
    path("cases/<str:number>/way/", views.ticket, name="ticket"),
    path("t/<str:number>/<str:code>/way", views.way_by_link, name="way"),
    path("indicators/", views.indicators_page, name="indicators"),
    path("indicators/outlets.<str:form>", views.export, name="export"),
    path("indicators/behind/<slug:what>/", views.behind, name="behind"),
]
