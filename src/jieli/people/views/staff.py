"""Staff: the list, the person's page, and what is changed there."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.refusals import NotFound, Refused, require
from jieli.lib import clock
from jieli.people import actions, policy, queries
from jieli.people.access import PersonRequest, signed_in
from jieli.people.forms import (
    AbsenceForm,
    DeputyForm,
    HireForm,
    PasswordForm,
    RoleForm,
    StaffFilterForm,
    StaffForm,
    TokenForm,
)
from jieli.people.models import Absence, Deputy, DutyShift, Staff, Unit
from jieli.people.views.sessions import my_page


@require_safe
@signed_in
def staff_list(request: PersonRequest) -> HttpResponse:
    """Show the staff, with filters."""
    form = StaffFilterForm(request.GET or None)
    chosen = form.cleaned_data if form.is_bound and form.is_valid() else {}
    unit = Unit.objects.filter(pk=chosen["unit"]).first() if chosen.get("unit") else None
    values: dict[str, Any] = {
        "at": clock.now(),
        "text": chosen.get("q", ""),
        "unit": unit,
        "role": chosen.get("role", ""),
        "include_inactive": chosen.get("left", False),
    }
    try:
        rows, next_cursor = queries.staff_page(**values, after=request.GET.get("after", ""))
    except ValueError:
        rows, next_cursor = queries.staff_page(**values)
    context = {
        "form": form,
        "rows": rows,
        "next_cursor": next_cursor,
        "may_hire": policy.may_manage_staff_somewhere(request.actor),
    }
    return render(
        request, "people/_staff_rows.html" if request.headers.get("HX-Target") == "rows" else "people/staff.html", context
    )


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@signed_in
def hire(request: PersonRequest) -> HttpResponse:
    """Hire a person."""
    require(policy.may_manage_staff_somewhere(request.actor))
    initial = {"unit": request.GET.get("unit", ""), "language": "zh-hans"}
    form = HireForm(request.POST or None, initial=initial)
    if request.method == "POST":
        done = form.attempt(
            lambda values: actions.hire(
                code=values["code"],
                name=values["name"],
                unit_id=values["unit"],
                roles=values["roles"],
                password=values["password"] or None,
                email=values["email"],
                phone=values["phone"],
                language=values["language"],
                hired_on=values["hired_on"],
                product_lines=values["product_lines"],
                languages=values["languages"],
                areas=values["areas"],
                actor=request.actor,
            )
        )
        if done is not None:
            messages.success(request, _("%(name)s was added.") % {"name": done.name})
            return redirect("people:person", done.pk)
    return render(request, "people/hire.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _person(staff_id: int) -> Staff:
    staff = Staff.objects.select_related("unit").filter(pk=staff_id).first()
    if staff is None:
        raise NotFound
    return staff


@require_safe
@signed_in
def person(request: PersonRequest, staff_id: int) -> HttpResponse:
    """Show a person's page."""
    return person_page(request, staff_id)


def person_page(request: PersonRequest, staff_id: int, status: int = 200, **bound: Any) -> HttpResponse:
    """Show a person's page, with the form that was refused."""
    staff, actor, now = _person(staff_id), request.actor, clock.now()
    may_manage = policy.may_manage_staff(actor, staff.unit)
    may_see_tokens = policy.may_see_tokens(actor, staff)
    context = {
        "person": staff,
        "stand_in": queries.present(staff.pk, now),
        "superior": queries.superior_of(staff),
        "grants": [
            {"row": grant, "may_revoke": policy.may_grant(actor, grant.role, grant.unit)}
            for grant in staff.grants.select_related("unit").order_by("unit__path", "role")
        ],
        "shifts": DutyShift.objects.filter(staff=staff, ends_at__gt=now).select_related("unit").order_by("starts_at")[:20],
        "absences": staff.absences.not_over(now).order_by("starts_at"),
        "deputies": staff.deputies.select_related("deputy").order_by("order", "pk"),
        "stands_in_for": staff.deputy_for.select_related("staff").order_by("staff__name"),
        "tokens": queries.tokens_of(staff) if may_see_tokens else [],
        "history": queries.history("staff", staff.pk) if may_manage else [],
        "may_see_contact": policy.may_see_contact(actor, staff),
        "may_manage": may_manage,
        "may_declare": policy.may_declare_absence(actor, staff),
        "may_set_password": policy.may_set_password(actor, staff),
        "may_see_tokens": may_see_tokens,
        "may_issue": policy.may_issue_token(actor, staff),
        "role_form": RoleForm(initial={"unit": staff.unit_id}),
        "absence_form": AbsenceForm(),
        "deputy_form": DeputyForm(initial={"starts_on": queries.local_date(now)}),
        "token_form": TokenForm(initial={"unit": staff.unit_id}),
        "password_form": PasswordForm(),
        "people": queries.people_to_choose(staff.unit),
        **bound,
    }
    return render(request, "people/person.html", context, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def change(request: PersonRequest, staff_id: int) -> HttpResponse:
    """Change a person's record."""
    staff = _person(staff_id)
    require(policy.may_manage_staff(request.actor, staff.unit))
    shown = ("name", "email", "phone", "language", "hired_on", "product_lines", "languages", "areas")
    initial = {name: getattr(staff, name) for name in shown}
    form = StaffForm(request.POST or None, initial={**initial, "unit": staff.unit_id})
    if request.method == "POST":
        done = form.attempt(
            lambda values: actions.change_staff(
                staff_id,
                name=values["name"],
                unit_id=values["unit"],
                email=values["email"],
                phone=values["phone"],
                language=values["language"],
                hired_on=values["hired_on"],
                product_lines=values["product_lines"],
                languages=values["languages"],
                areas=values["areas"],
                actor=request.actor,
            )
        )
        if done is not None:
            return redirect("people:person", staff_id)
    context = {"form": form, "person": staff}
    return render(request, "people/change_staff.html", context, status=422 if request.method == "POST" else 200)


def _done(request: PersonRequest, staff_id: int, part: str) -> HttpResponse:
    """Return to where the change was made: one's own page or the person's."""
    if request.POST.get("from") == "me":
        return redirect(reverse("people:me") + part)
    return redirect(reverse("people:person", args=[staff_id]) + part)


def _refused(request: PersonRequest, staff_id: int, **bound: Any) -> HttpResponse:
    from_me = request.POST.get("from") == "me" and request.user.pk == staff_id
    if from_me:
        return my_page(request, 422, **bound)
    return person_page(request, staff_id, 422, **bound)


def _act(request: PersonRequest, act: Callable[[], Any], *, staff_id: int, part: str = "") -> HttpResponse:
    """Do an act that has no form of its own; a refusal is told in a message."""
    try:
        act()
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        messages.error(request, str(refused))
    return _done(request, staff_id, part)


@require_POST
@signed_in
def grant(request: PersonRequest, staff_id: int) -> HttpResponse:
    """Give a person a role."""
    form = RoleForm(request.POST)
    done = form.attempt(
        lambda values: actions.grant_role(staff_id, role=values["role"], unit_id=values["unit"], actor=request.actor)
    )
    return _refused(request, staff_id, role_form=form) if done is None else _done(request, staff_id, "#roles")


@require_POST
@signed_in
def revoke(request: PersonRequest, staff_id: int, grant_id: int) -> HttpResponse:
    """Take a role away."""
    return _act(request, lambda: actions.revoke_role(grant_id, actor=request.actor), staff_id=staff_id, part="#roles")


@require_POST
@signed_in
def declare_absence(request: PersonRequest, staff_id: int) -> HttpResponse:
    """Declare an absence."""
    form = AbsenceForm(request.POST)
    done = form.attempt(
        lambda values: actions.declare_absence(
            staff_id,
            starts_at=values["starts_at"],
            ends_at=values["ends_at"],
            reason=values["reason"],
            actor=request.actor,
        )
    )
    return _refused(request, staff_id, absence_form=form) if done is None else _done(request, staff_id, "#absences")


@require_POST
@signed_in
def end_absence(request: PersonRequest, absence_id: int) -> HttpResponse:
    """End an absence, or call it off."""
    absence = Absence.objects.filter(pk=absence_id).first()
    if absence is None:
        raise NotFound
    return _act(
        request,
        lambda: actions.end_absence(absence_id, actor=request.actor),
        staff_id=absence.staff_id,
        part="#absences",
    )


@require_POST
@signed_in
def name_deputy(request: PersonRequest, staff_id: int) -> HttpResponse:
    """Name a deputy."""
    form = DeputyForm(request.POST)
    done = form.attempt(
        lambda values: actions.name_deputy(
            staff_id,
            deputy_id=values["deputy"].pk,
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            order=values["order"],
            actor=request.actor,
        )
    )
    return _refused(request, staff_id, deputy_form=form) if done is None else _done(request, staff_id, "#deputies")


@require_POST
@signed_in
def remove_deputy(request: PersonRequest, deputy_id: int) -> HttpResponse:
    """Take the naming of a deputy back."""
    row = Deputy.objects.filter(pk=deputy_id).first()
    if row is None:
        raise NotFound
    return _act(request, lambda: actions.remove_deputy(deputy_id, actor=request.actor), staff_id=row.staff_id, part="#deputies")


@sensitive_post_parameters()
@require_POST
@signed_in
def set_password(request: PersonRequest, staff_id: int) -> HttpResponse:
    """Set a person's password."""
    form = PasswordForm(request.POST)
    done = form.attempt(lambda values: actions.set_password(staff_id, password=values["password"], actor=request.actor))
    if done is None:
        return _refused(request, staff_id, password_form=form)
    messages.success(request, _("The password was set; all sessions of this person have ended."))
    return _done(request, staff_id, "")


@require_POST
@signed_in
def deactivate(request: PersonRequest, staff_id: int) -> HttpResponse:
    """Close a person's account."""
    return _act(request, lambda: actions.deactivate_staff(staff_id, actor=request.actor), staff_id=staff_id)


@require_POST
@signed_in
def reactivate(request: PersonRequest, staff_id: int) -> HttpResponse:
    """Open a person's account again."""
    return _act(request, lambda: actions.reactivate_staff(staff_id, actor=request.actor), staff_id=staff_id)
