"""What orders refuse, in words for people."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Invalid, Refused


class BadOrder(Invalid):
    """What was said of an order cannot be; the fields say why."""

    code = "bad_order"
    message = _("This cannot be said of the work order.")


class OrderEnded(Refused):
    """The order is finished or called off."""

    code = "order_ended"
    message = _("The work order has ended.")
