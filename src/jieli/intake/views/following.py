"""The customer's page of a case: read, write, send files, call off, reopen. No account: number and code open it."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.cases.actions.progressing import answer_read, cancel_case, reopen_case
from jieli.cases.queries.links import tracking_path, tracking_url
from jieli.cases.rules.numbers import WrongNumber, case_number, parse_case_number
from jieli.events.refusals import Refused
from jieli.files.queries import most_bytes
from jieli.intake.actions.lost_links import report_lost_link
from jieli.intake.actions.reporting import keep_files, write_by_link
from jieli.intake.forms import FollowForm, LostLinkForm, ReasonForm, WriteForm
from jieli.intake.links import CHECK_NUMBER, NOTHING_OPENS, LinkRequest, by_link, pages_of
from jieli.intake.queries.following import customer_of, followed, opened_by_code, promise_title
from jieli.intake.views.guarding import lost_links, note_wrong_code, quiet, refuse_guessers, take_turn, writings
from jieli.intake.views.reporting import MOST_FILES
from jieli.intake.views.telling import tell_later


@quiet
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for number and code, and lead to the case."""
    if request.method != "POST":
        return render(request, "intake/portal_follow.html", {"form": FollowForm(label_suffix="")})
    refuse_guessers(request)
    form = FollowForm(request.POST, label_suffix="")
    if form.is_valid():
        number, code = form.cleaned_data["number"], form.cleaned_data["code"]
        try:
            case = opened_by_code(number, code)
        except WrongNumber:
            form.add_error("number", str(CHECK_NUMBER))
        else:
            if case is not None:
                return redirect(tracking_path(case_number(parse_case_number(number)), code))
            note_wrong_code(request)
            form.add_error(None, str(NOTHING_OPENS))
    return render(request, "intake/portal_follow.html", {"form": form}, status=422)


@quiet
@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: HttpRequest) -> HttpResponse:
    """Take in that somebody lost the link; the answer is the same whether number and contact belong together or not."""
    if request.method != "POST":
        form = LostLinkForm(initial={"number": request.GET.get("number", "")[:30]}, label_suffix="")
        return render(request, "intake/portal_lost.html", {"form": form})
    take_turn(lost_links, request)
    form = LostLinkForm(request.POST, label_suffix="")
    if form.is_valid():
        try:
            report_lost_link(form.cleaned_data["number"], form.cleaned_data["contact"])
        except WrongNumber:
            form.add_error("number", str(CHECK_NUMBER))
        else:
            return redirect("intake:lost_noted")
    return render(request, "intake/portal_lost.html", {"form": form}, status=422)


@quiet
@require_safe
def lost_noted(request: HttpRequest) -> HttpResponse:
    """Say what happens next, to everybody the same."""
    return render(request, "intake/portal_lost_noted.html")


@by_link
@require_safe
def follow(request: LinkRequest) -> HttpResponse:
    """Show the case: who does what until when, the conversation, what happened."""
    return _page(request)


@by_link
@require_safe
def thanks(request: LinkRequest) -> HttpResponse:
    """Thank for the report: number, first time, who has it, the link to keep."""
    shown = followed(request.case, request.token)
    link = tracking_url(request.case.number, request.link.rsplit("/", 1)[-1], f"{request.scheme}://{request.get_host()}")
    context = {
        "page": shown,
        "case": request.case,
        "link": request.link,
        "whole_link": link,
        "code": request.link.rsplit("/", 1)[-1],
        "hero_title": promise_title(shown.hero.kind) if shown.hero else "",
    }
    return render(request, "intake/portal_thanks.html", context)


@by_link
@require_POST
def write(request: LinkRequest) -> HttpResponse:
    """Take a message and files in."""
    take_turn(writings, request)
    form = WriteForm(request.POST, request.FILES, label_suffix="")
    files = request.FILES.getlist("files")[:MOST_FILES]
    if not form.is_valid():
        return _page(request, write_form=form, status=422)
    actor = customer_of(request.case)
    try:
        message, is_new = write_by_link(
            request.case.pk,
            body=form.cleaned_data["body"],
            once=form.cleaned_data["once"],
            has_files=bool(files),
            actor=actor,
        )
    except Refused as refused:
        _add_refusal(form, refused)
        return _page(request, write_form=form, status=refused.status)
    if is_new:
        tell_later(request, keep_files(files, case_id=request.case.pk, message_id=message.pk, actor=actor))
        messages.success(request, _("Your message has arrived."))
    return redirect(f"{request.link}#m{message.pk}")


@by_link
@require_POST
def read(request: LinkRequest) -> HttpResponse:
    """Note that our answers were read; asked by the page when it is looked at, or by a button. Never by opening the link."""
    answer_read(request.case.pk, actor=customer_of(request.case))
    if request.headers.get("HX-Request"):
        return HttpResponse("")
    return redirect(request.link)


@by_link
@require_POST
def cancel(request: LinkRequest) -> HttpResponse:
    """Call the case off, with a reason."""
    form = ReasonForm(request.POST, auto_id="cancel_%s", label_suffix="")
    if form.is_valid():
        try:
            cancel_case(request.case.pk, reason=form.cleaned_data["reason"], actor=customer_of(request.case))
        except Refused as refused:
            _add_refusal(form, refused)
            return _page(request, cancel_form=form, status=refused.status)
        messages.success(request, _("The case was cancelled."))
        return redirect(request.link)
    return _page(request, cancel_form=form, status=422)


@by_link
@require_POST
def reopen(request: LinkRequest) -> HttpResponse:
    """Go on with a resolved or closed case, with a reason."""
    take_turn(writings, request)
    form = ReasonForm(request.POST, auto_id="reopen_%s", label_suffix="")
    if form.is_valid():
        try:
            reopen_case(request.case.pk, reason=form.cleaned_data["reason"], actor=customer_of(request.case))
        except Refused as refused:
            _add_refusal(form, refused)
            return _page(request, reopen_form=form, status=refused.status)
        messages.success(request, _("We go on. You see the new time above."))
        return redirect(request.link)
    return _page(request, reopen_form=form, status=422)


def _add_refusal(form: WriteForm | ReasonForm, refused: Refused) -> None:
    for name, text in refused.fields.items():
        form.add_error(name if name in form.fields else None, str(text))
    if not refused.fields:
        form.add_error(None, str(refused.message))


def _page(
    request: LinkRequest,
    *,
    write_form: WriteForm | None = None,
    cancel_form: ReasonForm | None = None,
    reopen_form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = followed(request.case, request.token)
    context = {
        "page": shown,
        "case": request.case,
        "link": request.link,
        "merged_from": request.merged_from,
        "hero_title": promise_title(shown.hero.kind) if shown.hero else "",
        "write_form": write_form or WriteForm(initial={"once": uuid.uuid4()}, label_suffix=""),
        "cancel_form": cancel_form or ReasonForm(auto_id="cancel_%s", label_suffix=""),
        "reopen_form": reopen_form or ReasonForm(auto_id="reopen_%s", label_suffix=""),
        "is_cancelling": cancel_form is not None,
        "limit_bytes": most_bytes(),
        "most_files": MOST_FILES,
        "linked": pages_of(request.case, request.link),
    }
    return render(request, "intake/portal_case.html", context, status=status)
