"""The notices that quality sends to people's bells."""

from django.utils.translation import gettext_lazy as _

from jieli.notify.kinds import register

CALL = "quality.call"
DISSATISFIED = "quality.dissatisfied"
AMOUNT_ASKED = "quality.amount_asked"
AMOUNT_DECIDED = "quality.amount_decided"


def register_kinds() -> None:
    """Register every kind with its sentence."""
    register(CALL, _("The customer of %(number)s is to be called back: %(subject)s"), label=_("a call-back is offered to me"))
    register(
        DISSATISFIED,
        _("The customer of %(number)s is dissatisfied: make it good"),
        label=_("a customer of mine is dissatisfied"),
        by_email=True,
    )
    register(
        AMOUNT_ASKED,
        _("%(author)s proposes %(amount)s for %(number)s, above all authority: a second person decides"),
        label=_("an amount waits for a second person"),
        by_email=True,
    )
    register(
        AMOUNT_DECIDED, _("%(author)s decided on %(amount)s for %(number)s"), label=_("an amount that I proposed was decided")
    )
