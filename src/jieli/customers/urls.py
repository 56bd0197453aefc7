"""Addresses of customers and devices."""

from django.urls import path

from jieli.customers.views import belonging, customers, devices

app_name = "customers"

urlpatterns = [
    path("customers/", customers.customer_list, name="list"),
    path("customers/duplicates/", customers.duplicates, name="duplicates"),
    path("customers/segments/keep/", belonging.keep_segment, name="keep_segment"),
    path("customers/segments/<int:segment_id>/remove/", belonging.remove_segment, name="remove_segment"),
    path("customers/new/", customers.new_customer, name="new"),
    path("customers/<int:customer_id>/", customers.customer_page, name="page"),
    path("customers/<int:customer_id>/edit/", customers.edit_customer, name="edit"),
    path("customers/<int:customer_id>/reveal/<slug:field>/", customers.reveal, name="reveal"),
    path("customers/<int:customer_id>/rescore/", customers.rescore, name="rescore"),
    path("customers/<int:customer_id>/consent/", customers.consent, name="consent"),
    path("customers/<int:customer_id>/merge/", customers.merge, name="merge"),
    path("customers/<int:customer_id>/erase/", customers.erase, name="erase"),
    path("customers/<int:customer_id>/hold/", customers.hold, name="hold"),
    path("customers/<int:customer_id>/hold/lift/", customers.lift_hold, name="lift_hold"),
    path("customers/<int:customer_id>/contacts/new/", devices.new_contact, name="new_contact"),
    path("customers/<int:customer_id>/addresses/new/", belonging.new_address, name="new_address"),
    path("customers/<int:customer_id>/dates/new/", belonging.new_special_date, name="new_special_date"),
    path("customers/<int:customer_id>/devices/new/", devices.new_device, name="new_device"),
    path("customers/merges/<int:merge_id>/undo/", customers.undo_merge, name="undo_merge"),
    path("contacts/<int:contact_id>/edit/", devices.edit_contact, name="edit_contact"),
    path("contacts/<int:contact_id>/end/", devices.end_contact, name="end_contact"),
    path("addresses/<int:address_id>/end/", belonging.end_address, name="end_address"),
    path("special-dates/<int:special_date_id>/remove/", belonging.remove_special_date, name="remove_special_date"),
    path("devices/", devices.device_list, name="devices"),
    path("devices/<int:device_id>/", devices.device_page, name="device"),
    path("devices/<int:device_id>/edit/", devices.edit_device, name="edit_device"),
    path("devices/<int:device_id>/move/", devices.move_device, name="move_device"),
]
