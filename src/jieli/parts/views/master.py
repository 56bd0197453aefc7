"""The part master: search, one part and where it lies, changing it."""

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jieli.lib.keyset import encode_cursor
from jieli.parts.actions.master import save_part
from jieli.parts.forms import PartFilter, PartForm
from jieli.parts.models import Part
from jieli.parts.policy import may_keep_master
from jieli.parts.queries.stock import part_page, places_of, totals_of
from jieli.parts.views.requests import PartsRequest, cursor_of, for_parts, require_right

_SCOPE = "parts"


@for_parts
@require_safe
def part_list(request: PartsRequest) -> HttpResponseBase:
    """The part master, by code, with how many there are in the places one sees."""
    form = PartFilter(request.GET)
    clean = form.cleaned_data if form.is_valid() else {}
    after = cursor_of(request, _SCOPE)
    rows, further = part_page(
        q=clean.get("q", ""), product_line=clean.get("product_line", ""), after=str(after[0]) if after else ""
    )
    totals = totals_of(rows, request.actor)
    context = {
        "rows": [(part, totals.get(part.pk, 0)) for part in rows],
        "next_cursor": encode_cursor([further], scope=_SCOPE) if further else "",
        "filter_form": form,
        "is_filtered": any(clean.values()),
        "may_keep": may_keep_master(request.actor),
    }
    return render(request, "parts/list.html", context)


@for_parts
@require_safe
def part_detail(request: PartsRequest, part_id: int) -> HttpResponseBase:
    """One part: what it fits, what stands in for it, where it lies."""
    part = get_object_or_404(Part, pk=part_id)
    context = {
        "part": part,
        "fits": list(part.fits.order_by("product_line", "model")[:200]),
        "substitutes": list(part.substitutes.select_related("substitute").order_by("substitute__code")),
        "stands_in_for": list(part.stands_in_for.select_related("part").order_by("part__code")),
        "balances": places_of(part, request.actor),
        "may_keep": may_keep_master(request.actor),
    }
    return render(request, "parts/part.html", context)


@for_parts
@require_http_methods(["GET", "POST"])
def edit_part(request: PartsRequest, part_id: int | None = None) -> HttpResponseBase:
    """Add a part to the master, or change it."""
    require_right(may_keep_master(request.actor))
    part = get_object_or_404(Part, pk=part_id) if part_id is not None else None
    form = PartForm(request.POST or None, initial=_initial(part) if part is not None else None)
    if part is not None:
        form.fields["code"].widget.attrs["readonly"] = True
    if request.method == "POST":
        saved = form.attempt(lambda clean: save_part(**(clean | ({"code": part.code} if part else {})), actor=request.actor))
        if saved is not None:
            return redirect("parts:part", saved.pk)
    title = _("Change %(name)s") % {"name": part} if part is not None else _("New part")
    back = redirect("parts:part", part.pk).url if part is not None else redirect("parts:list").url
    context = {"form": form, "title": title, "back": back}
    return render(request, "parts/form.html", context, status=422 if request.method == "POST" else 200)


def _initial(part: Part) -> dict[str, object]:
    fits = part.fits.order_by("product_line", "model").values_list("product_line", "model")
    return {
        "code": part.code,
        "name": part.name,
        "name_en": part.name_en,
        "kind": part.kind,
        "price_amount": part.price_amount,
        "warranty_code": part.warranty_code,
        "is_returnable": part.is_returnable,
        "is_active": part.is_active,
        "fits": "\n".join(f"{line} {model}".strip() for line, model in fits),
        "substitutes": " ".join(part.substitutes.order_by("substitute__code").values_list("substitute__code", flat=True)),
    }
