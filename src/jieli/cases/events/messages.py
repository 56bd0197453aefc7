"""What is said, and the way to the customer."""

from dataclasses import dataclass, field
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.cases.events.base import CaseFact


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWritten(CaseFact):
    """Something was said on the case; the body lies in the message, the event holds its digest."""

    type: ClassVar[str] = "cases.message_written"
    sentence: ClassVar = _("A message was written")
    staff_fields: ClassVar = ()
    customer_sees: ClassVar = False

    message_id: int
    direction: str
    channel: str
    body_digest: str
    phrases: list[str] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAsked(CaseFact):
    """Somebody who named number and phone of the case lost its link; who it was is still to be checked."""

    type: ClassVar[str] = "cases.link_asked"
    sentence: ClassVar = _("A new link was asked for on the portal")
    customer_sees: ClassVar = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRenewed(CaseFact):
    """The customer got a new link, after a check of who asks; the old one ended."""

    type: ClassVar[str] = "cases.link_renewed"
    sentence: ClassVar = _("A new link was given, the old one ended (checked: %(proof)s)")
    customer_sees: ClassVar = True

    proof: str
