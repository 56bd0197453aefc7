"""What a person has in hand."""

from jieli.cases.models import Case


def open_cases_of(staff_id: int) -> list[str]:
    """Return the open cases of a person as "number subject", at most 200, the most urgent first."""
    cases = Case.objects.open().owned_by(staff_id).order_by("next_due_at", "id").only("id", "subject")[:200]
    return [f"{case.number} {case.subject}" for case in cases]
