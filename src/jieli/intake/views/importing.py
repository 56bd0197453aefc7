"""The pages of imports: bring a file, see what a check says, start it, watch it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.actor import Actor
from jieli.events.refusals import Refused, require
from jieli.intake.actions.uploads import keep_upload, start_upload
from jieli.intake.import_forms import ImportForm
from jieli.intake.models import Upload
from jieli.intake.policy import may_import_files
from jieli.people.models import Staff

SHOWN = 20
SHOWN_BAD = 200


def for_importers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let those in who may import files; others are asked to log in or refused."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(may_import_files(_actor(request)))
        return view(request, *args, **kwargs)

    return login_required(guarded)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@require_http_methods(["GET", "POST"])
@for_importers
def imports(request: HttpRequest) -> HttpResponse:
    """Show the latest imports, and take a file to be checked."""
    form = ImportForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                upload = keep_upload(
                    file.chunks(),
                    file_name=file.name,
                    kind=form.cleaned_data["kind"],
                    mapping=form.cleaned_data["mapping_file"],
                    actor=_actor(request),
                )
            except Refused as refused:
                for name, reason in (refused.fields or {"mapping_file": refused.message}).items():
                    form.add_error("mapping_file" if name == "mapping" else name, str(reason))
            else:
                return redirect("intake:upload", upload.pk)
        status = 422
    uploads = list(Upload.objects.order_by("-pk").defer("mapping", "report")[:SHOWN])
    names = dict(Staff.objects.filter(pk__in=[one.by_id for one in uploads]).values_list("pk", "name"))
    rows = [(one, names.get(one.by_id, "")) for one in uploads]
    return render(request, "intake/imports.html", {"form": form, "rows": rows}, status=status)


@require_safe
@for_importers
def upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Show one file: what the check says, or how far the import is, or what came of it. It renews itself while a job has it."""
    found = get_object_or_404(Upload, pk=upload_id)
    report = found.report
    context = {
        "upload": found,
        "report": report,
        "bad": report.get("bad", [])[:SHOWN_BAD],
        "bad_left": max(0, len(report.get("bad", [])) - SHOWN_BAD),
        "share": round(100 * found.done / found.total) if found.total else 0,
    }
    return render(request, "intake/upload.html", context)


@require_POST
@for_importers
def start(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Bring a checked file in."""
    return redirect("intake:upload", start_upload(upload_id, actor=_actor(request)).pk)
