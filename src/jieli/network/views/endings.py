"""What ends soon: documents, contracts and licences."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jieli.events.refusals import NotFound
from jieli.network import policy
from jieli.network.queries.endings import endings_page
from jieli.people.access import PersonRequest, signed_in
from jieli.policies.queries import current


@require_safe
@signed_in
def expiring(request: PersonRequest) -> HttpResponse:
    """Show what ended or ends within the days of the policy, the earliest first."""
    if not policy.may_see_network(request.actor):
        raise NotFound
    try:
        page = endings_page(request.actor, after=request.GET.get("after", ""))
    except ValueError:
        page = endings_page(request.actor)
    context = {
        "rows": page.rows,
        "next_cursor": page.next,
        "days": current("network").data.remind_days,
        "may_see_providers": policy.may_see_providers(request.actor),
        "may_judge": request.actor.has_role(*policy.JUDGES),
    }
    return render(request, "network/expiring.html", context)
