"""Why an act on a case is refused, each named as the fact."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Invalid, Refused


class CaseEnded(Refused):
    """The case is closed or cancelled."""

    code = "case_ended"
    message = _("The case is closed. Reopen it first.")


class CaseNotResolved(Refused):
    """Only a resolved case can be closed."""

    code = "case_not_resolved"
    message = _("The case is not resolved yet: tell the customer the result first.")


class CaseNotEnded(Refused):
    """Only a closed or resolved case can be reopened."""

    code = "case_not_ended"
    message = _("The case is still open.")


class ReopenTooLate(Refused):
    """The days in which a case can be reopened are over: a follow-up is due."""

    code = "reopen_too_late"
    message = _("It was closed too long ago to be reopened. Open a follow-up case instead.")


class AlreadyTaken(Refused):
    """Somebody else took the case first."""

    code = "already_taken"
    message = _("Somebody else has taken it already.")


class PassPending(Refused):
    """One pass is pending already."""

    code = "pass_pending"
    message = _("It is already offered to somebody. Withdraw that offer first.")


class PassSettled(Refused):
    """The pass was answered, withdrawn or lapsed already."""

    code = "pass_settled"
    message = _("This offer has been settled already.")


class UpwardIsDecided(Refused):
    """A proposal to a superior is decided, never accepted: the case stays with the asker."""

    code = "upward_is_decided"
    message = _("A proposal is decided on, not accepted: the case stays with the person who asks.")


class AnsweredAtDispatch(Refused):
    """An offered work order is answered where its time and engineer stand, not by a general answer to a pass."""

    code = "answered_at_dispatch"
    message = _("This is a work order: accept it, refuse it or name another time on its dispatch page.")


class ReceiverNotActive(Refused):
    """The receiver cannot take a baton."""

    code = "receiver_not_active"
    message = _("This person is not active and has no deputy who is present.")


class OwnerIsReceiver(Refused):
    """The case is already theirs."""

    code = "owner_is_receiver"
    message = _("The case is already theirs.")


class NoNextTime(Refused):
    """The act would leave an open case without a next promised time (invariant 3)."""

    code = "no_next_time"
    message = _("An open case needs a next promised time. Promise one first.")


class PromiseOver(Refused):
    """The promise has ended."""

    code = "promise_ended"
    message = _("This promise has ended already.")


class EndsOtherwise(Refused):
    """The promise ends by another act, never by itself."""

    code = "ends_otherwise"
    message = _("This promise ends by another act.")


class AlreadyPaused(Refused):
    """The clock stands already."""

    code = "already_paused"
    message = _("The clock stands already.")


class NotPaused(Refused):
    """The clock is running."""

    code = "not_paused"
    message = _("The clock is not standing.")


class ChangedMeanwhile(Refused):
    """Somebody else changed the same fields meanwhile; `theirs` holds the present values, nothing is lost."""

    code = "changed_meanwhile"
    message = _("Somebody else changed this while you were writing. Compare and save again.")

    def __init__(self, theirs: dict[str, object]) -> None:
        super().__init__()
        self.theirs = theirs


class NotMergeable(Refused):
    """The two cases cannot become one."""

    code = "not_mergeable"
    message = _("These two cases cannot be merged.")


class BadCase(Invalid):
    """The input describes no case that can be opened or changed."""

    code = "invalid"
