"""Papers of providers, outlets and engineers: kept, renewed, put away."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.facts import Fact
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.network.actions.writing import check_whole, cleaned
from jieli.network.events import EngineerDocument, OutletDocument, ProviderDocument
from jieli.network.models import Document, Engineer, Outlet, Provider
from jieli.network.policy import (
    may_keep_engineer,
    may_keep_outlet,
    may_keep_provider,
    visible_engineers,
    visible_outlets,
)
from jieli.policies.queries import current

FIELDS = ("kind", "number", "issued_on", "expires_on", "blocks", "product_lines", "service_types")

Holder = Provider | Outlet | Engineer


@transaction.atomic
def keep_document(
    *,
    values: Mapping[str, Any],
    actor: Actor,
    provider_id: int | None = None,
    outlet_id: int | None = None,
    engineer_id: int | None = None,
) -> Document:
    """Keep a paper of one provider, outlet or engineer; what it blocks is what the policy says of its kind unless given.

    Raises NotFound (no such holder, or hidden), NotAllowed, Invalid (an unknown kind, a kind of others, unusable values).
    """
    holder = _holder(actor, provider_id=provider_id, outlet_id=outlet_id, engineer_id=engineer_id)
    require(_may_keep(actor, holder))
    clean = cleaned(Document, values, allowed=FIELDS)
    kind = current("network").data.document(str(clean.get("kind", "")))
    if kind is None or type(holder).__name__.lower() not in kind.of:
        raise Invalid(fields={"kind": _("There is no such kind of document here.")})
    clean.setdefault("blocks", kind.blocks)
    clean.setdefault("product_lines", list(kind.product_lines))
    clean.setdefault("service_types", [str(one.value) for one in kind.service_types])
    document = Document(provider_id=provider_id, outlet_id=outlet_id, engineer_id=engineer_id, **clean)
    check_whole(document)
    document.save(force_insert=True)
    record(document_fact(document, "added"), actor=actor)
    return document


@transaction.atomic
def renew_document(
    document_id: int, *, expires_on: date | None, issued_on: date | None = None, number: str = "", actor: Actor
) -> Document:
    """Note the new days of a paper, and its new number if it has one. Raises NotFound, NotAllowed, Invalid."""
    document = _locked(document_id, actor)
    values = {"expires_on": expires_on, "issued_on": issued_on or document.issued_on, "number": number or document.number}
    for name, value in cleaned(Document, values, allowed=FIELDS).items():
        setattr(document, name, value)
    check_whole(document)
    document.save(update_fields=list(values))
    record(document_fact(document, "renewed"), actor=actor)
    return document


@transaction.atomic
def put_document_away(document_id: int, *, actor: Actor) -> Document:
    """Let a paper no longer count; a second time changes nothing. Raises NotFound, NotAllowed."""
    document = _locked(document_id, actor)
    if document.ended_at is None:
        document.ended_at = clock.now()
        document.save(update_fields=["ended_at"])
        record(document_fact(document, "put_away"), actor=actor)
    return document


def document_fact(document: Document, change: str) -> Fact:
    """Return the fact of a paper on the chain of its holder."""
    kind = current("network").data.document(document.kind)
    about: dict[str, Any] = {
        "document_id": document.pk,
        "name": document.kind if kind is None else kind.label.in_language(get_language() or ""),
        "number": document.number,
        "change": change,
        "expires_on": document.expires_on,
    }
    if document.outlet_id is not None:
        return OutletDocument(unit_id=document.outlet_id, **about)
    if document.engineer_id is not None:
        return EngineerDocument(staff_id=document.engineer_id, **about)
    return ProviderDocument(company_id=1, provider_id=document.provider_id or 0, **about)


def _locked(document_id: int, actor: Actor) -> Document:
    document = Document.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        raise NotFound
    holder = _holder(actor, provider_id=document.provider_id, outlet_id=document.outlet_id, engineer_id=document.engineer_id)
    require(_may_keep(actor, holder))
    return document


def _holder(actor: Actor, *, provider_id: int | None, outlet_id: int | None, engineer_id: int | None) -> Holder:
    found: Holder | None = None
    if provider_id is not None:
        found = Provider.objects.filter(pk=provider_id).first()
    elif outlet_id is not None:
        found = Outlet.objects.filter(visible_outlets(actor), pk=outlet_id).select_related("unit").first()
    elif engineer_id is not None:
        seen = Engineer.objects.filter(visible_engineers(actor), pk=engineer_id)
        found = seen.select_related("staff__unit", "outlet__unit").first()
    if found is None:
        raise NotFound
    return found


def _may_keep(actor: Actor, holder: Holder) -> bool:
    if isinstance(holder, Provider):
        return may_keep_provider(actor)
    if isinstance(holder, Outlet):
        return may_keep_outlet(actor, holder.unit)
    return may_keep_engineer(actor, holder)
