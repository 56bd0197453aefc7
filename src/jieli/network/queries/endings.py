"""What ends soon in the network: documents, contracts and licences, for a list and for reminders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import get_language, pgettext

from jieli.events.actor import SYSTEM, Actor
from jieli.lib import clock
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.network.models import Document, Engineer, Outlet, Provider, Reminder
from jieli.network.policy import may_see_providers, visible_engineers, visible_outlets
from jieli.people.models import Unit
from jieli.people.queries import local_date, root_unit
from jieli.policies.queries import current

PAGE = 50
BEHIND_DAYS = 30
"""What ended longer ago is on the list, and nobody is reminded of it any more."""
BATCH = 200

Holder = Provider | Outlet | Engineer
About = Reminder.About


@dataclass(frozen=True, slots=True)
class Ending:
    """One thing with a last day: whose it is, and the document when it is one."""

    about: str
    pk: int
    last_day: date
    holder: Holder
    document: Document | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether the last day is over."""
        return self.last_day < local_date(clock.now())

    @property
    def words(self) -> str:
        """Return what ends."""
        if self.document is None:
            is_licence = self.about == About.LICENCE
            return pgettext("what ends", "licence") if is_licence else pgettext("what ends", "contract")
        kind = current("network").data.document(self.document.kind)
        return kind.label.in_language(get_language() or "") if kind else self.document.kind

    @property
    def number(self) -> str:
        """Return its number, empty without one."""
        if self.document is not None:
            return self.document.number
        return self.holder.licence_number if isinstance(self.holder, Engineer) else self.holder.contract_number

    @property
    def whose(self) -> str:
        """Return the name of who has it."""
        if isinstance(self.holder, Engineer):
            return self.holder.staff.name
        return self.holder.unit.name if isinstance(self.holder, Outlet) else self.holder.name

    @property
    def link(self) -> str:
        """Return the page on which it is renewed."""
        name = type(self.holder).__name__.lower()
        return reverse(f"network:{name}", args=[self.holder.pk])

    @property
    def stops_work(self) -> bool:
        """Tell whether orders stop when it is over."""
        return self.about != About.PROVIDER_CONTRACT if self.document is None else self.document.blocks

    @property
    def unit(self) -> Unit:
        """Return the unit to which it belongs; the papers of a provider belong to the company."""
        if isinstance(self.holder, Outlet):
            return self.holder.unit
        if isinstance(self.holder, Engineer):
            return self.holder.outlet.unit if self.holder.outlet is not None else self.holder.staff.unit
        return root_unit()


def _sources(actor: Actor) -> Iterator[tuple[str, QuerySet[Any], str]]:
    """Give what an actor sees of each kind that ends: the code, the rows, the column of the last day."""
    outlets = Outlet.objects.working().filter(visible_outlets(actor))
    engineers = Engineer.objects.working().filter(visible_engineers(actor))
    providers = Provider.objects.filter(status=Provider.Status.ACTIVE)
    providers = providers if may_see_providers(actor) else providers.none()
    held = Q(outlet__in=outlets.values("pk")) | Q(engineer__in=engineers.values("pk")) | Q(provider__in=providers.values("pk"))
    documents = Document.objects.current().filter(held)
    about = ("provider", "outlet__unit", "engineer__staff__unit", "engineer__outlet__unit")
    yield About.DOCUMENT, documents.select_related(*about), "expires_on"
    yield About.LICENCE, engineers.select_related("staff__unit", "outlet__unit"), "licence_expires_on"
    yield About.OUTLET_CONTRACT, outlets.select_related("unit"), "contract_until"
    yield About.PROVIDER_CONTRACT, providers, "contract_until"


def _ending(about: str, row: Any, column: str) -> Ending:
    if isinstance(row, Document):
        holder = row.outlet or row.engineer or row.provider
        assert holder is not None
        return Ending(about, row.pk, getattr(row, column), holder, row)
    return Ending(about, row.pk, getattr(row, column), row)


@dataclass(frozen=True, slots=True)
class EndingsPage:
    """A page of what ends, and the cursor of the next, empty at the end."""

    rows: list[Ending]
    next: str


def endings_page(actor: Actor, *, after: str = "") -> EndingsPage:
    """Return what an actor sees of what ended or ends within the days of the policy, the earliest first.

    Four queries. Raises ValueError for a made-up cursor.
    """
    scope = "network endings"
    until = local_date(clock.now()) + timedelta(days=current("network").data.remind_days)
    seen = decode_cursor(after, scope=scope) if after else None
    found: list[Ending] = []
    for about, rows, column in _sources(actor):
        mine = rows.filter(**{f"{column}__lte": until}).annotate(
            ends=F(column), about=Value(str(about), output_field=CharField())
        )
        if seen is not None:
            day, code, pk = date.fromisoformat(str(seen[0])), str(seen[1]), int(str(seen[2]))
            later = Q(ends__gt=day)
            if about > code:
                later |= Q(ends=day)
            elif about == code:
                later |= Q(ends=day, pk__gt=pk)
            mine = mine.filter(later)
        found += [_ending(about, row, column) for row in mine.order_by("ends", "pk")[: PAGE + 1]]
    found.sort(key=lambda one: (one.last_day, one.about, one.pk))
    shown = found[:PAGE]
    if len(found) <= PAGE:
        return EndingsPage(shown, "")
    last = shown[-1]
    return EndingsPage(shown, encode_cursor([last.last_day.isoformat(), str(last.about), last.pk], scope=scope))


def endings_to_remind() -> list[tuple[str, int, int]]:
    """Return what people must be reminded of now as (what, key, days before), at most `BATCH`; what was told is left out.

    Of several reminders that were missed only the latest is due. A query per kind and reminder.
    """
    today, days = local_date(clock.now()), current("network").data.reminders
    found: list[tuple[str, int, int]] = []
    for about, rows, column in _sources(SYSTEM):
        for place, before in enumerate(days):
            following = days[place + 1] if place + 1 < len(days) else -BEHIND_DAYS
            told = Reminder.objects.filter(
                about=about, about_id=OuterRef("pk"), last_day=OuterRef(column), days_before__lte=before
            )
            between = {
                f"{column}__lte": today + timedelta(days=before),
                f"{column}__gt": today + timedelta(days=following),
            }
            due = rows.filter(~Exists(told), **between).order_by(column, "pk")
            found += [(str(about), pk, before) for pk in due.values_list("pk", flat=True)[:BATCH]]
    return found[:BATCH]


def ending_of(about: str, pk: int) -> Ending | None:
    """Return one thing that ends, None when it no longer counts or has no last day. One query."""
    for code, rows, column in _sources(SYSTEM):
        if code == about:
            row = rows.filter(pk=pk, **{f"{column}__isnull": False}).first()
            return _ending(code, row, column) if row is not None else None
    return None
