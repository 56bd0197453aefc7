"""The facts that this app records: only what an administrator sets; notices and deliveries have rows of their own."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from jieli.events.facts import Fact


@dataclass(frozen=True, slots=True)
class SubscriptionMade(Fact):
    """A foreign system is told by webhook from now on."""

    type: ClassVar[str] = "notify.subscription_made"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("Webhook “%(name)s” was made")

    company_id: int
    subscription_id: int
    name: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionSwitched(Fact):
    """A webhook was switched on or off."""

    type: ClassVar[str] = "notify.subscription_switched"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("Webhook “%(name)s” was switched: active %(is_active)s")

    company_id: int
    subscription_id: int
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class SecretRenewed(Fact):
    """A webhook got a new secret."""

    type: ClassVar[str] = "notify.secret_renewed"
    stream: ClassVar[str] = "company"
    sentence: ClassVar = _("Webhook “%(name)s” got a new secret")

    company_id: int
    subscription_id: int
    name: str
