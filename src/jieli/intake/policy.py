"""Who may bring in files."""

from jieli.events.actor import Actor


def may_import_files(actor: Actor) -> bool:
    """Imports make units, people and cases: only administrators and the command line start them."""
    return actor.is_internal or actor.has_role("administrator")
