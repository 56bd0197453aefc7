"""Addresses of the network."""

from django.urls import path

from jieli.network.views import endings, engineers, licence, outlets, providers

app_name = "network"

urlpatterns = [
    path("network/", outlets.outlet_list, name="outlets"),
    path("network/outlets/new/", outlets.new_outlet, name="new_outlet"),
    path("network/outlets/<int:outlet_id>/", outlets.outlet_record, name="outlet"),
    path("network/outlets/<int:outlet_id>/edit/", outlets.edit_outlet, name="edit_outlet"),
    path("network/outlets/<int:outlet_id>/suspend/", outlets.suspend, name="suspend"),
    path("network/outlets/<int:outlet_id>/lift/", outlets.lift, name="lift"),
    path("network/outlets/<int:outlet_id>/end/", outlets.end, name="end"),
    path("network/outlets/<int:outlet_id>/areas/new/", outlets.new_area, name="new_area"),
    path("network/areas/<int:area_id>/remove/", outlets.drop_area, name="remove_area"),
    path("network/providers/", providers.provider_list, name="providers"),
    path("network/providers/new/", providers.new_provider, name="new_provider"),
    path("network/providers/<int:provider_id>/", providers.provider_record, name="provider"),
    path("network/providers/<int:provider_id>/edit/", providers.edit_provider, name="edit_provider"),
    path(
        "network/outlets/<int:holder_id>/documents/new/", providers.new_document, {"of": "outlet"}, name="new_outlet_document"
    ),
    path(
        "network/engineers/<int:holder_id>/documents/new/",
        providers.new_document,
        {"of": "engineer"},
        name="new_engineer_document",
    ),
    path(
        "network/providers/<int:holder_id>/documents/new/",
        providers.new_document,
        {"of": "provider"},
        name="new_provider_document",
    ),
    path("network/documents/<int:document_id>/renew/", providers.renew, name="renew_document"),
    path("network/documents/<int:document_id>/put-away/", providers.put_away, name="put_document_away"),
    path("network/engineers/", engineers.engineer_list, name="engineers"),
    path("network/engineers/new/", engineers.new_engineer, name="new_engineer"),
    path("network/engineers/<int:engineer_id>/", engineers.engineer_record, name="engineer"),
    path("network/engineers/<int:engineer_id>/edit/", engineers.edit_engineer, name="edit_engineer"),
    path("network/engineers/<int:engineer_id>/shifts/", engineers.edit_shifts, name="edit_shifts"),
    path("network/engineers/<int:engineer_id>/skills/new/", engineers.new_skill, name="new_skill"),
    path("network/skills/<int:skill_id>/remove/", engineers.drop_skill, name="remove_skill"),
    path("network/engineers/<int:engineer_id>/points/", licence.post, name="post_points"),
    path("network/engineers/<int:engineer_id>/review/", licence.review, name="review_licence"),
    path("network/engineers/<int:engineer_id>/examine/", licence.examine, name="reexamine"),
    path("network/engineers/<int:engineer_id>/coach/", licence.coach, name="coach"),
    path("network/postings/<int:posting_id>/appeal/", licence.appeal, name="appeal"),
    path("network/expiring/", endings.expiring, name="expiring"),
    path("network/appeals/", licence.appeals, name="appeals"),
    path("network/appeals/<int:appeal_id>/decide/", licence.decide, name="decide_appeal"),
    path("network/me/", engineers.my_record, name="me"),
]
