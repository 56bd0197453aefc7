"""Why an act of quality is refused, each named as the fact."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Invalid, Refused


class CallBackOver(Refused):
    """The call-back has its result already, or fell away."""

    code = "callback_over"
    message = _("This call-back has ended already.")


class CalledByAnother(Refused):
    """Somebody else has taken the call-back."""

    code = "called_by_another"

    def __init__(self, name: str) -> None:
        super().__init__(_("%(name)s makes this call-back.") % {"name": name})


class OutsideCallingHours(Refused):
    """Nobody is called at night."""

    code = "outside_calling_hours"

    def __init__(self, opens: str, ends: str) -> None:
        hours = {"opens": opens, "ends": ends}
        super().__init__(_("Customers are called from %(opens)s to %(ends)s only.") % hours)


class NobodyReached(Refused):
    """A result needs a talk with the customer."""

    code = "nobody_reached"
    message = _("Note the attempt first: a result needs a talk with the customer.")


class AttemptsLeft(Refused):
    """Unreached is said only after all attempts."""

    code = "attempts_left"

    def __init__(self, used: int, needed: int) -> None:
        numbers = {"used": used, "needed": needed}
        super().__init__(
            _("Unreached is said after attempts on %(needed)s different half-days; so far there are %(used)s.") % numbers
        )


class BadAnswer(Invalid):
    """The answers cannot be as given; `fields` says which."""

    code = "bad_answer"


class LinkUnknown(Refused):
    """No call-back opens with this code."""

    code = "link_unknown"
    status = 404
    message = _("This link opens nothing. Please check that it is complete.")


class LinkExpired(Refused):
    """The time for an answer in writing is over."""

    code = "link_expired"
    message = _("This link has expired. If something is not right, write on your case or call us.")


class LinkUsed(Refused):
    """The question was answered already, by the link or on the phone."""

    code = "link_used"
    message = _("You have answered already, thank you.")


class NotDissatisfied(Refused):
    """Only a dissatisfied call-back can be about something else than the visit."""

    code = "not_dissatisfied"
    message = _("Only a dissatisfied call-back is marked so.")


class AlreadyMarked(Refused):
    """It was marked or confirmed already."""

    code = "already_marked"
    message = _("This is done already.")


class MonthDecided(Refused):
    """The month of the order is settled: its gate has been passed or not."""

    code = "month_decided"
    message = _("The order is settled already; the mark comes too late.")


class NotMoved(Refused):
    """The customer said nothing that moved him."""

    code = "not_moved"
    message = _("The customer said nothing that moved him.")


class RecoveryOver(Refused):
    """The recovery has been told to the customer already."""

    code = "recovery_over"
    message = _("This recovery has ended already.")


class AboveAuthority(Refused):
    """The amount is more than one may spend by oneself; `message` says who may."""

    code = "above_authority"

    def __init__(self, words: str) -> None:
        super().__init__(words, fields={"amount": words})


class AmountDecidedAlready(Refused):
    """The second person has decided."""

    code = "amount_decided"
    message = _("This amount has been decided already.")


class SamePerson(Refused):
    """Above all authority it takes two people."""

    code = "same_person"
    message = _("Somebody else decides: above all authority it takes two people.")
