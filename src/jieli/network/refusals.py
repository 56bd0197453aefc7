"""Why an act on the network did not happen."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Refused


class ChangedMeanwhile(Refused):
    """Somebody else saved the same record first."""

    code = "changed_meanwhile"
    message = _("Somebody else changed this while you were writing. Open it again and compare.")


class CodeTaken(Refused):
    """Another record has this code or number."""

    code = "code_taken"
    message = _("This code is taken.")


class AlreadyEngineer(Refused):
    """The person is an engineer already."""

    code = "already_engineer"
    message = _("This person is an engineer already.")


class OutletIsEnded(Refused):
    """The contract of the outlet has ended; it comes back by a new contract only."""

    code = "outlet_ended"
    message = _("The contract of this outlet has ended.")


class NotSuspended(Refused):
    """There is no suspension to lift."""

    code = "not_suspended"
    message = _("This outlet is not suspended.")


class LicenceRevoked(Refused):
    """A revoked licence comes back by retraining and re-examination alone."""

    code = "licence_revoked"
    message = _("The licence is revoked: only retraining and a re-examination give it back.")


class LicenceNotRevoked(Refused):
    """There is nothing to give back."""

    code = "licence_not_revoked"
    message = _("The licence is not revoked.")


class AlreadyAppealed(Refused):
    """A posting is appealed once."""

    code = "already_appealed"
    message = _("There was an appeal against this posting already.")


class AppealTooLate(Refused):
    """The days for an appeal are over."""

    code = "appeal_too_late"
    message = _("The time for an appeal is over.")


class AppealDecidedAlready(Refused):
    """The appeal was decided before."""

    code = "appeal_decided"
    message = _("This appeal was decided already.")


class NotAppealable(Refused):
    """The beginning of a ledger is no judgement."""

    code = "not_appealable"
    message = _("This line of the ledger cannot be appealed.")
