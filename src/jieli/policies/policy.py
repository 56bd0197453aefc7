"""Who may read, draft, try and start policies.

Policies are open inside the company: who must keep a promise may read the rule that made it. Service managers and
administrators set them (spec, Who uses it).
"""

from jieli.events.actor import Actor

SETTING_ROLES = ("manager", "administrator")


def may_see_policies(actor: Actor) -> bool:
    """Everybody who works here reads them."""
    return actor.is_internal or (actor.is_staff and bool(actor.grants))


def may_draft_policy(actor: Actor) -> bool:
    """A service manager or administrator drafts, changes and discards drafts; the system when it fills a demo."""
    return actor.kind == "system" or actor.has_role(*SETTING_ROLES)


def may_start_policy(actor: Actor) -> bool:
    """A service manager or administrator starts a version; the shipped pack is started by the system."""
    return actor.kind == "system" or actor.has_role(*SETTING_ROLES)


def may_try_policy(actor: Actor) -> bool:
    """A service manager or administrator replays a month under a draft."""
    return actor.has_role(*SETTING_ROLES)
