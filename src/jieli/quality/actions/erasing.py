"""What a certified erasure of a customer blanks in quality (spec 1, Erasure)."""

from jieli.cases.models import Case
from jieli.quality.models import Attempt, CallBack, Recovery, Spending

ERASED = "—"


def erase_quality_of_customer(customer_id: int, certificate_id: int) -> int:
    """Blank the words of a customer's call-backs and recoveries inside the transaction of the erasure; return how many rows.

    Results, times and amounts stay; the texts of the events are erased with their cases.
    """
    cases = Case.objects.filter(customer_id=customer_id).values("pk")
    callbacks = CallBack.objects.filter(case__in=cases)
    Attempt.objects.filter(callback__in=callbacks.values("pk")).update(note="")
    Spending.objects.filter(recovery__case__in=cases).update(purpose=ERASED)
    blanked = Recovery.objects.filter(case__in=cases).update(restored="", personal="")
    return blanked + callbacks.update(story="", what="", wish="", excuse="")
