"""The addresses of the pages of policies."""

from django.urls import path

from jieli.policies import views

app_name = "policies"
urlpatterns = [
    path("policies/", views.policy_list, name="list"),
    path("policies/drafts/<int:version_id>/", views.draft, name="draft"),
    path("policies/drafts/<int:version_id>/edit/", views.edit_draft, name="edit"),
    path("policies/drafts/<int:version_id>/start/", views.start, name="start"),
    path("policies/drafts/<int:version_id>/discard/", views.discard, name="discard"),
    path("policies/drafts/<int:version_id>/dry-run/", views.dry_run, name="dry_run"),
    path("policies/<slug:name>/", views.policy, name="policy"),
    path("policies/<slug:name>/new/", views.new_draft, name="new"),
    path("policies/<slug:name>/v<int:number>/", views.policy_version, name="version"),
    path("policies/<slug:name>/compare/", views.compare, name="compare"),
]
