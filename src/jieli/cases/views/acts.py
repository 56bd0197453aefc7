"""The acts on a case, each a page of its own that also opens in the drawer: one form, one action."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jieli.cases import policy
from jieli.cases.actions import owning, passing, progressing, promises, relating
from jieli.cases.actions.conversing import ForbiddenPhrase
from jieli.cases.forms.acts import ActForm, NothingForm, ReasonForm
from jieli.cases.forms.fields import PersonField
from jieli.cases.forms.life import ResolveForm, StageForm
from jieli.cases.forms.passes import AcceptForm, AssignForm, DecideForm, PassForm, QuestionForm
from jieli.cases.forms.promises import HowForm, PauseForm, PromiseForm
from jieli.cases.forms.relations import MergeForm, RelateForm, SplitForm
from jieli.cases.models import Case, Pass
from jieli.cases.queries.case_page import found_case, offer_of, promise_of
from jieli.cases.queries.reading import promises_of
from jieli.cases.queries.stories import Story, leading, stories
from jieli.cases.rules.numbers import case_number
from jieli.cases.views.requests import DeskRequest, at_desk, done, in_drawer
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.people.queries import people_to_choose, superior_of

Values = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """One act: its words, its form, who may, and the action it calls. `said` is what the page says afterwards."""

    title: Any
    button: Any
    form: type[ActForm]
    may: Callable[[Actor, Case], bool] = lambda _actor, _case: True
    run: Callable[[Case, Values, Actor], object] = lambda _case, _clean, _actor: None
    said: Any = ""
    help: Any = ""
    is_danger: bool = False


_ACTS: dict[str, Act] = {
    "take": Act(
        gettext_lazy("Take the case"),
        gettext_lazy("Take"),
        NothingForm,
        policy.may_take,
        lambda case, _clean, actor: owning.take_case(case.pk, actor=actor),
        gettext_lazy("You have it now."),
        gettext_lazy("You become its owner, and the customer's promises are yours."),
    ),
    "pass": Act(
        gettext_lazy("Pass on"),
        gettext_lazy("Offer"),
        PassForm,
        policy.may_offer_pass,
        lambda case, clean, actor: passing.offer_pass(
            case.pk, to=clean["to"], done=clean["done"], next=clean["next"], proposal=clean["proposal"], actor=actor
        ),
        gettext_lazy("Offered. You have it until it is accepted."),
        gettext_lazy("You keep the case until the other accepts it in own words."),
    ),
    "assign": Act(
        gettext_lazy("Assign"),
        gettext_lazy("Assign"),
        AssignForm,
        policy.may_assign,
        lambda case, clean, actor: passing.assign_case(case.pk, to=[clean["to"]], note=clean["note"], actor=actor),
        gettext_lazy("Assigned. The present owner has it until it is accepted."),
        gettext_lazy("The present owner keeps the case until the other accepts."),
    ),
    "take-over": Act(
        gettext_lazy("Take over"),
        gettext_lazy("Take over"),
        ReasonForm,
        policy.may_take_over,
        lambda case, clean, actor: owning.take_over_case(case.pk, reason=clean["reason"], actor=actor),
        gettext_lazy("You have taken it over."),
        gettext_lazy("You become the owner at once; the former owner is told, with your reason."),
        True,
    ),
    "deputy": Act(
        gettext_lazy("Move to the deputy"),
        gettext_lazy("Hand over"),
        NothingForm,
        lambda actor, case: policy.may_assign(actor, case) or actor.id == case.owner_id,
        lambda case, _clean, actor: owning.move_to_deputy(case.pk, actor=actor),
        gettext_lazy("The deputy has it now; both are told."),
        gettext_lazy("When the owner is away, the deputy who is present becomes the owner, else the duty officer."),
    ),
    "ask-escort": Act(
        gettext_lazy("Ask the escort"),
        gettext_lazy("Ask"),
        QuestionForm,
        policy.may_handle,
        lambda case, clean, actor: passing.ask_escort(case.pk, question=clean["question"], actor=actor),
        gettext_lazy("Asked. The escort has promised an answer."),
        gettext_lazy("Who passed the case to you must answer within the time for an answer to a pass."),
    ),
    "promise": Act(
        gettext_lazy("Promise a time"),
        gettext_lazy("Promise"),
        PromiseForm,
        policy.may_promise,
        lambda case, clean, actor: promises.give_promise(case.pk, **clean, told_how="phone", actor=actor),
        gettext_lazy("Promised."),
    ),
    "pause": Act(
        gettext_lazy("Let the clock stand"),
        gettext_lazy("Pause"),
        PauseForm,
        policy.may_pause,
        lambda case, clean, actor: promises.pause_case(case.pk, **clean, actor=actor),
        gettext_lazy("The clock stands; the case wakes by itself."),
        gettext_lazy("Only for the listed reasons and with the customer's consent."),
    ),
    "resume": Act(
        gettext_lazy("Go on"),
        gettext_lazy("Go on"),
        NothingForm,
        policy.may_pause,
        lambda case, _clean, actor: promises.resume_case(case.pk, actor=actor),
        gettext_lazy("The clock runs again."),
    ),
    "resolve": Act(
        gettext_lazy("Tell the result"),
        gettext_lazy("Resolve"),
        ResolveForm,
        policy.may_resolve,
        lambda case, clean, actor: progressing.resolve_case(case.pk, **clean, actor=actor),
        gettext_lazy("Resolved: the customer has been told."),
        gettext_lazy("The customer reads this. The call-back, or the automatic close, begins."),
    ),
    "close": Act(
        gettext_lazy("Close the case"),
        gettext_lazy("Close"),
        NothingForm,
        policy.may_close,
        lambda case, _clean, actor: progressing.close_case(case.pk, actor=actor),
        gettext_lazy("Closed."),
        gettext_lazy("Nothing runs on, and the evidence is sealed."),
    ),
    "cancel": Act(
        gettext_lazy("Cancel the case"),
        gettext_lazy("Cancel the case"),
        ReasonForm,
        policy.may_cancel,
        lambda case, clean, actor: progressing.cancel_case(case.pk, reason=clean["reason"], actor=actor),
        gettext_lazy("Cancelled."),
        gettext_lazy("The need fell away. The reason stands in the customer's timeline."),
        True,
    ),
    "reopen": Act(
        gettext_lazy("Reopen"),
        gettext_lazy("Reopen"),
        ReasonForm,
        policy.may_reopen,
        lambda case, clean, actor: progressing.reopen_case(case.pk, reason=clean["reason"], actor=actor),
        gettext_lazy("Reopened, with a new promised time."),
    ),
    "stage": Act(
        gettext_lazy("Change the stage"),
        gettext_lazy("Move on"),
        StageForm,
        policy.may_change,
        lambda case, clean, actor: progressing.move_to_stage(case.pk, stage=clean["stage"], actor=actor),
        gettext_lazy("Moved on."),
        gettext_lazy("The promises of the stage begin."),
    ),
    "relate": Act(
        gettext_lazy("Tie to another case"),
        gettext_lazy("Tie"),
        RelateForm,
        policy.may_relate,
        lambda case, clean, actor: relating.relate_cases(case.pk, other_id=clean["to"], kind=clean["kind"], actor=actor),
        gettext_lazy("Tied."),
    ),
    "merge": Act(
        gettext_lazy("Merge into another case"),
        gettext_lazy("Merge"),
        MergeForm,
        policy.may_relate,
        lambda case, clean, actor: relating.merge_cases(case.pk, into_id=clean["to"], actor=actor),
        gettext_lazy("Merged. It can be undone under “Relations”."),
    ),
    "split": Act(
        gettext_lazy("Split into a new case"),
        gettext_lazy("Split"),
        SplitForm,
        policy.may_relate,
        lambda case, clean, actor: relating.split_case(case.pk, **clean, actor=actor),
        gettext_lazy("Split."),
        gettext_lazy("The chosen messages are copied; the new case begins with its own promises."),
    ),
}
ACTS = tuple(_ACTS)


@never_cache
@at_desk
@require_http_methods(["GET", "POST"])
def act(request: DeskRequest, number: str, name: str) -> HttpResponse:
    """Show the form of an act; a POST does it and goes back to the case."""
    chosen = _ACTS[name]
    case = found_case(request.actor, number)
    require(chosen.may(request.actor, case))
    form = chosen.form(request.POST if request.method == "POST" else None, case=case, actor=request.actor)
    if request.method == "POST":
        try:
            made = form.attempt(lambda clean: chosen.run(case, clean, request.actor))
        except ForbiddenPhrase as refused:
            assert isinstance(form, ResolveForm)
            form.warn(refused)
            made = None
        if made is not None:
            target = case_number(made.case_id) if name == "split" else case.number  # type: ignore[attr-defined]
            return done(request, _home_of(request, case, target), str(chosen.said))
    return _answer(request, case, form, chosen)


def _home_of(request: DeskRequest, case: Case, number: str) -> str:
    """Return the page after an act: the case, or one's list when one no longer sees it."""
    if Case.objects.visible_to(request.actor).filter(pk=case.pk).exists():
        return reverse("cases:case", args=[number])
    return reverse("cases:mine")


def _answer(request: DeskRequest, case: Case, form: ActForm, chosen: Act, **more: Any) -> HttpResponse:
    has_people = any(isinstance(field, PersonField) for field in form.fields.values())
    context = {
        "case": case,
        "form": form,
        "act": chosen,
        "hero": _hero(case),
        "people": people_to_choose(case.unit) if has_people else (),
        "superior": superior_of(case.owner) if isinstance(form, PassForm) else None,
        "in_drawer": in_drawer(request),
        "target": request.get_full_path(),
        "draft": f"case-{case.pk}-{request.path.rstrip('/').rpartition('/')[2]}",
        **more,
    }
    template = "cases/_act.html" if in_drawer(request) else "cases/act.html"
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def _hero(case: Case) -> Story | None:
    return leading(case, stories(promises_of(case.pk)))


# --- answers to an offer

_ACCEPT = Act(
    gettext_lazy("Accept the case"),
    gettext_lazy("Accept"),
    AcceptForm,
    said=gettext_lazy("You have it now."),
)
_DECLINE = Act(
    gettext_lazy("Decline"),
    gettext_lazy("Decline"),
    ReasonForm,
    said=gettext_lazy("Declined; the giver still has it and knows why."),
)
_WITHDRAW = Act(
    gettext_lazy("Withdraw the offer"),
    gettext_lazy("Withdraw"),
    NothingForm,
    said=gettext_lazy("The offer was withdrawn."),
)
_DECIDE = Act(
    gettext_lazy("Decide on the proposal"),
    gettext_lazy("Decide"),
    DecideForm,
    said=gettext_lazy("Decided. The case stays with the one who asked."),
)
_ANSWERS: dict[str, tuple[Act, Callable[[Pass, Values, Actor], object], Callable[[Actor, Pass], bool]]] = {
    "accept": (
        _ACCEPT,
        lambda offer, clean, actor: passing.accept_pass(offer.pk, restatement=clean["restatement"], actor=actor),
        policy.may_answer_pass,
    ),
    "decline": (
        _DECLINE,
        lambda offer, clean, actor: passing.decline_pass(offer.pk, reason=clean["reason"], actor=actor),
        policy.may_answer_pass,
    ),
    "withdraw": (
        _WITHDRAW,
        lambda offer, _clean, actor: passing.withdraw_pass(offer.pk, actor=actor),
        policy.may_withdraw_pass,
    ),
    "decide": (
        _DECIDE,
        lambda offer, clean, actor: passing.decide_pass(offer.pk, **clean, actor=actor),
        policy.may_answer_pass,
    ),
}
ANSWERS = tuple(_ANSWERS)


@never_cache
@at_desk
@require_http_methods(["GET", "POST"])
def answer(request: DeskRequest, number: str, pass_id: int, name: str) -> HttpResponse:
    """Answer an offer; the customer-facing promise stands beside the words while one accepts."""
    chosen, run, may = _ANSWERS[name]
    case = found_case(request.actor, number)
    offer = offer_of(case, pass_id)
    offer.case = case
    require(may(request.actor, offer))
    form = chosen.form(request.POST if request.method == "POST" else None, case=case, actor=request.actor)
    if request.method == "POST" and form.attempt(lambda clean: run(offer, clean, request.actor)) is not None:
        return done(request, _home_of(request, case, case.number), str(chosen.said))
    waiting = next((one for one in promises_of(case.pk) if one.offer_id == offer.pk), None)
    return _answer(request, case, form, chosen, offer=offer, name=name, until=waiting.due_at if waiting else None)


# --- one promise, one relation

_PROMISE_ACTS: dict[str, tuple[Act, Callable[[int, Values, Actor], object]]] = {
    "tell": (
        Act(
            gettext_lazy("The customer was told"),
            gettext_lazy("Note it"),
            HowForm,
            policy.may_promise,
            said=gettext_lazy("Noted."),
        ),
        lambda promise_id, clean, actor: promises.tell_promise(promise_id, how=clean["how"], actor=actor),
    ),
    "keep": (
        Act(
            gettext_lazy("The promise is fulfilled"),
            gettext_lazy("Fulfilled"),
            NothingForm,
            policy.may_promise,
            said=gettext_lazy("Noted."),
            help=gettext_lazy("It counts as kept, or as late when its time has passed."),
        ),
        lambda promise_id, _clean, actor: promises.keep_promise(promise_id, actor=actor),
    ),
    "cancel": (
        Act(
            gettext_lazy("Cancel the promise"),
            gettext_lazy("Cancel the promise"),
            ReasonForm,
            policy.may_promise,
            said=gettext_lazy("Cancelled."),
            help=gettext_lazy("Not possible when the customer would be left without a next time."),
            is_danger=True,
        ),
        lambda promise_id, clean, actor: promises.cancel_promise(promise_id, reason=clean["reason"], actor=actor),
    ),
}
PROMISE_ACTS = tuple(_PROMISE_ACTS)


@never_cache
@at_desk
@require_http_methods(["GET", "POST"])
def promise_act(request: DeskRequest, number: str, promise_id: int, name: str) -> HttpResponse:
    """Tell, keep or cancel one promise."""
    chosen, run = _PROMISE_ACTS[name]
    case = found_case(request.actor, number)
    require(chosen.may(request.actor, case))
    promise = promise_of(case, promise_id)
    form = chosen.form(request.POST if request.method == "POST" else None, case=case, actor=request.actor)
    if request.method == "POST" and form.attempt(lambda clean: run(promise.pk, clean, request.actor)) is not None:
        return done(request, reverse("cases:case", args=[case.number]), str(chosen.said))
    return _answer(request, case, form, chosen, promise=stories([promise])[0])


@at_desk
@require_http_methods(["POST"])
def untie(request: DeskRequest, number: str, relation_id: int) -> HttpResponse:
    """Undo a relation or a merge."""
    case = found_case(request.actor, number)
    relating.undo_relation(relation_id, actor=request.actor)
    return done(request, reverse("cases:case", args=[case.number]), _("Undone."))
