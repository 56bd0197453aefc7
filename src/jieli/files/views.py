"""Bytes of evidence, shown or downloaded by whom their case allows; the list of a case's files and the upload."""

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieli.events.actor import Actor
from jieli.events.refusals import Refused
from jieli.files import access, actions, queries, serving
from jieli.files.models import Evidence
from jieli.files.policy import may_keep


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@login_required
@require_GET
def file(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Show or download a file; ``?download`` always downloads."""
    return serving.answer(request, _visible(_actor(request), key))


@login_required
@require_GET
def thumbnail(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Show the small picture of a picture."""
    return serving.small_answer(_visible(_actor(request), key))


@require_GET
def tracked_file(request: HttpRequest, token: str, key: uuid.UUID) -> HttpResponseBase:
    """Show a customer, who has come by his tracking link, a file that is meant for him."""
    return serving.answer(request, _tracked(token, key))


@require_GET
def tracked_thumbnail(request: HttpRequest, token: str, key: uuid.UUID) -> HttpResponseBase:
    """Show the same customer the small picture."""
    return serving.small_answer(_tracked(token, key))


def _visible(actor: Actor, key: uuid.UUID) -> Evidence:
    try:
        return queries.visible_evidence(actor, key)
    except Evidence.DoesNotExist:
        raise Http404 from None


def _tracked(token: str, key: uuid.UUID) -> Evidence:
    opened = access.opened_by(token)
    if opened is None:
        raise Http404
    actor, case_id = opened
    evidence = _visible(actor, key)
    if evidence.case_id != case_id:
        raise Http404
    return evidence


@login_required
@require_http_methods(["GET", "POST"])
def of_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """List the files of a case as a fragment; a POST adds the files it brings.

    The upload control sends each file by itself and puts the answered line into the list; a plain form goes back to `next`.
    """
    actor = _actor(request)
    if not access.may_see_case(actor, case_id):
        raise Http404
    if request.method == "GET":
        return render(request, "files/_evidence.html", evidence_context(actor, case_id))
    kept = [actions.keep(upload, case_id=case_id, actor=actor) for upload in request.FILES.getlist("files")]
    if not kept:
        raise Refused(_("Choose a file first."))
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return render(request, "files/_items.html", {"evidence": kept}, status=201)


def evidence_context(actor: Actor, case_id: int) -> dict[str, object]:
    """Return what ``files/_evidence.html`` shows of a case."""
    return {
        "case_id": case_id,
        "evidence": queries.evidence_of_case(actor, case_id),
        "may_keep": may_keep(actor, case_id),
        "limit_bytes": queries.most_bytes(),
        "most_files": queries.most_files(),
    }


@login_required
@require_POST
def show(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Let the customer see a file, or no longer."""
    actor = _actor(request)
    evidence = get_object_or_404(Evidence, key=key)
    _visible(actor, key)
    shown = actions.show_to_customer(evidence.pk, shown=request.POST.get("shown") == "true", actor=actor)
    return render(request, "files/_items.html", {"evidence": [shown]})
