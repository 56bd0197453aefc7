"""The licence: points by hand, appeals and their decisions, reviews, coaches."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.refusals import NotFound
from jieli.network import policy
from jieli.network.actions.licence import (
    appeal_posting,
    assign_coach,
    decide_appeal,
    post_points_by_hand,
    reexamine,
    review_licence,
)
from jieli.network.forms import AppealForm, CoachForm, DecisionForm, NoteForm, PointsForm, staff_of
from jieli.network.models import LicencePosting
from jieli.network.queries.pages import appeal_to_see, open_appeals
from jieli.network.views.requests import acted, engineer_or_404, form_page
from jieli.people.access import PersonRequest, signed_in


@require_http_methods(["GET", "POST"])
@signed_in
def post(request: PersonRequest, engineer_id: int) -> HttpResponse:
    """Post points that no event posts."""
    engineer = engineer_or_404(request, engineer_id)
    return form_page(
        request,
        PointsForm(request.POST or None),
        lambda clean: post_points_by_hand(engineer_id, actor=request.actor, **clean),
        allowed=policy.may_post_points(request.actor, engineer),
        title=_("Licence points of %(name)s") % {"name": engineer.staff.name},
        help_text=_("Broken promises, skipped steps, repeat visits and misjudged parts post themselves."),
        done=lambda row: (_address(engineer_id), _("Posted: %(points)s points.") % {"points": f"{row.points:+d}"}),
        back=_address(engineer_id),
    )


@require_POST
@signed_in
def review(request: PersonRequest, engineer_id: int) -> HttpResponse:
    """Hold the annual review."""
    engineer_or_404(request, engineer_id)
    return acted(
        request,
        lambda: review_licence(engineer_id, actor=request.actor),
        _address(engineer_id),
        _("The licence was reviewed: full points and another term."),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def examine(request: PersonRequest, engineer_id: int) -> HttpResponse:
    """Give a revoked licence back after a passed examination."""
    engineer = engineer_or_404(request, engineer_id)
    return form_page(
        request,
        NoteForm(request.POST or None),
        lambda clean: reexamine(engineer_id, note=clean["note"], actor=request.actor),
        allowed=policy.may_review_licence(request.actor, engineer),
        title=_("Re-examination of %(name)s") % {"name": engineer.staff.name},
        help_text=_("Only after retraining and a passed examination."),
        done=lambda _row: (_address(engineer_id), _("The licence is back.")),
        back=_address(engineer_id),
        submit=_("Passed"),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def coach(request: PersonRequest, engineer_id: int) -> HttpResponse:
    """Give an engineer a coach."""
    engineer = engineer_or_404(request, engineer_id)
    named = "" if engineer.coach is None else engineer.coach.code
    return form_page(
        request,
        CoachForm(request.POST or None, initial={"coach": named}),
        lambda clean: assign_coach(engineer_id, coach_id=staff_of(clean, "coach"), actor=request.actor),
        allowed=policy.may_keep_engineer(request.actor, engineer),
        title=_("Coach of %(name)s") % {"name": engineer.staff.name},
        done=lambda _row: (_address(engineer_id), _("Saved.")),
        back=_address(engineer_id),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def appeal(request: PersonRequest, posting_id: int) -> HttpResponse:
    """Appeal against a posting."""
    posting = LicencePosting.objects.filter(pk=posting_id).first()
    if posting is None:
        raise NotFound
    engineer = engineer_or_404(request, posting.engineer_id)
    return form_page(
        request,
        AppealForm(request.POST or None),
        lambda clean: appeal_posting(posting_id, reason=clean["reason"], actor=request.actor),
        allowed=policy.may_appeal_posting(request.actor, engineer),
        title=_("Appeal"),
        about=_about(posting),
        done=lambda _row: (_address(engineer.pk), _("The appeal was made; somebody who is not concerned decides.")),
        back=_address(engineer.pk),
        submit=_("Appeal"),
    )


@require_safe
@signed_in
def appeals(request: PersonRequest) -> HttpResponse:
    """Show the appeals that wait for a decision."""
    if not request.actor.has_role(*policy.JUDGES):
        raise NotFound
    rows = [(one, policy.may_decide_appeal(request.actor, one)) for one in open_appeals(request.actor)]
    return render(request, "network/appeals.html", {"rows": rows, "may_see_providers": policy.may_see_providers(request.actor)})


@require_http_methods(["GET", "POST"])
@signed_in
def decide(request: PersonRequest, appeal_id: int) -> HttpResponse:
    """Decide on an appeal."""
    found = appeal_to_see(request.actor, appeal_id)
    if found is None:
        raise NotFound
    return form_page(
        request,
        DecisionForm(request.POST or None),
        lambda clean: decide_appeal(
            appeal_id, upheld=clean["decision"] == "upheld", reason=clean["reason"], actor=request.actor
        ),
        allowed=policy.may_decide_appeal(request.actor, found),
        title=_("Appeal of %(name)s") % {"name": found.posting.engineer.staff.name},
        about=[*_about(found.posting), (_("Appeal"), found.reason)],
        done=lambda _row: (_address(found.posting.engineer_id), _("The appeal was decided.")),
        back=reverse("network:appeals"),
        submit=_("Decide"),
    )


def _about(posting: LicencePosting) -> list[tuple[str, str]]:
    about = [(_("Posting"), f"{posting.get_kind_display()} {posting.points:+d}")]
    if posting.case is not None:
        about.append((_("Case"), posting.case.number))
    if posting.note:
        about.append((_("In words"), posting.note))
    return about


def _address(engineer_id: int) -> str:
    return reverse("network:engineer", args=[engineer_id])
