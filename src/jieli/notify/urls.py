"""Addresses of notices and of what goes out."""

from django.urls import path

from jieli.notify import views

app_name = "notify"

urlpatterns = [
    path("notices/", views.notice_list, name="notices"),
    path("notices/bell/", views.bell, name="bell"),
    path("notices/unread/", views.unread_count, name="unread_count"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/preferences/", views.preferences, name="preferences"),
    path("notices/<int:notice_id>/open/", views.open_notice, name="open"),
    path("outgoing/", views.outgoing, name="outgoing"),
    path("outgoing/mails/<int:mail_id>/resend/", views.resend_mail, name="resend_mail"),
    path("outgoing/calls/<int:call_id>/resend/", views.resend_call, name="resend_call"),
    path("webhooks/", views.webhooks, name="webhooks"),
    path("webhooks/<int:subscription_id>/switch/", views.switch_webhook, name="switch_webhook"),
    path("webhooks/<int:subscription_id>/secret/", views.renew_secret, name="renew_secret"),
]
