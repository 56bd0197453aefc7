"""The facts of policies; each version has a chain of its own (stream ``policy``)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact, Text


@dataclass(frozen=True, slots=True)
class PolicyDrafted(Fact):
    """Somebody drafted a new version; `source_digest` is the SHA-256 of its text."""

    type: ClassVar[str] = "policies.drafted"
    stream: ClassVar[str] = "policy"
    sentence: ClassVar = _("A new version of the policy %(name)s was drafted")

    policy_id: int
    name: str
    based_on: int | None
    source_digest: str
    note: Text


@dataclass(frozen=True, slots=True)
class PolicyDraftChanged(Fact):
    """Somebody changed a draft."""

    type: ClassVar[str] = "policies.draft_changed"
    stream: ClassVar[str] = "policy"
    sentence: ClassVar = _("The draft of the policy %(name)s was changed (revision %(revision)s)")

    policy_id: int
    name: str
    revision: int
    source_digest: str
    note: Text


@dataclass(frozen=True, slots=True)
class PolicyDraftDiscarded(Fact):
    """Somebody threw a draft away; it never held."""

    type: ClassVar[str] = "policies.draft_discarded"
    stream: ClassVar[str] = "policy"
    sentence: ClassVar = _("A draft of the policy %(name)s was discarded")

    policy_id: int
    name: str
    source_digest: str


@dataclass(frozen=True, slots=True)
class PolicyStarted(Fact):
    """A version was started: from `starts_at` it holds, and nothing about it changes any more."""

    type: ClassVar[str] = "policies.started"
    stream: ClassVar[str] = "policy"
    sentence: ClassVar = _("Version %(number)s of the policy %(name)s was started, from %(starts_at)s")

    policy_id: int
    name: str
    number: int
    starts_at: datetime
    source_digest: str
