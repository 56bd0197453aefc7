"""A draft of a policy tried on a month: per outlet old, new, difference, and which rule makes it."""

from datetime import timedelta

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jieli.events.refusals import require
from jieli.lib import clock
from jieli.people.queries import local_date
from jieli.policies.models import PolicyVersion
from jieli.policies.policy import may_draft_policy
from jieli.policies.queries import draft_data
from jieli.policies.reading import differences
from jieli.policies.schemas import registered
from jieli.settlement.actions.reckoning import ask_trial
from jieli.settlement.forms import TrialFilter
from jieli.settlement.models import Reckoning, Run
from jieli.settlement.policy import may_try_month
from jieli.settlement.queries import pages
from jieli.settlement.queries.months import Month, month_from
from jieli.settlement.queries.pages import BadCursor, Source
from jieli.settlement.queries.previews import TRIED, latest_trial
from jieli.settlement.rules.wording import CAUSE_WORDS
from jieli.settlement.views.months import months_to_choose
from jieli.settlement.views.requests import MonthRequest, month_or_404, month_words, signed_in


def _draft_or_404(draft_id: int) -> PolicyVersion:
    draft = PolicyVersion.objects.filter(pk=draft_id, name__in=TRIED).first()
    if draft is None:
        raise Http404
    return draft


@signed_in
@require_safe
def first_trial(request: MonthRequest, draft_id: int) -> HttpResponseBase:
    """Lead to the trial on the latest decided month, else the one that ended last."""
    require(may_try_month(request.actor))
    draft = _draft_or_404(draft_id)
    asked = request.GET.get("month", "")
    run = Run.objects.order_by("-month").first()
    if asked:
        month = month_or_404(asked)
    elif run is not None:
        month = month_from(run.month)
    else:
        month = month_from((local_date(clock.now()).replace(day=1) - timedelta(days=1)).replace(day=1))
    return redirect("settlement:trial", month.label, draft.pk)


@never_cache
@signed_in
@require_safe
def trial(request: MonthRequest, month: str, draft_id: int) -> HttpResponseBase:
    """What a month would have been under a draft, outlet by outlet."""
    require(may_try_month(request.actor))
    draft, here = _draft_or_404(draft_id), month_or_404(month)
    row = latest_trial(draft, here)
    run = Run.objects.filter(month=here.first).first()
    context = {
        "draft": draft,
        "known": registered(draft.name),
        "month": here,
        "words": month_words(here),
        "run": run,
        "trial": row,
        "is_working": bool(row and row.is_unfinished),
        "is_stale": bool(row and not row.is_unfinished and row.draft_revision != draft.revision),
        "is_refused": bool(row and row.state == Reckoning.State.REFUSED),
        "is_possible": _is_possible(here, run),
        "may_draft": may_draft_policy(request.actor),
        "choices": months_to_choose(here),
        "differences": _differences(draft),
        "cause_words": CAUSE_WORDS,
    }
    if row is not None and row.state == Reckoning.State.DONE and (run is not None or row.base is not None):
        source = Source(run, None if run else row.base)
        form = TrialFilter(request.GET)
        show = (form.cleaned_data.get("show") if form.is_valid() else "") or "changed"
        sort = request.GET.get("sort", "") or "-size"
        try:
            page = pages.differences_page(source, row, show=show, sort=sort, cursor=request.GET.get("after", ""))
        except BadCursor:
            return redirect("settlement:trial", month, draft_id)
        old, new = pages.totals(source, None), pages.totals(Source(None, row), None)
        sums = pages.trial_sums(row)
        context |= {
            "filter_form": form,
            "rows": [
                {"old": one.old, "new": one.new, "causes": [CAUSE_WORDS[cause] for cause in one.new.causes]}
                for one in page.rows
            ],
            "next": page.next,
            "old": old,
            "new": new,
            "payout_difference_amount": new.payout_amount - old.payout_amount,
            "difference_amount": (new.payout_amount - new.debt_amount) - (old.payout_amount - old.debt_amount),
            "sums": sums,
            "causes": [(CAUSE_WORDS.get(cause, cause), number) for cause, number in sums.causes],
            "show": show,
        }
    return render(request, "settlement/trial.html", context)


def _is_possible(month: Month, run: Run | None) -> bool:
    if clock.now() < month.since:
        return False
    return run is not None or not Run.objects.filter(month__gt=month.first).exists()


def _differences(draft: PolicyVersion) -> list[object]:
    latest = PolicyVersion.objects.started().filter(name=draft.name).first()
    return list(differences(draft_data(latest), draft_data(draft))) if latest else []


@signed_in
@require_POST
def try_draft(request: MonthRequest, month: str, draft_id: int) -> HttpResponseBase:
    """Have a month calculated under a draft."""
    ask_trial(draft_id, month=month_or_404(month), actor=request.actor)
    return redirect("settlement:trial", month, draft_id)
