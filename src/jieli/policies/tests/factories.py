"""Actors and drafts for tests of policies; everything goes through the actions."""

from jieli.events.actor import Actor, Grant
from jieli.policies.actions import draft_version, start_version
from jieli.policies.models import PolicyVersion
from jieli.policies.schemas import registered, registered_names
from jieli.policies.sources import normal_source

MANAGER = Actor("staff", 1, "韩梅梅", (Grant("manager", "/1/"),))
ADMINISTRATOR = Actor("staff", 2, "管理员", (Grant("administrator", "/1/"),))
AGENT = Actor("staff", 3, "李雷", (Grant("agent", "/1/4/"),))
NOBODY = Actor("staff", 4, "无权", ())

ENQUIRY_ACCEPT = 'name = "enquiry-accept"'


def default_source(name: str) -> str:
    """Return the shipped text of a policy."""
    file = registered(name).default
    assert file is not None, f"{name} is not shipped"
    return normal_source(file.read_text(encoding="utf-8"))


def shipped_names() -> list[str]:
    """Return the names of the policies that have a first version."""
    return [name for name in registered_names() if registered(name).default is not None]


def changed(name: str, old: str, new: str) -> str:
    """Return the shipped text with one passage replaced; it must be there."""
    source = default_source(name)
    assert old in source
    return source.replace(old, new, 1)


def faster_enquiries(minutes: int = 7) -> str:
    """Return the shipped promises with another time for the acceptance of enquiries."""
    head, tail = default_source("promises").split(ENQUIRY_ACCEPT)
    return head + ENQUIRY_ACCEPT + tail.replace("target = 15", f"target = {minutes}", 1)


def make_draft(name: str = "promises", source: str | None = None, *, note: str = "", actor: Actor = MANAGER) -> PolicyVersion:
    """Draft a version: faster enquiries unless a text is given."""
    return draft_version(name, source=source or faster_enquiries(), note=note, actor=actor)


def make_version(name: str = "promises", source: str | None = None, *, actor: Actor = MANAGER) -> PolicyVersion:
    """Draft a version and start it now."""
    return start_version(make_draft(name, source, actor=actor).pk, actor=actor)
