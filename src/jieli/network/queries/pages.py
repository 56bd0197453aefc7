"""What the pages of the network show: lists by keyset, records, the ledger of a licence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.events.facts import fact_class
from jieli.events.models import Event
from jieli.lib import clock
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.network.events import LicencePosted
from jieli.network.models import Document, Engineer, LicenceAppeal, LicencePosting, Outlet, OutletArea, Provider, Skill
from jieli.network.policy import visible_engineers, visible_outlets
from jieli.network.queries.standing import is_annulled, ledger, standings
from jieli.network.rules.areas import polygons_of
from jieli.network.rules.licence import BEGINNINGS, Standing
from jieli.network.rules.maps import AreaMap, area_map
from jieli.people.models import Staff
from jieli.people.queries import local_date
from jieli.policies.product_lines import product_words
from jieli.policies.queries import current

PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list: its rows and the cursor of the next page, empty at the end."""

    rows: list[Any]
    next: str


def outlet_page(actor: Actor, *, filters: dict[str, str], after: str = "") -> Listed:
    """Return visible outlets by code, each with `engineer_count`. One query. Raises ValueError for a made-up cursor."""
    rows: QuerySet[Outlet] = Outlet.objects.filter(visible_outlets(actor)).select_related("unit__leader", "provider")
    rows = _matching(rows, filters)
    engineers = Engineer.objects.working().filter(outlet=OuterRef("pk")).order_by().values("outlet")
    rows = rows.annotate(
        engineer_count=Coalesce(Subquery(engineers.annotate(number=Count("pk")).values("number")), 0), code=F("unit__code")
    )
    return _page(rows, after, "network outlets")


def _matching(rows: QuerySet[Outlet], filters: dict[str, str]) -> QuerySet[Outlet]:
    if filters.get("q"):
        rows = rows.filter(Q(unit__name__icontains=filters["q"]) | Q(unit__code__icontains=filters["q"]))
    for name in ("tier", "region", "status"):
        if filters.get(name):
            rows = rows.filter(**{name: filters[name]})
    if filters.get("product_line"):
        rows = rows.filter(Q(product_lines=[]) | Q(product_lines__contains=[filters["product_line"]]))
    return rows


def regions() -> list[str]:
    """Return the regions that outlets have. One query."""
    return list(Outlet.objects.exclude(region="").order_by("region").values_list("region", flat=True).distinct())


def product_lines() -> list[str]:
    """Return the product lines that outlets serve or engineers know. Two queries."""
    of_outlets = {line for lines in Outlet.objects.values_list("product_lines", flat=True).distinct() for line in lines}
    of_engineers = set(Engineer.objects.order_by().values_list("skills__product_line", flat=True).distinct())
    return sorted(line for line in of_outlets | of_engineers if line)


def engineer_page(actor: Actor, *, filters: dict[str, str], after: str = "") -> Listed:
    """Return visible engineers by code with their standing. Two queries. Raises ValueError for a made-up cursor."""
    seen: QuerySet[Engineer] = Engineer.objects.filter(visible_engineers(actor))
    rows = seen.select_related("staff", "outlet__unit").prefetch_related("skills")
    if filters.get("q"):
        rows = rows.filter(Q(staff__name__icontains=filters["q"]) | Q(staff__code__icontains=filters["q"]))
    if filters.get("outlet", "").isdigit():
        rows = rows.filter(outlet=int(filters["outlet"]))
    if filters.get("level"):
        rows = rows.filter(level=filters["level"])
    if filters.get("product_line"):
        rows = rows.filter(skills__product_line=filters["product_line"])
    points = current("licence").data.warning.at_points
    match filters.get("standing"):
        case "revoked":
            rows = rows.filter(points=0)
        case "warning":
            rows = rows.filter(points__gt=0, points__lte=points)
        case "good":
            rows = rows.filter(points__gt=points)
        case "expired":
            rows = rows.filter(licence_expires_on__lt=local_date(clock.now()))
        case _:
            pass
    page = _page(rows.annotate(code=F("staff__code")), after, "network engineers")
    stand = standings(page.rows)
    return Listed([(engineer, stand[engineer.pk]) for engineer in page.rows], page.next)


def provider_page(*, text: str = "", after: str = "") -> Listed:
    """Return providers by code with the number of their outlets. One query. Raises ValueError for a made-up cursor."""
    rows: QuerySet[Provider] = Provider.objects.annotate(outlet_count=Count("outlets"))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(code__icontains=text))
    return _page(rows, after, "network providers")


def _page(rows: QuerySet[Any], after: str, scope: str) -> Listed:
    if after:
        (code,) = decode_cursor(after, scope=scope)
        rows = rows.filter(code__gt=code)
    found = list(rows.order_by("code")[: PAGE + 1])
    shown = found[:PAGE]
    return Listed(shown, encode_cursor([shown[-1].code], scope=scope) if len(found) > PAGE else "")


def visible_outlet(actor: Actor, outlet_id: int) -> Outlet | None:
    """Return an outlet that the actor sees, with unit, leader and provider. One query."""
    rows = Outlet.objects.filter(visible_outlets(actor), pk=outlet_id)
    return rows.select_related("unit__leader", "unit__parent", "provider").first()


def visible_engineer(actor: Actor, engineer_id: int) -> Engineer | None:
    """Return an engineer that the actor sees, with person, outlet and coach. One query."""
    rows = Engineer.objects.filter(visible_engineers(actor), pk=engineer_id)
    return rows.select_related("staff__unit", "outlet__unit__leader", "outlet__provider", "coach").first()


def engineers_of(outlet: Outlet) -> list[tuple[Engineer, Standing]]:
    """Return the engineers who work at an outlet with their standing, by code. Three queries."""
    rows = list(
        Engineer.objects.working()
        .filter(outlet=outlet)
        .select_related("staff", "outlet__unit")
        .prefetch_related("skills")
        .order_by("staff__code")
    )
    stand = standings(rows)
    return [(engineer, stand[engineer.pk]) for engineer in rows]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document with its name, and whether its days are over or soon will be."""

    document: Document
    name: str
    state: str

    @property
    def is_over(self) -> bool:
        """Tell whether its last day is over."""
        return self.state == "expired"


def papers_of(**holder: Any) -> list[Paper]:
    """Return the documents of a `provider`, `outlet` or `engineer` that count, those that end first first. One query."""
    rows = Document.objects.current().filter(**holder).order_by(F("expires_on").asc(nulls_last=True), "pk")
    return [_paper(row, local_date(clock.now())) for row in rows]


def _paper(document: Document, today: date) -> Paper:
    policy = current("network").data
    kind = policy.document(document.kind)
    state = "valid"
    if document.expires_on is not None and document.expires_on < today:
        state = "expired"
    elif document.expires_on is not None and document.expires_on <= today + timedelta(days=policy.remind_days):
        state = "soon"
    return Paper(document, kind.label.in_language(get_language() or "") if kind else document.kind, state)


def map_of(outlet: Outlet, areas: Iterable[OutletArea]) -> AreaMap | None:
    """Return the picture of an outlet's areas; without any its circle. No query."""
    areas = list(areas)
    polygons = [polygon for area in areas if area.polygon is not None for polygon in polygons_of(area.polygon)]
    place = None
    if outlet.latitude is not None and outlet.longitude is not None:
        place = (float(outlet.latitude), float(outlet.longitude))
    radius = None
    if not areas:
        radius = float(current("network").data.service_radius_km if outlet.radius_km is None else outlet.radius_km)
    return area_map(polygons, place=place, radius_km=radius)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A posting as its page shows it: whether it counts, its appeal, whether an appeal may still come."""

    posting: LicencePosting
    appeal: LicenceAppeal | None
    is_annulled: bool
    is_beginning: bool
    is_appealable: bool
    is_visible_case: bool


def ledger_lines(engineer: Engineer, actor: Actor) -> list[LedgerLine]:
    """Return the ledger, newest first. Two queries; cases that the actor does not see have no link."""
    last = clock.now() - timedelta(days=current("licence").data.appeals.within_days)
    rows = ledger(engineer)
    ids = [one.case_id for one in rows if one.case_id is not None]
    seen = set(Case.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [
        LedgerLine(
            one,
            appeal := getattr(one, "appeal", None),
            is_annulled(one),
            one.kind in BEGINNINGS,
            appeal is None and one.kind not in BEGINNINGS and one.at >= last,
            one.case_id in seen,
        )
        for one in reversed(rows)
    ]


def open_appeals(actor: Actor) -> list[LicenceAppeal]:
    """Return the appeals that wait for a decision, the most urgent first, of engineers that the actor sees. One query."""
    rows = LicenceAppeal.objects.filter(
        decided_at__isnull=True, posting__engineer__in=Engineer.objects.filter(visible_engineers(actor)).values("pk")
    )
    return list(rows.select_related("posting__engineer__staff", "posting__case").order_by("decide_until", "pk")[:500])


def appeal_to_see(actor: Actor, appeal_id: int) -> LicenceAppeal | None:
    """Return an appeal of an engineer that the actor sees. One query."""
    rows = LicenceAppeal.objects.filter(
        pk=appeal_id, posting__engineer__in=Engineer.objects.filter(visible_engineers(actor)).values("pk")
    )
    return rows.select_related("posting__engineer__staff", "posting__case").first()


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One fact in people's words."""

    at: datetime
    text: str
    who: str
    icon: str
    tone: str


def history(stream: str, stream_id: int, *, limit: int = 30) -> list[HistoryEntry]:
    """Return what the network recorded about a unit or a person, newest first. Three queries."""
    events = list(
        Event.objects.filter(stream=stream, stream_id=stream_id, type__startswith="network.")
        .order_by("-sequence")
        .prefetch_related("texts")[:limit]
    )
    ids = {event.actor_id for event in events if event.actor_kind == "staff"}
    ids |= {event.data.get("coach_id") for event in events}
    names = dict(Staff.objects.filter(pk__in=[one for one in ids if one is not None]).values_list("pk", "name"))
    return [_entry(event, names) for event in events]


def _entry(event: Event, names: dict[int, str]) -> HistoryEntry:
    fact = fact_class(event.type)
    who = names.get(event.actor_id or 0) or (_("import") if event.actor_kind == "import" else _("the system"))
    if fact is None:
        return HistoryEntry(event.at, event.type, who, "point", "grey")
    values: dict[str, Any] = dict.fromkeys(fact.__dataclass_fields__, "–")  # type: ignore[attr-defined]
    values |= event.data
    values |= {text.field: text.body or _("(erased)") for text in event.texts.all()}
    for name, words in fact.words.items():
        values[name] = words().get(str(values.get(name)), values.get(name))
    if "coach_id" in values:
        values["coach_id"] = names.get(values["coach_id"], "–")
    if "fields" in values:
        values["fields"] = _(", ").join(_field_words(event.type, name) for name in str(values["fields"]).split(", "))
    if "summary" in values:
        values["summary"] = _(", ").join(_made_words(event.data.get("values") or {}))
    if "product_line" in values:
        values["product_line"] = product_words(str(values["product_line"]))
        values["level"] = dict(Skill.Level.choices).get(int(values.get("level") or 0), "–")
    if isinstance(values.get("points"), int) and event.type == LicencePosted.type:
        values["points"] = f"{values['points']:+d}"
    icon, tone = fact.icon
    return HistoryEntry(event.at, str(fact.sentence) % values, who, icon, tone)


def _made_words(made: dict[str, Any]) -> list[str]:
    """Return the type, tier and region that an outlet began with."""
    types, tiers = dict(Outlet.Type.choices), dict(Outlet.Tier.choices)
    words = [types.get(made.get("type", "")), tiers.get(made.get("tier", "")), made.get("region")]
    return [str(one) for one in words if one]


def _field_words(type_: str, name: str) -> str:
    model = Engineer if type_.startswith("network.engineer") else Outlet if type_.startswith("network.outlet") else Provider
    try:
        return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except LookupError:
        return name
