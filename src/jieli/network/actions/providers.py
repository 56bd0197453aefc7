"""Making and changing providers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib import clock
from jieli.network.actions.writing import apart, check_whole, cleaned, differences, refuse_if_changed, values_of
from jieli.network.events import ProviderChanged, ProviderMade
from jieli.network.models import Provider
from jieli.network.policy import may_keep_provider
from jieli.network.refusals import CodeTaken

FIELDS = (
    "code", "name", "legal_person", "registration_number", "capital_amount", "contract_number", "contract_from",
    "contract_until", "is_exclusive", "bank_name", "bank_holder", "bank_account", "contact_name", "phone", "email",
    "address", "status", "attributes",
)  # fmt: skip


@transaction.atomic
def make_provider(*, values: Mapping[str, Any], actor: Actor) -> Provider:
    """Add a legal entity that runs outlets. Raises NotAllowed, Invalid (no code or name, an unusable value), CodeTaken."""
    require(may_keep_provider(actor))
    provider = Provider(**cleaned(Provider, values, allowed=FIELDS))
    _check(provider)
    _save(provider, insert=True)
    shown, private = apart(values_of(provider, FIELDS))
    fact = ProviderMade(
        company_id=1, provider_id=provider.pk, code=provider.code, name=provider.name, values=shown, private=private
    )
    record(fact, actor=actor)
    return provider


@transaction.atomic
def change_provider(provider_id: int, *, values: Mapping[str, Any], actor: Actor, seen_at: datetime | None = None) -> Provider:
    """Change these fields; the same values change nothing.

    Raises Provider.DoesNotExist, NotAllowed, Invalid, CodeTaken, ChangedMeanwhile (saved by another since `seen_at`).
    """
    require(may_keep_provider(actor))
    provider = Provider.objects.select_for_update().get(pk=provider_id)
    clean = cleaned(Provider, values, allowed=FIELDS)
    changes = differences(provider, clean)
    if not changes:
        return provider
    refuse_if_changed(provider, seen_at)
    for name in changes:
        setattr(provider, name, clean[name])
    _check(provider)
    provider.changed_at = clock.now()
    _save(provider)
    shown, private = apart(changes)
    fact = ProviderChanged(
        company_id=1,
        provider_id=provider.pk,
        code=provider.code,
        fields=", ".join(sorted(changes)),
        changes=shown,
        private=private,
    )
    record(fact, actor=actor)
    return provider


def _check(provider: Provider) -> None:
    missing = {name: _("This must not be empty.") for name in ("code", "name") if not getattr(provider, name)}
    if missing:
        raise Invalid(fields=missing)
    check_whole(provider)


def _save(provider: Provider, *, insert: bool = False) -> None:
    try:
        with transaction.atomic():
            provider.save(force_insert=insert)
    except IntegrityError as error:
        if "code" in str(error):
            raise CodeTaken(fields={"code": CodeTaken.message}) from error
        raise
