"""The lists that people keep."""

from jieli.cases.models import SavedView
from jieli.people.models import Staff


def saved_views(staff: Staff) -> list[SavedView]:
    """Return the lists a person keeps, and those which others share with his unit or one above it. One query."""
    ids = [int(part) for part in staff.unit.path.split("/") if part]
    found = SavedView.objects.filter(staff=staff) | SavedView.objects.filter(unit_id__in=ids)
    return list(found.select_related("staff").order_by("name", "pk")[:50])
