"""Providers: the list, the record, and their papers and those of others."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.refusals import NotFound
from jieli.network import policy
from jieli.network.actions.documents import keep_document, put_document_away, renew_document
from jieli.network.actions.providers import change_provider, make_provider
from jieli.network.forms import NewDocumentForm, ProviderForm, RenewalForm, TextFilter, field_values, values_of
from jieli.network.models import Document
from jieli.network.queries.pages import papers_of, provider_page
from jieli.network.rules.words import masked_account
from jieli.network.views.requests import acted, engineer_or_404, form_page, listed, outlet_or_404, provider_or_404, seen_at
from jieli.people.access import PersonRequest, signed_in


@require_safe
@signed_in
def provider_list(request: PersonRequest) -> HttpResponse:
    """Show the providers."""
    if not policy.may_see_providers(request.actor):
        raise NotFound
    form = TextFilter(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    page = listed(lambda after: provider_page(text=text, after=after), request.GET.get("after", ""))
    context = {
        "rows": page.rows,
        "next_cursor": page.next,
        "filter_form": form,
        "is_filtered": bool(text),
        "may_make": policy.may_keep_provider(request.actor),
        "may_judge": request.actor.has_role(*policy.JUDGES),
    }
    return render(request, "network/providers.html", context)


@require_safe
@signed_in
def provider_record(request: PersonRequest, provider_id: int) -> HttpResponse:
    """Show one provider with its outlets and papers."""
    provider = provider_or_404(request, provider_id)
    sees_account = policy.may_see_account(request.actor)
    context = {
        "provider": provider,
        "outlets": provider.outlets.select_related("unit").order_by("unit__code")[:500],
        "papers": papers_of(provider=provider),
        "account": provider.bank_account if sees_account else masked_account(provider.bank_account),
        "may_keep": policy.may_keep_provider(request.actor),
    }
    return render(request, "network/provider.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def new_provider(request: PersonRequest) -> HttpResponse:
    """Enter a provider."""
    form = ProviderForm(request.POST or None, sees_account=policy.may_see_account(request.actor), initial={"status": "active"})
    return form_page(
        request,
        form,
        lambda clean: make_provider(values=_values(clean), actor=request.actor),
        allowed=policy.may_keep_provider(request.actor),
        title=_("New provider"),
        done=lambda row: (_address(row.pk), _("%(name)s was added.") % {"name": row.name}),
        back=reverse("network:providers"),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def edit_provider(request: PersonRequest, provider_id: int) -> HttpResponse:
    """Change the data of a provider."""
    provider = provider_or_404(request, provider_id)
    form = ProviderForm(
        request.POST or None,
        sees_account=policy.may_see_account(request.actor),
        initial=values_of(provider, ProviderForm),
    )
    return form_page(
        request,
        form,
        lambda clean: change_provider(provider_id, values=_values(clean), actor=request.actor, seen_at=seen_at(clean)),
        allowed=policy.may_keep_provider(request.actor),
        title=_("Change %(name)s") % {"name": provider.name},
        done=lambda _row: (_address(provider_id), _("Saved.")),
        back=_address(provider_id),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def new_document(request: PersonRequest, of: str, holder_id: int) -> HttpResponse:
    """Keep a paper of a provider, an outlet or an engineer."""
    address, name, allowed = _holder(request, of, holder_id)
    holder: dict[str, int] = {f"{of}_id": holder_id}
    return form_page(
        request,
        NewDocumentForm(request.POST or None, of=of),
        lambda clean: keep_document(values=clean, actor=request.actor, **holder),
        allowed=allowed,
        title=_("New document of %(name)s") % {"name": name},
        done=lambda _row: (address, _("The document was added.")),
        back=address,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def renew(request: PersonRequest, document_id: int) -> HttpResponse:
    """Note the new days of a paper."""
    document = _document(document_id)
    address, name, allowed = _holder(request, *_holder_of(document))
    return form_page(
        request,
        RenewalForm(request.POST or None, initial={"number": document.number}),
        lambda clean: renew_document(document_id, actor=request.actor, **clean),
        allowed=allowed,
        title=_("Renew a document of %(name)s") % {"name": name},
        done=lambda _row: (address, _("The document was renewed.")),
        back=address,
    )


@require_POST
@signed_in
def put_away(request: PersonRequest, document_id: int) -> HttpResponse:
    """Let a paper no longer count."""
    address, _name, _allowed = _holder(request, *_holder_of(_document(document_id)))
    return acted(
        request,
        lambda: put_document_away(document_id, actor=request.actor),
        address,
        _("The document was put away."),
    )


def _document(document_id: int) -> Document:
    found = Document.objects.filter(pk=document_id).first()
    if found is None:
        raise NotFound
    return found


def _holder_of(document: Document) -> tuple[str, int]:
    if document.outlet_id is not None:
        return "outlet", document.outlet_id
    if document.engineer_id is not None:
        return "engineer", document.engineer_id
    return "provider", document.provider_id or 0


def _holder(request: PersonRequest, of: str, holder_id: int) -> tuple[str, str, bool]:
    """Return the page of a holder, its name, and whether the person may keep its papers. Raises NotFound."""
    if of == "outlet":
        outlet = outlet_or_404(request, holder_id)
        allowed = policy.may_keep_outlet(request.actor, outlet.unit)
        return reverse("network:outlet", args=[holder_id]), outlet.unit.name, allowed
    if of == "engineer":
        engineer = engineer_or_404(request, holder_id)
        allowed = policy.may_keep_engineer(request.actor, engineer)
        return reverse("network:engineer", args=[holder_id]), engineer.staff.name, allowed
    provider = provider_or_404(request, holder_id)
    return _address(holder_id), provider.name, policy.may_keep_provider(request.actor)


def _values(clean: dict[str, Any]) -> dict[str, Any]:
    return {**field_values(clean), "code": clean["code"], "name": clean["name"]}


def _address(provider_id: int) -> str:
    return reverse("network:provider", args=[provider_id])
