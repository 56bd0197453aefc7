"""Reminding people of what ends: papers, contracts and licences before their last day, appeals that nobody decided in time."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.network import notices
from jieli.network.models import Engineer, LicenceAppeal, Provider, Reminder
from jieli.network.policy import may_remind
from jieli.network.queries.endings import BATCH, Ending, ending_of, endings_to_remind
from jieli.network.queries.recipients import judges_over, keepers_over
from jieli.notify.actions import Telling, tell_all
from jieli.people.models import Staff
from jieli.people.queries import company_zone, local_date

_KINDS = {
    Reminder.About.DOCUMENT: notices.DOCUMENT_ENDS,
    Reminder.About.OUTLET_CONTRACT: notices.CONTRACT_ENDS,
    Reminder.About.PROVIDER_CONTRACT: notices.CONTRACT_ENDS,
    Reminder.About.LICENCE: notices.LICENCE_ENDS,
}


def sweep() -> int:
    """Remind of everything that is due, each in a transaction of its own; return how many. Once however many sweep."""
    done = 0
    for about, pk, days_before in endings_to_remind():
        done += remind_of_ending(about, pk, days_before=days_before, actor=SYSTEM) is not None
    late = LicenceAppeal.objects.filter(decided_at__isnull=True, decide_until__lt=clock.now())
    known = Reminder.objects.filter(about=Reminder.About.APPEAL).values("about_id")
    for pk in late.exclude(pk__in=known).order_by("decide_until").values_list("pk", flat=True)[:BATCH]:
        done += remind_of_appeal(pk, actor=SYSTEM) is not None
    return done


@transaction.atomic
def remind_of_ending(about: str, about_id: int, *, days_before: int, actor: Actor) -> Reminder | None:
    """Tell the leader of the outlet, the engineer whose paper it is, and who keeps the network, of a last day.

    None when it was told already or no longer counts. Raises NotAllowed.
    """
    require(may_remind(actor))
    ending = ending_of(about, about_id)
    if ending is None:
        return None
    people = Staff.objects.active().filter(pk__in=_concerned(ending)).order_by("pk")
    tellings = []
    for person in people:
        with translation.override(person.language):
            params = {
                "name": ending.whose,
                "document": ending.words,
                "day": ending.last_day.isoformat(),
                "link": ending.link,
            }
        tellings.append(Telling(person.pk, _KINDS[Reminder.About(about)], params=params))
    row = Reminder(about=about, about_id=about_id, last_day=ending.last_day, days_before=days_before)
    return _told(row, tellings, actor)


def _concerned(ending: Ending) -> set[int]:
    told = set(keepers_over(ending.unit))
    if isinstance(ending.holder, Engineer):
        told.add(ending.holder.pk)
    if not isinstance(ending.holder, Provider) and ending.unit.leader_id is not None:
        told.add(ending.unit.leader_id)
    return told


@transaction.atomic
def remind_of_appeal(appeal_id: int, *, actor: Actor) -> Reminder | None:
    """Tell those who may decide an appeal that its time is over; None when it was told or decided. Raises NotAllowed."""
    require(may_remind(actor))
    found = LicenceAppeal.objects.filter(pk=appeal_id, decided_at__isnull=True, decide_until__lt=clock.now())
    appeal = found.select_related("posting__engineer__staff__unit", "posting__engineer__outlet__unit").first()
    if appeal is None:
        return None
    last_day = local_date(appeal.decide_until)
    row = Reminder(about=Reminder.About.APPEAL, about_id=appeal_id, last_day=last_day, days_before=0)
    return _told(row, appeal_tellings(appeal, notices.APPEAL_OVERDUE), actor)


def appeal_tellings(appeal: LicenceAppeal, kind: str) -> list[Telling]:
    """Return the notices for those who may decide an appeal, leading to the page where they do."""
    posting, engineer = appeal.posting, appeal.posting.engineer
    concerned = {engineer.pk, appeal.by_id, posting.by_id if posting.by_kind == "staff" else None}
    params: Mapping[str, Any] = {
        "name": engineer.staff.name,
        "until": f"{appeal.decide_until.astimezone(company_zone()):%Y-%m-%d %H:%M}",
        "link": reverse("network:decide_appeal", args=[appeal.pk]),
    }
    told: Collection[int] = judges_over(engineer, concerned={one for one in concerned if one is not None})
    return [Telling(staff_id, kind, posting.case_id, params) for staff_id in told]


def _told(row: Reminder, tellings: list[Telling], actor: Actor) -> Reminder | None:
    """Keep a reminder and tell; the unique row has the last word about whether it was told."""
    row.told = len(tellings)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "network_reminded_once" not in str(error):
            raise
        return None
    tell_all(tellings, actor=actor)
    return row
