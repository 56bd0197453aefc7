"""What every change of a case shares: the locked row, and the database's own word before the caller goes on."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from jieli.cases.models import Case
from jieli.cases.models.case import is_seen_at_once
from jieli.cases.refusals import CaseEnded, NoNextTime, PassPending, PromiseOver, ReceiverNotActive
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, Refused

_P = ParamSpec("_P")
_R = TypeVar("_R")


class InvariantKept(Refused):
    """The database refused: the change would break an invariant."""

    code = "invariant"
    message = _("The change was refused because it would break a rule that always holds.")


_REFUSALS: dict[str, type[Refused]] = {
    "cases_next_time": NoNextTime,
    "cases_one_pending_pass": PassPending,
    "cases_ended_promises": CaseEnded,
    "cases_ended_passes": CaseEnded,
    "cases_pass_from_owner": ReceiverNotActive,
    "cases_promise_ended_stays": PromiseOver,
}


def refusal_of(error: IntegrityError) -> Refused:
    """Return the refusal that tells people what the database means."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    return _REFUSALS.get(name, InvariantKept)()


def changing(action: Callable[_P, _R]) -> Callable[_P, _R]:
    """Run an action in a transaction and ask the deferred constraints before it ends, so that their word is a Refused."""

    @wraps(action)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            with transaction.atomic():
                result = action(*args, **kwargs)
                with connection.cursor() as cursor:
                    cursor.execute("set constraints all immediate; set constraints all deferred")
                return result
        except IntegrityError as error:
            raise refusal_of(error) from error

    return run


def locked_case(case_id: int, actor: Actor, *, must_be_open: bool = True) -> Case:
    """Return the case locked for this transaction; raises NotFound when it does not exist or is hidden, CaseEnded."""
    try:
        case = Case.objects.select_related("unit", "customer", "owner", "steward").lock(case_id)
    except Case.DoesNotExist:
        raise NotFound from None
    if not (is_seen_at_once(actor, case) or Case.objects.visible_to(actor).filter(pk=case_id).exists()):
        raise NotFound
    if must_be_open and not case.is_open:
        raise CaseEnded
    return case
