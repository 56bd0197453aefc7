"""API tokens: the list, and issuing one, which is shown once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.refusals import NotFound, require
from jieli.people import actions, policy, queries
from jieli.people.access import PersonRequest, signed_in
from jieli.people.forms import TokenForm
from jieli.people.models import Staff


@require_safe
@signed_in
def tokens(request: PersonRequest) -> HttpResponse:
    """Show the keys one may see."""
    rows = [
        {"token": token, "may_revoke": token.revoked_at is None and policy.may_revoke_token(request.actor, token)}
        for token in queries.tokens_to_see(request.actor)
    ]
    return render(request, "people/tokens.html", {"rows": rows, "person": request.user})


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def issue(request: PersonRequest, staff_id: int) -> HttpResponse:
    """Issue a key; its text stands on the answer of this one post and nowhere else."""
    staff = Staff.objects.select_related("unit").filter(pk=staff_id).first()
    if staff is None or not policy.may_see_tokens(request.actor, staff):
        raise NotFound
    require(policy.may_issue_token(request.actor, staff))
    form = TokenForm(request.POST or None, initial={"unit": staff.unit_id})
    if request.method == "POST":
        done = form.attempt(
            lambda values: actions.issue_token(
                staff_id,
                name=values["name"],
                role=values["role"],
                unit_id=values["unit"],
                scopes=values["scopes"],
                actor=request.actor,
            )
        )
        if done is not None:
            return render(
                request, "people/token_issued.html", {"token": done[0], "plain": done[1], "person": staff}, status=201
            )
    context = {"form": form, "person": staff}
    return render(request, "people/issue_token.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@signed_in
def revoke(request: PersonRequest, token_id: int) -> HttpResponse:
    """Withdraw a key."""
    token = actions.revoke_token(token_id, actor=request.actor)
    messages.success(request, _("The token %(name)s opens nothing any more.") % {"name": token.name})
    return redirect("people:tokens")
