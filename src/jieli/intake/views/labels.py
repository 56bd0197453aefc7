"""Labels of devices to be printed: their code opens the portal with the serial number filled in."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from jieli.customers.policy import may_see_customers
from jieli.customers.queries import labelled_serials
from jieli.events.actor import Actor
from jieli.intake.label_forms import LabelForm
from jieli.intake.queries.labels import DeviceLabel, device_labels
from jieli.intake.rules.serials import MOST


@login_required
@require_http_methods(["GET", "POST"])
def device_label_sheet(request: HttpRequest) -> HttpResponse:
    """Ask for serial numbers, or take those of a filter of devices, and show a sheet of labels."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not may_see_customers(actor):
        raise Http404
    found = _filtered(request, actor)
    typed = "\n".join(found) if request.method == "GET" else None
    form = LabelForm(request.POST) if typed is None else LabelForm({"serials": typed}) if typed else LabelForm()
    labels: list[DeviceLabel] = []
    if form.is_bound and form.is_valid():
        labels = device_labels(form.cleaned_data["serials"].serials, base=request.build_absolute_uri("/"))
    context = {"form": form, "labels": labels, "most": MOST, "is_cut": len(found) >= MOST}
    return render(request, "intake/device_labels.html", context, status=422 if form.errors else 200)


def _filtered(request: HttpRequest, actor: Actor) -> list[str]:
    """Return the serials of the devices that the list was narrowed to; none without a filter."""
    wanted = {name: request.GET.get(name, "").strip()[:80] for name in ("batch", "product_line", "serial")}
    return labelled_serials(actor, **wanted, most=MOST) if any(wanted.values()) else []
