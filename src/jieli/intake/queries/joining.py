"""Whether a need is one that came in before (spec 2, Dedup)."""

from datetime import timedelta

from jieli.cases.models import Case, Message
from jieli.lib import clock
from jieli.lib.text import similarity
from jieli.policies.queries import current


def joinable_case(*, customer_id: int, kind: str, device_id: int | None, subject: str) -> Case | None:
    """Return the newest open case of this contact and kind about the same device or nearly the same words, or None.

    Only cases of the policy's hours count. A complaint never joins a repair: it has promises of its own. One query.
    """
    policy = current("numbers").data.dedup
    since = clock.now() - timedelta(hours=policy.hours)
    found = Case.objects.open().filter(customer_id=customer_id, kind=kind, opened_at__gte=since).order_by("-id")[:50]
    for case in found:
        same_device = device_id is not None and case.device_id == device_id
        if same_device or similarity(case.subject, subject) >= float(policy.similarity):
            return case
    return None


def case_of_message(channel: str, source_id: str) -> Case | None:
    """Return the case to which a message of this source already belongs, or None. One query."""
    message = Message.objects.select_related("case").filter(channel=channel, source_id=source_id).first()
    return message.case if message else None
