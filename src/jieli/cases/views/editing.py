"""Correcting the fields of a case: who saves second is shown the difference and loses nothing."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jieli.cases import policy
from jieli.cases.actions.progressing import change_case
from jieli.cases.forms.editing import EDITED, EditForm, device_text
from jieli.cases.forms.fields import language
from jieli.cases.models import Case
from jieli.cases.queries.case_page import found_case
from jieli.cases.queries.edits import last_edit, values_at
from jieli.cases.queries.own_fields import worded
from jieli.cases.refusals import ChangedMeanwhile
from jieli.cases.views.requests import DeskRequest, at_desk, done
from jieli.customers.models import Device
from jieli.events.refusals import require
from jieli.lib.text import mask_address


@never_cache
@at_desk
@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, number: str) -> HttpResponse:
    """Show the fields of a case; a POST saves what was changed, or shows whose change came first."""
    case = found_case(request.actor, number)
    require(policy.may_change(request.actor, case))
    posted = request.POST if request.method == "POST" and "refresh" not in request.POST else None
    form = EditForm(posted, case=case, actor=request.actor, initial=request.POST.dict())
    conflicts: list[dict[str, Any]] = []
    if posted is not None:
        try:
            saved = form.attempt(lambda clean: _save(request, case, form))
        except ChangedMeanwhile as refused:
            saved, conflicts = None, _conflicts(case, form, refused.theirs)
        if saved is not None:
            return done(request, reverse("cases:case", args=[case.number]), _("Saved."))
    who, at = last_edit(case.pk) if conflicts else ("", None)
    context = {
        "case": case,
        "form": form,
        "conflicts": conflicts,
        "who": who or _("Somebody else"),
        "at": at,
        "revision": case.revision if conflicts else None,
        "reload_url": request.path,
    }
    status = 409 if conflicts else 422 if posted is not None else 200
    return render(request, "cases/edit.html", context, status=status)


def _save(request: DeskRequest, case: Case, form: EditForm) -> Case:
    """Save what differs from the revision the person saw; "keep mine" saves over the present one."""
    revision = form.cleaned_data["revision"]
    changed = form.values(values_at(case, revision, EDITED))
    if request.POST.get("overwrite"):
        revision = case.revision
    return change_case(case.pk, values=changed, revision=revision, actor=request.actor)


def _conflicts(case: Case, form: EditForm, theirs: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name, value in theirs.items():
        if name == "custom":
            mine, words = form.custom_values(), language()
            rows += [
                {
                    "label": one.label.in_language(words),
                    "yours": worded(one, mine[one.name], words) or "–",
                    "theirs": worded(one, value[one.name], words) or "–",
                }
                for one in form.own
                if one.name in value and mine[one.name] != value[one.name]
            ]
        else:
            rows.append(
                {
                    "label": form.fields[name].label,
                    "yours": _shown(form, name, form.cleaned_data.get(name)),
                    "theirs": _shown(form, name, value),
                }
            )
    return rows


def _shown(form: EditForm, name: str, value: Any) -> str:
    if value in (None, "", []):
        return "–"
    if name == "address":
        return mask_address(str(value))
    if name == "device_id":
        device = Device.objects.filter(pk=value).first()
        return device_text(device) if device else "–"
    if name == "tags":
        return ", ".join(value)
    return str(dict(getattr(form.fields[name], "choices", ())).get(value, value))
