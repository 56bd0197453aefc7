"""A need is received, and its first person is named."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.cases.events.base import CaseFact


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(CaseFact):
    """A need was received: the case, its first owner (the duty officer) and its first promises."""

    type: ClassVar[str] = "cases.opened"
    sentence: ClassVar = _("Received by %(channel)s; %(owner_id)s is on duty and answers for it")
    staff_fields: ClassVar = ("owner_id", "steward_id")
    customer_sees: ClassVar = True

    kind: str
    channel: str
    customer_id: int
    unit_id: int
    owner_id: int
    steward_id: int
    landing: str
    promises: list[dict[str, Any]]
    message_id: int | None = None
    body_digest: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StewardNamed(CaseFact):
    """The first person whom the customer reached is answerable until the customer has been told the result."""

    type: ClassVar[str] = "cases.steward_named"
    sentence: ClassVar = _("%(steward_id)s is the first-contact owner")
    staff_fields: ClassVar = ("steward_id",)
    customer_sees: ClassVar = True

    steward_id: int
