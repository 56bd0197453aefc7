"""Lists of cases: views by name, filters, kept lists, and acts on many at once."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.cases.actions.keeping import forget_view, keep_view
from jieli.cases.actions.owning import take_case
from jieli.cases.actions.passing import assign_case
from jieli.cases.actions.progressing import change_case
from jieli.cases.forms.lists import COLUMNS, BulkForm, ListFilter, SaveViewForm
from jieli.cases.models import Case
from jieli.cases.policy import CASE_ROLES, may_assign, may_change, may_take
from jieli.cases.queries.lists import PAGE, BadCursor, CasePage, ListQuery, case_list, view_count
from jieli.cases.queries.views import saved_views
from jieli.cases.views.requests import DeskRequest, at_desk, done, in_drawer
from jieli.events.actor import Actor
from jieli.events.refusals import Refused
from jieli.people.queries import people_to_choose

# name of the URL, view, title, what would be here and how it gets here
LISTS: dict[str, tuple[str, Any, Any]] = {
    "mine": (
        "mine",
        gettext_lazy("My cases"),
        gettext_lazy("Cases which you took, or accepted from somebody, stand here, the next promised time first."),
    ),
    "queue": (
        "queue",
        gettext_lazy("Unit queue"),
        gettext_lazy("New cases of your unit wait here with the duty officer until somebody takes them."),
    ),
    "risk": (
        "at_risk",
        gettext_lazy("At risk"),
        gettext_lazy("Cases of yours and your unit whose next promised time is less than an hour away, or has passed."),
    ),
    "passed": (
        "passed",
        gettext_lazy("Passed to me"),
        gettext_lazy("When a colleague offers you a case, it stands here until you accept or decline it."),
    ),
    "waiting": (
        "waiting",
        gettext_lazy("Waiting"),
        gettext_lazy("Cases of yours that wait, with the customer's consent, until an agreed time. They wake by themselves."),
    ),
    "stewarded": (
        "stewarded",
        gettext_lazy("First contact with me"),
        gettext_lazy("Cases whose customer reached you first: you stay answerable until the result is told."),
    ),
    "mentioned": (
        "mentioned",
        gettext_lazy("I am mentioned"),
        gettext_lazy("Cases in whose notes a colleague named you with @."),
    ),
    "unit": ("unit", gettext_lazy("My unit"), gettext_lazy("All open cases of your unit and those below.")),
    "complaints": ("complaints", gettext_lazy("Complaints"), gettext_lazy("Open complaints which you may see.")),
    "all": ("all", gettext_lazy("All cases"), gettext_lazy("All open cases which you may see.")),
}
_SORTS = {"due": "due", "-due": "-due", "number": "oldest", "-number": "newest"}


@at_desk
@require_safe
def home(request: DeskRequest) -> HttpResponse:
    """Lead to the work of the day: one's own cases, or for those without cases one's own page."""
    return redirect("cases:mine" if request.actor.has_role(*CASE_ROLES) else "people:me")


@never_cache
@at_desk
@require_safe
def case_rows(request: DeskRequest, view: str) -> HttpResponse:
    """Show one list; the same address answers the polling with 304 while nothing changed."""
    name, title, hint = LISTS[view]
    form = ListFilter(request.GET)
    query = _query(view, form, request.GET)
    try:
        page = case_list(query, request.actor)
    except BadCursor:
        return redirect(request.path)
    columns = [one for one in str(form.data.get("columns", "")).split(",") if one in COLUMNS]
    tag = _tag(page, columns)
    if request.headers.get("HX-Request") and request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    context = {
        "title": title,
        "hint": hint,
        "view": view,
        "rows": page.rows,
        "next_cursor": page.next,
        "filter_form": form,
        "filter_values": tuple(request.GET.get(one, "") for one in (*form.fields, "sort")),
        "columns": columns,
        "is_narrowed": any(request.GET.get(one) for one in form.fields),
        "bulk_acts": _bulk_acts,
        "here": request.get_full_path(),
        "list_path": reverse(f"cases:{name}"),
    }
    response = render(request, "cases/list.html", context)
    response["ETag"] = tag
    return response


def _query(view: str, form: ListFilter, data: QueryDict) -> ListQuery:
    clean = form.cleaned_data if form.is_valid() else {}
    return ListQuery(
        view=view,
        statuses=[clean["status"]] if clean.get("status") else (),
        kinds=[clean["kind"]] if clean.get("kind") else (),
        stages=[clean["stage"]] if clean.get("stage") else (),
        severities=[clean["severity"]] if clean.get("severity") else (),
        tag=clean.get("tag") or "",
        owner_code=clean.get("owner") or "",
        unit_code=clean.get("unit") or "",
        sort=_SORTS.get(data.get("sort", ""), "due"),
        cursor=data.get("after", ""),
        limit=PAGE,
    )


def _tag(page: CasePage, columns: list[str]) -> str:
    """Return what changes exactly when a row would look different."""
    seen = [
        (
            row.case.pk,
            row.case.revision,
            row.case.owner_id,
            row.case.status,
            row.case.stage,
            str(row.case.next_due_at),
            row.promise and (row.promise.pk, str(row.promise.paused_until), str(row.promise.breached_at)),
            row.offer and row.offer.pk,
        )
        for row in page.rows
    ]
    return f'"{sha256(json.dumps([seen, columns, page.next, get_language()]).encode()).hexdigest()[:24]}"'


@never_cache
@at_desk
@require_safe
def count(request: DeskRequest, view: str) -> HttpResponse:
    """Answer how many cases a list holds, for the navigation."""
    number, _more = view_count(view, request.actor)
    return render(request, "ui/_count.html", {"number": number})


# --- kept lists


@at_desk
@require_http_methods(["GET", "POST"])
def views(request: DeskRequest) -> HttpResponse:
    """Show the lists by name and those people keep; a POST keeps the list one came from."""
    form = SaveViewForm(
        request.POST or None, actor=request.actor, initial={"query": request.GET.get("from", reverse("cases:mine"))}
    )
    if request.method == "POST":
        kept = form.attempt(lambda clean: keep_view(**clean, actor=request.actor))
        if kept is not None:
            return done(request, kept.query, _("“%(name)s” is kept.") % {"name": kept.name})
    context = {
        "lists": [(reverse(f"cases:{name}"), title, hint) for name, title, hint in LISTS.values()],
        "kept": saved_views(request.user),
        "form": form,
        "columns": [(code, label) for code, label in COLUMNS.items()],
        "origin": form["query"].value(),
        "chosen": QueryDict(str(form["query"].value()).partition("?")[2]).get("columns", "").split(","),
    }
    template = "cases/_views.html" if in_drawer(request) else "cases/views.html"
    return render(request, template, context, status=422 if request.method == "POST" else 200)


@at_desk
@require_POST
def drop_view(request: DeskRequest, view_id: int) -> HttpResponse:
    """Remove a kept list."""
    forget_view(view_id, actor=request.actor)
    return done(request, reverse("cases:views"), _("The list was removed."))


@at_desk
@require_safe
def columns(request: DeskRequest) -> HttpResponse:
    """Go back to a list with other columns, the rest of its address unchanged."""
    path, _sign, text = request.GET.get("from", "").partition("?")
    if not path.startswith("/cases/") or "//" in path:
        path = reverse("cases:mine")
    query = QueryDict(text, mutable=True)
    chosen = [one for one in request.GET.getlist("column") if one in COLUMNS]
    query.pop("columns", None)
    if chosen:
        query["columns"] = ",".join(chosen)
    return redirect(f"{path}?{query.urlencode()}" if query else path)


# --- many at once

BULK: dict[str, tuple[Any, str, Callable[[Actor, Case], bool]]] = {
    "take": (gettext_lazy("Take"), "hand-grab", lambda actor, case: case.is_on_duty and may_take(actor, case)),
    "assign": (gettext_lazy("Assign"), "user-share", may_assign),
    "tag": (gettext_lazy("Tag"), "tag", may_change),
    "severity": (gettext_lazy("Severity"), "flame", may_change),
}
_MOST = 200


def _bulk_acts() -> list[dict[str, Any]]:
    return [
        {"value": act, "label": label, "icon": icon, "preview_url": reverse("cases:bulk", args=[act])}
        for act, (label, icon, _may) in BULK.items()
    ]


@at_desk
@require_POST
def bulk(request: DeskRequest, act: str) -> HttpResponse:
    """Show what an act on many cases would do; with `confirmed` do it, one change and event per case."""
    label, _icon, may = BULK[act]
    ids = [int(one) for one in request.POST.getlist("ids") if one.isascii() and one.isdigit()][:_MOST]
    back = request.POST.get("back") or request.headers.get("referer", "")
    cases = list(Case.objects.visible_to(request.actor).select_related("owner", "unit", "customer").filter(pk__in=ids))
    rows = [(case, case.is_open and may(request.actor, case)) for case in cases]
    confirmed = "confirmed" in request.POST
    form = BulkForm(request.POST if confirmed else None, act=act, actor=request.actor)
    if confirmed and form.is_valid():
        count, refused = _apply(act, [case for case, possible in rows if possible], form.cleaned_data, request.actor)
        text = _("%(label)s: %(count)s cases.") % {"label": label, "count": count}
        if refused:
            text += " " + _("Not done: %(refused)s") % {"refused": "; ".join(refused[:5])}
        return done(request, _own_path(back), text)
    context = {
        "label": label,
        "act": act,
        "rows": rows,
        "possible": sum(possible for _case, possible in rows),
        "form": form,
        "back": back,
        "people": people_to_choose(request.user.unit) if act == "assign" else (),
        "in_drawer": in_drawer(request),
    }
    template = "cases/_bulk.html" if in_drawer(request) else "cases/bulk.html"
    return render(request, template, context, status=422 if confirmed else 200)


def _own_path(url: str) -> str:
    """Return the path of one of our lists out of a referer."""
    path = url[url.index("/cases/") :] if "/cases/" in url else ""
    return path if path and "//" not in path else reverse("cases:mine")


def _apply(act: str, cases: list[Case], clean: dict[str, Any], actor: Actor) -> tuple[int, list[str]]:
    count, refused = 0, []
    for case in cases:
        try:
            _apply_one(act, case, clean, actor)
            count += 1
        except Refused as error:
            refused.append(f"{case.number}: {error}")
    return count, refused


def _apply_one(act: str, case: Case, clean: dict[str, Any], actor: Actor) -> None:
    if act == "take":
        take_case(case.pk, actor=actor)
    elif act == "assign":
        assign_case(case.pk, to=[clean["to"]], actor=actor)
    elif act == "tag":
        change_case(case.pk, values={"tags": [*case.tags, clean["tag"].strip()]}, revision=case.revision, actor=actor)
    else:
        change_case(case.pk, values={"severity": clean["severity"]}, revision=case.revision, actor=actor)
