"""A new link for a customer who lost the old one: shown once, in the answer to the form."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jieli.cases.actions.linking import renew_tracking
from jieli.cases.forms.links import ProofForm
from jieli.cases.policy import may_renew_link
from jieli.cases.queries.case_page import found_case
from jieli.cases.queries.links import tracking_url
from jieli.cases.views.requests import DeskRequest, at_desk, in_drawer
from jieli.events.refusals import require


@never_cache
@at_desk
@require_http_methods(["GET", "POST"])
def renew(request: DeskRequest, number: str) -> HttpResponse:
    """Ask how the customer was checked; a POST shows the new link, which no page shows again."""
    case = found_case(request.actor, number)
    require(may_renew_link(request.actor, case))
    form = ProofForm(request.POST if request.method == "POST" else None, case=case, actor=request.actor)
    context = {"case": case, "form": form, "in_drawer": in_drawer(request)}
    renewed = None
    if request.method == "POST":
        renewed = form.attempt(lambda clean: renew_tracking(case.pk, proof=clean["proof"], actor=request.actor))
    if renewed is not None:
        context |= {
            "code": renewed.code,
            "link": tracking_url(case.number, renewed.code, f"{request.scheme}://{request.get_host()}"),
        }
    template = "cases/_link.html" if in_drawer(request) else "cases/link.html"
    status = 422 if request.method == "POST" and renewed is None else 200
    return render(request, template, context, status=status)
