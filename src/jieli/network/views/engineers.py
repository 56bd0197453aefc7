"""Engineers: the list, the record, skills and shifts."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.refusals import NotFound
from jieli.lib import clock
from jieli.network import policy
from jieli.network.actions.engineers import change_engineer, make_engineer, remove_skill, set_skill
from jieli.network.forms import EngineerFilter, EngineerForm, ShiftsForm, SkillForm, field_values, staff_of, values_of
from jieli.network.models import Engineer, Skill
from jieli.network.queries.dispatchable import capacity_of, reasons_against_engineer
from jieli.network.queries.pages import engineer_page, history, ledger_lines, papers_of
from jieli.network.queries.shifts import working_windows
from jieli.network.queries.standing import engineer_standing
from jieli.network.rules.shifts import write_week
from jieli.network.views.requests import acted, engineer_or_404, form_page, listed, seen_at
from jieli.people.access import PersonRequest, signed_in
from jieli.people.queries import local_date
from jieli.policies.queries import current


@require_safe
@signed_in
def engineer_list(request: PersonRequest) -> HttpResponse:
    """Show the engineers that the person sees."""
    if not policy.may_see_network(request.actor):
        raise NotFound
    form = EngineerFilter(request.GET)
    filters: dict[str, str] = form.cleaned_data if form.is_valid() else {}
    page = listed(lambda after: engineer_page(request.actor, filters=filters, after=after), request.GET.get("after", ""))
    context = {
        "rows": page.rows,
        "next_cursor": page.next,
        "filter_form": form,
        "is_filtered": any(filters.values()),
        "today": local_date(clock.now()),
        "may_make": request.actor.has_role(*policy.KEEPERS),
        "may_see_providers": policy.may_see_providers(request.actor),
        "may_judge": request.actor.has_role(*policy.JUDGES),
    }
    return render(request, "network/engineers.html", context)


@require_safe
@signed_in
def my_record(request: PersonRequest) -> HttpResponse:
    """Lead an engineer to his own record."""
    if not Engineer.objects.filter(pk=request.user.pk).exists():
        raise NotFound
    return redirect("network:engineer", request.user.pk)


@require_safe
@signed_in
def engineer_record(request: PersonRequest, engineer_id: int) -> HttpResponse:
    """Show everything known of one engineer: standing, ledger, skills, shifts, papers."""
    engineer = engineer_or_404(request, engineer_id)
    actor, now = request.actor, clock.now()
    licence = current("licence").data
    context = {
        "engineer": engineer,
        "standing": engineer_standing(engineer),
        "licence": licence,
        "warning_percent": int(licence.warning.share * 100),
        "lines": ledger_lines(engineer, actor),
        "skills": engineer.skills.order_by("product_line"),
        "papers": papers_of(engineer=engineer),
        "shifts": write_week(engineer.shifts),
        "windows": working_windows(engineer, local_date(now)),
        "capacity": capacity_of(engineer, local_date(now)),
        "reasons": reasons_against_engineer(engineer, product_line="", service_type="", at=now),
        "today": local_date(now),
        "history": history("staff", engineer.pk),
        "is_own": actor.id == engineer.pk,
        "may_keep": policy.may_keep_engineer(actor, engineer),
        "may_set_shifts": policy.may_set_shifts(actor, engineer),
        "may_see_home": policy.may_see_home(actor, engineer),
        "may_post": policy.may_post_points(actor, engineer),
        "may_appeal": policy.may_appeal_posting(actor, engineer),
        "may_review": policy.may_review_licence(actor, engineer),
        "may_judge": actor.has_role(*policy.JUDGES),
    }
    return render(request, "network/engineer.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def new_engineer(request: PersonRequest) -> HttpResponse:
    """Make a member of staff an engineer."""

    def make(clean: dict[str, Any]) -> Engineer:
        values = {name: value for name, value in field_values(clean).items() if value not in (None, "", {})}
        return make_engineer(staff_of(clean, "person") or 0, values=values, actor=request.actor)

    initial = {"outlet": request.GET.get("outlet", ""), "licence_issued_on": local_date(clock.now())}
    return form_page(
        request,
        EngineerForm(request.POST or None, is_new=True, initial=initial),
        make,
        allowed=request.actor.has_role(*policy.KEEPERS),
        title=_("New engineer"),
        help_text=_("Without dates the licence is issued today and holds for the time that the policy gives."),
        done=lambda row: (_address(row.pk), _("%(name)s is an engineer now.") % {"name": row.staff.name}),
        back=reverse("network:engineers"),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def edit_engineer(request: PersonRequest, engineer_id: int) -> HttpResponse:
    """Change the data of an engineer."""
    engineer = engineer_or_404(request, engineer_id)
    return form_page(
        request,
        EngineerForm(request.POST or None, is_new=False, initial=values_of(engineer, EngineerForm)),
        lambda clean: change_engineer(engineer_id, values=field_values(clean), actor=request.actor, seen_at=seen_at(clean)),
        allowed=policy.may_keep_engineer(request.actor, engineer),
        title=_("Change %(name)s") % {"name": engineer.staff.name},
        done=lambda _row: (_address(engineer_id), _("Saved.")),
        back=_address(engineer_id),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def edit_shifts(request: PersonRequest, engineer_id: int) -> HttpResponse:
    """Plan the week of an engineer."""
    engineer = engineer_or_404(request, engineer_id)
    return form_page(
        request,
        ShiftsForm(request.POST or None, initial=values_of(engineer, ShiftsForm)),
        lambda clean: change_engineer(engineer_id, values=clean, actor=request.actor),
        allowed=policy.may_set_shifts(request.actor, engineer),
        title=_("Shifts of %(name)s") % {"name": engineer.staff.name},
        done=lambda _row: (_address(engineer_id), _("Saved.")),
        back=_address(engineer_id),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def new_skill(request: PersonRequest, engineer_id: int) -> HttpResponse:
    """Let an engineer work on a product line, or change how."""
    engineer = engineer_or_404(request, engineer_id)
    known = Skill.objects.filter(engineer=engineer, product_line=request.GET.get("line", "")).first()
    initial: dict[str, Any] = {"level": Skill.Level.BASIC}
    if known is not None:
        initial = {name: getattr(known, name) for name in ("product_line", "level", "service_types", "valid_until")}
    return form_page(
        request,
        SkillForm(request.POST or None, initial=initial),
        lambda clean: set_skill(engineer_id, actor=request.actor, **clean),
        allowed=policy.may_keep_engineer(request.actor, engineer),
        title=_("Skill of %(name)s") % {"name": engineer.staff.name},
        done=lambda _row: (_address(engineer_id), _("Saved.")),
        back=_address(engineer_id),
    )


@require_POST
@signed_in
def drop_skill(request: PersonRequest, skill_id: int) -> HttpResponse:
    """Let an engineer no longer work on a product line."""
    skill = Skill.objects.filter(pk=skill_id).first()
    if skill is None:
        raise NotFound
    engineer_or_404(request, skill.engineer_id)
    return acted(
        request,
        lambda: remove_skill(skill_id, actor=request.actor),
        _address(skill.engineer_id),
        _("The skill was removed."),
    )


def _address(engineer_id: int) -> str:
    return reverse("network:engineer", args=[engineer_id])
