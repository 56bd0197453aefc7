"""The addresses of the month end."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from jieli.settlement.views import files, months, outlets, trials, unpaid


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
    path("settlement/<settled_month:month>/changed/", months.changed, name="changed"),
    path("settlement/<settled_month:month>/unpaid/", unpaid.unpaid, name="unpaid"),
    path("settlement/<settled_month:month>/<slug:what>.<sheet_kind:kind>", files.month_file, name="file"),
    path("settlement/<settled_month:month>/outlets/<int:outlet_id>/", outlets.outlet, name="outlet"),
    path("settlement/<settled_month:month>/outlets/<int:outlet_id>/statement/", outlets.statement, name="statement"),
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
