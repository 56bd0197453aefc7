"""The addresses of dispatch."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from jieli.dispatch.views import backlog, case, portal


class CaseActConverter(StringConverter):
    """What may be done with the dispatch of a case."""

    regex = "offer|time"


class AnswerConverter(StringConverter):
    """How an offered work order may be answered."""

    regex = "accept|refuse|counter"


class DecisionConverter(StringConverter):
    """Yes or no to another time."""

    regex = "yes|no"


register_converter(CaseActConverter, "dispatch_act")
register_converter(AnswerConverter, "dispatch_answer")
register_converter(DecisionConverter, "dispatch_decision")

app_name = "dispatch"
urlpatterns = [
    path("dispatch/", backlog.home, name="backlog"),
    path("dispatch/count/", backlog.count, name="backlog_count"),
    path("dispatch/preview/", backlog.preview, name="preview"),
    path("dispatch/many/", backlog.many, name="many"),
    path("dispatch/offers/", backlog.offers, name="offers"),
    path("dispatch/offers/count/", backlog.offer_count, name="offers_count"),
    path("dispatch/day/", backlog.day, name="day"),
    path("dispatch/cases/<int:case_id>/", case.case_page, name="case"),
    path("dispatch/cases/<int:case_id>/panel/", case.of_case, name="of_case"),
    path("dispatch/cases/<int:case_id>/<dispatch_act:name>/", case.act, name="act"),
    path("dispatch/orders/<int:order_id>/", case.state_facts, name="order"),
    path("dispatch/offers/<int:pass_id>/<dispatch_answer:name>/", case.answer, name="answer"),
    path("dispatch/offers/<int:pass_id>/counter/<dispatch_decision:answer>/", case.decide, name="decide"),
    path("dispatch/offers/<int:pass_id>/withdraw/", case.withdraw, name="withdraw"),
    path("t/<str:number>/<str:code>/appointment", portal.appointment, name="appointment"),
]
