"""Who may do what with complaints."""

from jieli.events.actor import Actor


def may_import_complaints(actor: Actor) -> bool:
    """Only an import writes them so far; who may start one is asked where it is started."""
    return actor.kind == "import"
