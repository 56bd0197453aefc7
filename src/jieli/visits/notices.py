"""The notices that visits send to people's bells."""

from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jieli.notify.kinds import register
from jieli.policies.queries import current
from jieli.visits.models import Information

WORK_DONE = "visits.work_done"
INFORMATION = "visits.information"
INFORMATION_DECIDED = "visits.information_decided"
KEPT_ASIDE = "visits.kept_aside"
CALLED_OFF = "visits.called_off"


def _kinds_of_information() -> Mapping[str, str]:
    language = get_language() or "zh-hans"
    return {one.code: one.label.in_language(language) for one in current("visit-standard").data.information}


def register_kinds() -> None:
    """Register every kind with its sentence."""
    register(
        WORK_DONE,
        _("%(engineer)s finished the work on %(number)s, which you have: tell the customer"),
        label=_("the work on a case of mine is done"),
        icon="circle-check",
    )
    register(
        INFORMATION,
        _("Information from %(engineer)s to accept or refuse: %(kind)s (%(number)s)"),
        label=_("information from the field to decide on"),
        icon="bulb",
        words={"kind": _kinds_of_information},
    )
    register(
        INFORMATION_DECIDED,
        _("Your information on %(number)s was %(answer)s"),
        label=_("my information was decided on"),
        icon="bulb",
        words={"answer": lambda: dict(Information.State.choices)},
    )
    register(
        KEPT_ASIDE,
        _("An entry of %(engineer)s's phone on %(number)s was not taken in and waits for you"),
        label=_("an entry of an engineer's phone waits"),
        icon="alert-triangle",
    )
    register(
        CALLED_OFF,
        _("Your visit for %(number)s was called off: somebody else goes, or nobody. What you recorded is kept."),
        label=_("a visit of mine was called off"),
        by_email=True,
        icon="ban",
    )
