"""Why something did not go out."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Refused


class AddressForbidden(Refused):
    """A webhook may not call this address."""

    code = "address_forbidden"
    status = 422
    message = _("This address cannot be called.")


class NothingToResend(Refused):
    """It was sent already, or is still on its way."""

    code = "nothing_to_resend"
    message = _("There is nothing to send again: it was sent, or is still on its way.")
