"""The notices that cases send to people's bells."""

from django.utils.translation import gettext_lazy as _

from jieli.cases.models import Promise
from jieli.notify.kinds import register

PASS_OFFERED = "cases.pass_offered"
PASS_ACCEPTED = "cases.pass_accepted"
PASS_DECLINED = "cases.pass_declined"
PASS_LAPSED = "cases.pass_lapsed"
PASS_WITHDRAWN = "cases.pass_withdrawn"
PROPOSAL = "cases.proposal"
DECIDED = "cases.decided"
TAKEN_OVER = "cases.taken_over"
DEPUTISED = "cases.deputised"
PASS_LIMIT = "cases.pass_limit"
WARNING = "cases.promise_warning"
BROKEN = "cases.promise_broken"
MENTIONED = "cases.mentioned"
CUSTOMER_WROTE = "cases.customer_wrote"
ESCORT_ASKED = "cases.escort_asked"
REOPENED = "cases.reopened"
WOKE = "cases.woke"
ASSIGNED = "cases.assigned"
NOBODY_FOUND = "cases.nobody_found"
LINK_ASKED = "cases.link_asked"


def register_kinds() -> None:
    """Register every kind with its sentence."""
    register(PASS_OFFERED, _("%(giver)s offers you %(number)s: %(subject)s"), label=_("a case is offered to me"), by_email=True)
    register(PASS_ACCEPTED, _("%(receiver)s accepted %(number)s"), label=_("my offer was accepted"))
    register(PASS_DECLINED, _("%(receiver)s declined %(number)s: you still have it"), label=_("my offer was declined"))
    register(
        PASS_LAPSED, _("Nobody answered for %(number)s: %(giver)s still has it"), label=_("an offer lapsed"), by_email=True
    )
    register(PASS_WITHDRAWN, _("The offer of %(number)s was withdrawn"), label=_("an offer to me was withdrawn"))
    register(
        PROPOSAL,
        _("%(giver)s asks you to decide on %(number)s, with a proposal"),
        label=_("a proposal to decide"),
        by_email=True,
    )
    register(DECIDED, _("%(receiver)s decided on your proposal for %(number)s"), label=_("my proposal was decided"))
    register(TAKEN_OVER, _("%(owner)s took over %(number)s"), label=_("a case of mine was taken over"), by_email=True)
    register(DEPUTISED, _("%(owner)s stands in for %(giver)s on %(number)s"), label=_("a deputy has a case"))
    register(PASS_LIMIT, _("%(number)s went through %(passes)s hands"), label=_("too many hands"))
    promises = {"promise": lambda: dict(Promise.Kind.choices)}
    register(
        WARNING,
        _("%(share)s %% of the time for %(promise)s on %(number)s is used"),
        label=_("a promise comes near"),
        words=promises,
    )
    register(
        BROKEN,
        _("%(promise)s on %(number)s was not kept by %(due)s"),
        label=_("a promise is broken"),
        by_email=True,
        words=promises,
    )
    register(MENTIONED, _("%(author)s mentions you on %(number)s"), label=_("somebody mentions me"))
    register(CUSTOMER_WROTE, _("The customer wrote on %(number)s"), label=_("the customer wrote"))
    register(
        ESCORT_ASKED, _("%(author)s asks you about %(number)s, which you passed on"), label=_("a question to me as escort")
    )
    register(REOPENED, _("%(number)s was reopened"), label=_("a case was reopened"), by_email=True)
    register(
        ASSIGNED,
        _("%(number)s is offered to you by a rule: %(subject)s"),
        label=_("a rule offers me a case"),
        by_email=True,
    )
    register(
        NOBODY_FOUND,
        _("The rules found nobody for %(number)s: it stays with you, who are on duty"),
        label=_("the rules found nobody for a case of my duty"),
    )
    register(WOKE, _("The wait on %(number)s is over"), label=_("a pause is over"))
    register(
        LINK_ASKED,
        _("The customer of %(number)s lost the link: call back on the number on record, then give a new one"),
        label=_("a customer lost the link"),
        by_email=True,
    )
