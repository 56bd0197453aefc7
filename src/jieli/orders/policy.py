"""Who may do what with work orders. Who sees the case sees its orders."""

from jieli.events.actor import Actor


def may_import_orders(actor: Actor) -> bool:
    """Only an import writes the past; who may start one is asked where it is started."""
    return actor.kind == "import"
