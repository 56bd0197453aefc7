"""Who stands in for whom, asked before somebody goes: no open case may be left with nobody (spec 1, Deputies)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Refused
from jieli.people import orphans, queries
from jieli.people.models import Staff

# As far ahead as absences are looked at when a deputy goes.
HORIZON = timedelta(days=366)


class AbsenceOrphansCases(Refused):
    """Open cases would have nobody; `orphans` names them."""

    code = "absence_orphans_cases"
    message = _("Open cases would have nobody. Name a deputy who is present first.")

    def __init__(self, gaps: Mapping[Staff, tuple[datetime, Sequence[str]]]) -> None:
        self.orphans = [name for _at, names in gaps.values() for name in names]
        lines = [
            _("From %(at)s nobody stands in for %(name)s, who owns %(count)s open cases: %(cases)s.")
            % {
                "at": date_format(at.astimezone(queries.company_zone()), "Y-m-d H:i"),
                "name": staff.name,
                "count": len(names),
                "cases": ", ".join(names[:20]),
            }
            for staff, (at, names) in gaps.items()
        ]
        super().__init__(" ".join([*map(str, lines), str(_("Name a deputy who is present then."))]))


def queue_behind_others() -> None:
    """Let one plan change at a time: A and B may each be away while the other stands in, but not both at once."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('people.absences'))")


def require_covered(gaps: Mapping[int, datetime]) -> None:
    """Raise AbsenceOrphansCases when somebody with open cases would have nobody present."""
    held = {staff_id: (at, names) for staff_id, at in sorted(gaps.items()) if (names := orphans.owned_by(staff_id))}
    if held:
        people = Staff.objects.in_bulk(held)
        raise AbsenceOrphansCases({people[staff_id]: found for staff_id, found in held.items()})
