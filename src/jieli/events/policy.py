"""Who may touch the company clock."""

from jieli.events.actor import Actor


def may_move_clock(actor: Actor) -> bool:
    """Only an administrator moves the clock; whether it can move at all is the database's word."""
    return actor.has_role("administrator")
