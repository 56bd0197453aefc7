"""The addresses of people's pages."""

from django.urls import path

from jieli.people.views import calendars, duty, sessions, staff, tokens, units

app_name = "people"
urlpatterns = [
    path("login/", sessions.log_in, name="login"),
    path("logout/", sessions.log_out, name="logout"),
    path("me/", sessions.me, name="me"),
    path("me/absences/", sessions.my_absences, name="absences"),
    path("me/language/", sessions.my_language, name="language"),
    path("me/password/", sessions.my_password, name="password"),
    path("staff/", staff.staff_list, name="staff"),
    path("staff/new/", staff.hire, name="hire"),
    path("staff/<int:staff_id>/", staff.person, name="person"),
    path("staff/<int:staff_id>/change/", staff.change, name="change_staff"),
    path("staff/<int:staff_id>/roles/", staff.grant, name="grant"),
    path("staff/<int:staff_id>/roles/<int:grant_id>/revoke/", staff.revoke, name="revoke"),
    path("staff/<int:staff_id>/absences/", staff.declare_absence, name="declare_absence"),
    path("staff/<int:staff_id>/deputies/", staff.name_deputy, name="name_deputy"),
    path("staff/<int:staff_id>/password/", staff.set_password, name="set_password"),
    path("staff/<int:staff_id>/deactivate/", staff.deactivate, name="deactivate"),
    path("staff/<int:staff_id>/reactivate/", staff.reactivate, name="reactivate"),
    path("staff/<int:staff_id>/tokens/", tokens.issue, name="issue_token"),
    path("absences/<int:absence_id>/end/", staff.end_absence, name="end_absence"),
    path("deputies/<int:deputy_id>/remove/", staff.remove_deputy, name="remove_deputy"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke_token"),
    path("units/", units.unit_list, name="units"),
    path("units/new/", units.make, name="make_unit"),
    path("units/<int:unit_id>/", units.unit_detail, name="unit"),
    path("units/<int:unit_id>/change/", units.change, name="change_unit"),
    path("units/<int:unit_id>/closures/", units.close_on, name="close_unit_on"),
    path("closures/<int:closure_id>/lift/", units.lift, name="lift_closure"),
    path("rota/", duty.own_rota, name="rota"),
    path("rota/company/", duty.set_company, name="set_company_duty"),
    path("rota/<int:unit_id>/", duty.rota, name="unit_rota"),
    path("rota/<int:unit_id>/shifts/", duty.add_shift, name="add_shift"),
    path("rota/<int:unit_id>/copy/", duty.copy_week, name="copy_week"),
    path("shifts/<int:shift_id>/remove/", duty.remove_shift, name="remove_shift"),
    path("calendars/", calendars.first_calendar, name="calendars"),
    path("calendars/<str:code>/", calendars.calendar, name="calendar"),
]
