"""The customer's link when it is lost: asked for on the portal, given anew by a person who checked who asks."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from jieli.cases import notices
from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.opening import new_tracking_code, tracking_digest
from jieli.cases.actions.telling import tell
from jieli.cases.events import LinkAsked, LinkRenewed
from jieli.cases.models import Case
from jieli.cases.policy import may_ask_for_link, may_renew_link
from jieli.cases.queries.links import link_asked_at
from jieli.cases.refusals import BadCase
from jieli.cases.rules.proofs import PROOFS
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.people.queries import duty_officer, present


@dataclass(frozen=True, slots=True)
class Renewed:
    """A case with its new tracking code, which is shown once: only its digest is kept."""

    case: Case
    code: str


@changing
def ask_for_link(case_id: int, *, actor: Actor) -> Case:
    """Note that the customer lost the link and tell the owner, or who stands in; while one asking waits, a second says nothing.

    The link that exists stays valid: whoever asks has not proved who he is. Raises NotFound.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    require(may_ask_for_link(actor, case))
    _refuse_erased(case)
    if link_asked_at(case.pk) is None:
        record(LinkAsked(case_id=case.pk), actor=actor)
        here = present(case.owner_id, clock.now()) or duty_officer(case.unit_id, clock.now())
        tell(case, [here.pk], notices.LINK_ASKED)
    return case


@changing
def renew_tracking(case_id: int, *, proof: str, actor: Actor) -> Renewed:
    """Make a new tracking code, of which only the digest is kept; the old link ends with it.

    `proof` says how the person was checked (`rules.proofs.PROOFS`). Raises NotFound, NotAllowed, BadCase.
    """
    case = locked_case(case_id, actor, must_be_open=False)
    require(may_renew_link(actor, case))
    _refuse_erased(case)
    if proof not in PROOFS:
        raise BadCase(fields={"proof": _("Say how you checked who asks.")})
    code = new_tracking_code()
    case.tracking_digest = tracking_digest(code)
    case.save(update_fields=["tracking_digest"])
    record(LinkRenewed(case_id=case.pk, proof=proof), actor=actor, at=clock.now())
    return Renewed(case, code)


def _refuse_erased(case: Case) -> None:
    if case.erased_at is not None:
        raise NotFound
