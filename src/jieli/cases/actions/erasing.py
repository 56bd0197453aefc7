"""What a certified erasure of a customer blanks in cases (spec 1, Erasure)."""

from jieli.cases.events import CaseErased
from jieli.cases.models import Case, Message, Pass
from jieli.events.actions import record_many
from jieli.events.actor import SYSTEM
from jieli.events.erasing import erase_texts
from jieli.files.actions import erase_evidence_of_cases
from jieli.lib import clock
from jieli.notify.actions import erase_of_cases

ERASED = "—"


def erase_cases_of_customer(customer_id: int, certificate_id: int) -> int:
    """Blank every word and picture of a customer's cases inside the transaction of the erasure; return how many cases.

    Who had the case, what was promised and when, and all digests stay, so that chains and figures remain verifiable.
    """
    case_ids = list(
        Case.objects.filter(customer_id=customer_id).order_by("id").select_for_update().values_list("pk", flat=True)
    )
    if not case_ids:
        return 0
    now = clock.now()
    record_many([CaseErased(case_id=case_id, certificate_id=certificate_id) for case_id in case_ids], actor=SYSTEM)
    erase_texts(("case", case_id) for case_id in case_ids)
    Message.objects.filter(case_id__in=case_ids, erased_at__isnull=True).update(body="", key=None, erased_at=now)
    passes = Pass.objects.filter(case_id__in=case_ids)
    passes.update(done="", next="", promised="", decision_text="")
    passes.exclude(proposal=None).update(proposal={})
    passes.exclude(restatement="").update(restatement=ERASED)
    passes.exclude(reason="").update(reason=ERASED)
    Case.objects.filter(pk__in=case_ids).update(
        subject="",
        description="",
        address="",
        latitude=None,
        longitude=None,
        custom={},
        tags=[],
        erased_at=now,
    )
    erase_of_cases(case_ids, actor=SYSTEM)
    erase_evidence_of_cases(case_ids, certificate_id=certificate_id, actor=SYSTEM)
    return len(case_ids)
