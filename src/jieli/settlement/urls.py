"""The addresses of the month end."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from jieli.settlement.views import books, checking, disputes, files, months, outlets, pay, sealed, trials, unpaid


class MonthConverter(StringConverter):
    """A month in an address: ``2026-10``."""

    regex = "[0-9]{4}-[0-9]{2}"


class FileConverter(StringConverter):
    """The kinds of files there are."""

    regex = "csv|xlsx"


register_converter(MonthConverter, "settled_month")
register_converter(FileConverter, "sheet_kind")

app_name = "settlement"
urlpatterns = [
    path("settlement/", months.home, name="home"),
    path("settlement/<settled_month:month>/", months.overview, name="month"),
    path("settlement/<settled_month:month>/state/", months.state, name="state"),
    path("settlement/<settled_month:month>/preview/", months.preview, name="preview"),
    path("settlement/<settled_month:month>/decide/", months.decide, name="decide"),
    path("settlement/<settled_month:month>/approve/", sealed.approve, name="approve"),
    path("settlement/<settled_month:month>/statements/", sealed.statements, name="statements"),
    path("settlement/<settled_month:month>/books/<slug:what>.<sheet_kind:kind>", books.books, name="books"),
    path("settlement/<settled_month:month>/pay/", pay.pay, name="pay"),
    path("settlement/<settled_month:month>/pay/decide/", pay.decide, name="decide_pay"),
    path("settlement/<settled_month:month>/pay/<int:staff_id>/", pay.slip, name="slip"),
    path("settlement/<settled_month:month>/pay/<int:staff_id>.<sheet_kind:kind>", pay.slip_file, name="slip_file"),
    path("settlement/<settled_month:month>/pay.<sheet_kind:kind>", pay.pay_file, name="pay_file"),
    path("settlement/pay/", pay.mine, name="my_pay"),
    path("settlement/<settled_month:month>/changed/", months.changed, name="changed"),
    path("settlement/<settled_month:month>/unpaid/", unpaid.unpaid, name="unpaid"),
    path("settlement/<settled_month:month>/<slug:what>.<sheet_kind:kind>", files.month_file, name="file"),
    path("settlement/<settled_month:month>/outlets/<int:outlet_id>/", outlets.outlet, name="outlet"),
    path("settlement/<settled_month:month>/outlets/<int:outlet_id>/statement/", outlets.statement, name="statement"),
    path("settlement/<settled_month:month>/outlets/<int:outlet_id>/statement.pdf", sealed.statement_pdf, name="statement_pdf"),
    path(
        "settlement/<settled_month:month>/outlets/<int:outlet_id>/statement.json", sealed.statement_json, name="statement_json"
    ),
    path("settlement/<settled_month:month>/outlets/<int:outlet_id>/confirm/", sealed.confirm, name="confirm"),
    path("settlement/<settled_month:month>/outlets/<int:outlet_id>/dispute/", sealed.dispute, name="dispute_line"),
    path("settlement/disputes/", disputes.disputed, name="disputes"),
    path("settlement/disputes/<int:dispute_id>/", disputes.dispute, name="dispute"),
    path("settlement/check/", checking.check, name="check"),
    path(
        "settlement/<settled_month:month>/outlets/<int:outlet_id>/statement.<sheet_kind:kind>",
        files.statement_file,
        name="statement_file",
    ),
    path("settlement/<settled_month:month>/drafts/<int:draft_id>/", trials.trial, name="trial"),
    path("settlement/<settled_month:month>/drafts/<int:draft_id>/try/", trials.try_draft, name="try"),
    path("settlement/drafts/<int:draft_id>/", trials.first_trial, name="first_trial"),
    path("settlement/cases/<int:case_id>/", unpaid.of_case, name="of_case"),
]
