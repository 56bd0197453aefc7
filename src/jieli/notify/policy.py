"""Who may read notices and look after what goes out."""

from jieli.events.actor import Actor
from jieli.notify.models import Notice


def may_tell(actor: Actor) -> bool:
    """The software tells; a person's or customer's act tells others through the software."""
    return actor.is_internal or actor.is_staff or actor.kind == "customer"


def may_read(actor: Actor, notice: Notice) -> bool:
    """A notice belongs to the one it was written to."""
    return actor.is_staff and actor.id == notice.staff_id


def may_send_mail(actor: Actor) -> bool:
    """As for notices: mail goes out by somebody's act."""
    return may_tell(actor)


def may_see_outgoing(actor: Actor) -> bool:
    """Those who answer for the service see what was not delivered."""
    return actor.has_role("supervisor", "manager", "administrator")


def may_resend(actor: Actor) -> bool:
    """Whoever sees that something failed may send it again."""
    return may_see_outgoing(actor)


def may_subscribe(actor: Actor) -> bool:
    """Webhooks carry data to foreign systems: an administrator's matter."""
    return actor.has_role("administrator")
