"""What visits hold of a customer, blanked by a certified erasure; times, codes and digests stay."""

from jieli.cases.models import Case
from jieli.lib import clock
from jieli.visits.models import FieldEntry, Information, Signature, StepRecord, VisitOrder


def erase_visits(customer_id: int, certificate_id: int) -> int:
    """Blank texts and signatures of a customer's visits and return how many rows that were; inside an erasure alone."""
    cases = Case.objects.filter(customer_id=customer_id).values("pk")
    return (
        FieldEntry.objects.filter(case__in=cases).update(data={}, message="", fields={})
        + Signature.objects.filter(visit__case__in=cases).update(strokes=[], name="", comment="", erased_at=clock.now())
        + StepRecord.objects.filter(visit__case__in=cases).update(records={}, note="")
        + VisitOrder.objects.filter(visit__case__in=cases).update(note="")
        + Information.objects.filter(case__in=cases).update(text="")
    )
