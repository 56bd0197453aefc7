"""The pages of policies: read, draft, compare, try, start."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.actor import Actor
from jieli.events.refusals import Refused, require
from jieli.lib import clock
from jieli.policies import actions, queries
from jieli.policies import dry_run as trials
from jieli.policies import policy as rights
from jieli.policies.forms import DraftForm, DryRunForm, StartForm
from jieli.policies.models import PolicyVersion
from jieli.policies.reading import blocks, differences
from jieli.policies.schemas import Registered, registered
from jieli.policies.sources import Problem

PAGE = 50

View = Callable[..., HttpResponse]


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def for_readers(view: View) -> View:
    """Let those in who may read policies; others are asked to log in or refused."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(rights.may_see_policies(actor_of(request)))
        return view(request, *args, **kwargs)

    return login_required(guarded)


def for_setters(view: View) -> View:
    """Let those in who may draft policies."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(rights.may_draft_policy(actor_of(request)))
        return view(request, *args, **kwargs)

    return login_required(guarded)


def _known(name: str) -> Registered:
    try:
        return registered(name)
    except KeyError:
        raise Http404 from None


def _draft_or_404(version_id: int) -> PolicyVersion:
    found = PolicyVersion.objects.filter(pk=version_id).first()
    if found is None:
        raise Http404
    return found


def _started_or_404(name: str, number: int) -> PolicyVersion:
    found = PolicyVersion.objects.started().filter(name=name, number=number).first()
    if found is None:
        raise Http404
    return found


@require_safe
@for_readers
def policy_list(request: HttpRequest) -> HttpResponse:
    """Every policy with the version that holds, what is planned and what is being drafted."""
    shown = queries.all_policies(clock.now())
    may_set = rights.may_draft_policy(actor_of(request))
    return render(request, "policies/list.html", {"policies": shown, "may_set": may_set})


@require_safe
@for_readers
def policy(request: HttpRequest, name: str) -> HttpResponse:
    """One policy as it holds now, with its history and drafts."""
    known = _known(name)
    at = clock.now()
    holds = PolicyVersion.objects.started().filter(name=name, starts_at__lte=at).order_by("-starts_at", "-number").first()
    shown = holds or PolicyVersion.objects.started().filter(name=name).last()
    if shown is None:
        return _empty_page(request, known)
    return _version_page(request, known, shown, is_current=True)


@require_safe
@for_readers
def policy_version(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One numbered version."""
    return _version_page(request, _known(name), _started_or_404(name, number), is_current=False)


def _empty_page(request: HttpRequest, known: Registered) -> HttpResponse:
    drafts = list(PolicyVersion.objects.drafts().filter(name=known.name).defer("source", "body"))
    context = {
        "known": known,
        "drafts": drafts,
        "names": queries.names_of(row.created_by_id for row in drafts),
        "may_set": rights.may_draft_policy(actor_of(request)),
    }
    return render(request, "policies/empty.html", context)


def _version_page(request: HttpRequest, known: Registered, shown: PolicyVersion, *, is_current: bool) -> HttpResponse:
    versions = queries.versions(known.name)
    drafts = list(PolicyVersion.objects.drafts().filter(name=known.name).defer("source", "body"))
    at = clock.now()
    holding = next(iter(sorted((row for row in versions if row.holds_at(at)), key=_begun, reverse=True)), None)
    as_text = request.GET.get("as") == "text"
    here = request.path
    context = {
        "known": known,
        "shown": shown,
        "is_current": is_current,
        "holding": holding,
        "blocks": [] if as_text else blocks(queries.draft_data(shown), queries.calendar_names(get_language() or "")),
        "as_text": as_text,
        "sides": [
            {"label": _("Readable"), "url": here, "is_current": not as_text},
            {"label": _("Text (TOML)"), "url": f"{here}?as=text", "is_current": as_text},
        ],
        "history": [(row, previous, row.holds_at(at)) for row, previous in zip(versions, [*versions[1:], None], strict=True)],
        "drafts": drafts,
        "names": queries.names_of([row.started_by_id for row in versions] + [row.created_by_id for row in drafts]),
        "may_set": rights.may_draft_policy(actor_of(request)),
    }
    return render(request, "policies/version.html", context)


def _begun(row: PolicyVersion) -> tuple[Any, ...]:
    return (row.starts_at, row.number)


@require_safe
@for_readers
def compare(request: HttpRequest, name: str) -> HttpResponse:
    """Two numbered versions side by side: by values and by text."""
    known = _known(name)
    numbers = [request.GET.get(side, "") for side in ("old", "new")]
    if not all(number.isascii() and number.isdigit() and len(number) < 8 for number in numbers):
        raise Http404
    old, new = (_started_or_404(name, int(number)) for number in numbers)
    context = {
        "known": known,
        "old": old,
        "new": new,
        "versions": queries.versions(name),
        "differences": differences(queries.draft_data(old), queries.draft_data(new)),
    }
    return render(request, "policies/compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_setters
def new_draft(request: HttpRequest, name: str) -> HttpResponse:
    """Write a new version, beginning with the text of the latest or of a chosen one."""
    known = _known(name)
    if request.method == "POST":
        form = DraftForm(request.POST)
        if form.is_valid():
            try:
                made = actions.draft_version(
                    name, source=form.cleaned_data["source"], note=form.cleaned_data["note"], actor=actor_of(request)
                )
            except actions.InvalidPolicy as refused:
                return _editor(request, known, form, None, refused=refused, status=422)
            return redirect("policies:draft", version_id=made.pk)
        return _editor(request, known, form, None, status=422)
    number = request.GET.get("from", "")
    if number.isascii() and number.isdigit() and len(number) < 8:
        base = _started_or_404(name, int(number))
    else:
        latest = PolicyVersion.objects.started().filter(name=name).first()
        if latest is None:
            return _editor(request, known, DraftForm(), None)
        base = latest
    return _editor(request, known, DraftForm(initial={"source": base.source}), None, base=base)


@require_http_methods(["GET", "HEAD", "POST"])
@for_setters
def edit_draft(request: HttpRequest, version_id: int) -> HttpResponse:
    """Change a draft; nothing typed is lost when it is wrong or when somebody else saved before."""
    row = _draft_or_404(version_id)
    if row.started:
        return redirect("policies:version", name=row.name, number=row.number)
    known = _known(row.name)
    if request.method != "POST":
        form = DraftForm(initial={"source": row.source, "note": row.note, "revision": row.revision})
        return _editor(request, known, form, row)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _editor(request, known, form, row, status=422)
    try:
        actions.change_draft(
            version_id,
            source=form.cleaned_data["source"],
            note=form.cleaned_data["note"],
            revision=form.cleaned_data["revision"] or 0,
            actor=actor_of(request),
        )
    except actions.InvalidPolicy as refused:
        return _editor(request, known, form, row, refused=refused, status=422)
    except actions.DraftChangedMeanwhile as refused:
        return _editor(request, known, form, refused.draft, refused=refused, status=409)
    return redirect("policies:draft", version_id=version_id)


def _editor(
    request: HttpRequest,
    known: Registered,
    form: DraftForm,
    row: PolicyVersion | None,
    *,
    base: PolicyVersion | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    typed = str(form["source"].value() or "")
    theirs: PolicyVersion | None = None
    if isinstance(refused, actions.DraftChangedMeanwhile):
        # Saving again is then a decision made in sight of the other text.
        theirs = refused.draft
        form = DraftForm(initial={"source": typed, "note": form["note"].value(), "revision": theirs.revision})
    problems: tuple[Problem, ...] = refused.problems if isinstance(refused, actions.InvalidPolicy) else ()
    lines = typed.replace("\r\n", "\n").split("\n")
    context = {
        "known": known,
        "form": form,
        "draft": row,
        "base": base,
        "refused": refused,
        "theirs": theirs,
        "typed": typed,
        "problems": [
            (problem, lines[problem.line - 1] if problem.line and problem.line <= len(lines) else "") for problem in problems
        ],
    }
    return render(request, "policies/edit.html", context, status=status)


@require_safe
@for_setters
def draft(request: HttpRequest, version_id: int) -> HttpResponse:
    """A draft: what it changes, and the ways on: try, change, start, discard."""
    row = _draft_or_404(version_id)
    if row.started:
        return redirect("policies:version", name=row.name, number=row.number)
    return _draft_page(request, row, StartForm(initial={"revision": row.revision}))


def _draft_page(request: HttpRequest, row: PolicyVersion, form: StartForm, *, status: int = 200) -> HttpResponse:
    latest = PolicyVersion.objects.started().filter(name=row.name).first()
    data = queries.draft_data(row)
    context = {
        "known": _known(row.name),
        "draft": row,
        "latest": latest,
        "differences": differences(queries.draft_data(latest), data) if latest else [],
        "is_same": latest is not None and latest.source == row.source,
        "blocks": blocks(data, queries.calendar_names(get_language() or "")),
        "form": form,
        "can_try": trials.can_try(row.name),
        "trial_page": trials.page_of(row.name),
        "names": queries.names_of([row.created_by_id]),
    }
    return render(request, "policies/draft.html", context, status=status)


@require_POST
@for_setters
def start(request: HttpRequest, version_id: int) -> HttpResponse:
    """Start a draft, now or at the time given."""
    row = _draft_or_404(version_id)
    form = StartForm(request.POST)
    if form.is_valid():
        try:
            started = actions.start_version(
                version_id,
                at=form.cleaned_data["starts_at"],
                revision=form.cleaned_data["revision"],
                actor=actor_of(request),
            )
        except (
            actions.StartInThePast,
            actions.InvalidPolicy,
            actions.NothingChanged,
            actions.DraftChangedMeanwhile,
        ) as refused:
            form.add_error("starts_at" if isinstance(refused, actions.StartInThePast) else None, str(refused.message))
            if isinstance(refused, actions.DraftChangedMeanwhile):
                form = StartForm(initial={"revision": refused.draft.revision})
                messages.warning(request, str(refused.message))
            return _draft_page(request, _draft_or_404(version_id), form, status=refused.status)
        messages.success(request, _("%(version)s has been started.") % {"version": started.version})
        return redirect("policies:version", name=started.name, number=started.number)
    return _draft_page(request, row, form, status=422)


@require_POST
@for_setters
def discard(request: HttpRequest, version_id: int) -> HttpResponse:
    """Throw a draft away."""
    row = _draft_or_404(version_id)
    actions.discard_draft(version_id, actor=actor_of(request))
    messages.success(request, _("The draft has been discarded."))
    return redirect("policies:policy", name=row.name)


@require_safe
@for_setters
def dry_run(request: HttpRequest, version_id: int) -> HttpResponse:
    """Last month's promises under the draft: each with old and new due time, verdict and rule."""
    row = _draft_or_404(version_id)
    require(rights.may_try_policy(actor_of(request)))
    if not trials.can_try(row.name):
        raise Http404
    form = DryRunForm(request.GET)
    if not form.is_valid():
        return render(request, "policies/dry_run.html", {"known": _known(row.name), "draft": row, "form": form}, status=422)
    month, show = form.cleaned_data["month"], form.cleaned_data["show"]
    found = trials.trial(row, month)
    chosen = found.chosen(show)
    first = _place(request.GET.get("after") or request.GET.get("before") or "")
    context = {
        "known": _known(row.name),
        "draft": row,
        "form": DryRunForm(initial={"month": f"{month:%Y-%m}", "show": show}),
        "month": month,
        "show": show,
        "trial": found,
        "rows": chosen[first : first + PAGE],
        "total": _("%(count)s in all") % {"count": len(chosen)},
        "next": str(first + PAGE) if len(chosen) > first + PAGE else "",
        "previous": str(max(first - PAGE, 0)) if first else "",
        "back": reverse("policies:draft", kwargs={"version_id": row.pk}),
    }
    return render(request, "policies/dry_run.html", context)


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
