"""What dispatch refuses, each named as the fact, in words for people."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Invalid, Refused


class BadDispatch(Invalid):
    """What was given cannot be dispatched; the fields say why."""

    code = "bad_dispatch"
    message = _("Please check what is to be dispatched.")


class NotToBeDispatched(Refused):
    """The case needs no visit, or not yet: something is missing first."""

    code = "not_to_be_dispatched"
    message = _("This case cannot be dispatched now.")


class CannotBeAsked(Refused):
    """The outlet or the engineer may not get this order now; the message says why."""

    code = "cannot_be_asked"
    message = _("This outlet or engineer cannot get the order now.")


class NotFree(Refused):
    """The window is not free (any more)."""

    code = "not_free"
    message = _("This time has just been taken. Please choose another one.")


class ClosedThen(Refused):
    """Nobody works in this window."""

    code = "closed_then"
    message = _("Nobody works at this time. Please choose one of the times shown.")


class NobodyToSend(Refused):
    """The outlet has engineers, and none of them may do this work."""

    code = "nobody_to_send"
    message = _("Nobody of the outlet may do this work: skill, licence or documents are missing.")


class AfterPromise(Invalid):
    """The window ends after the promised arrival, and the customer did not agree."""

    code = "after_promise"
    message = _("This is later than the arrival promised to the customer. Agree on it first, then tick that it is agreed.")


class NoOffer(Refused):
    """No work order is being offered, or it was answered already."""

    code = "no_offer"
    message = _("This work order was answered already, or the offer has lapsed.")


class NoCounter(Refused):
    """No other time waits for an answer."""

    code = "no_counter"
    message = _("No proposed time waits for an answer.")


class NoAppointment(Refused):
    """There is nothing to move."""

    code = "no_appointment"
    message = _("There is no appointment yet.")


class TooLateToMove(Refused):
    """By link an appointment moves until some time before it."""

    code = "too_late_to_move"
    message = _("It is too late to move the appointment here. Please write to us below, we see to it.")


class MovedOften(Refused):
    """By link an appointment moves some times only."""

    code = "moved_often"
    message = _("The appointment was moved several times already. Please write to us below, we see to it.")


class UnderWay(Refused):
    """Somebody is on the spot already."""

    code = "under_way"
    message = _("The visit has begun already.")


class NobodyLeft(Refused):
    """No outlet is left that could be asked."""

    code = "nobody_left"
    message = _("No outlet is left that could be asked. Choose one by hand.")
