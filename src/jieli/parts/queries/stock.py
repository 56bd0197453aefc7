"""What lies where: the stock of a place, of a van, of a part; who may be sent one."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from jieli.events.actor import Actor
from jieli.parts.models import Balance, Entry, Movement, Part, PartFit, Place, Reservation

PAGE = 50


@dataclass(frozen=True, slots=True)
class StockLine:
    """How many of a part a place has, and how many of them nobody has reserved."""

    part: Part
    quantity: int
    reserved: int

    @property
    def available(self) -> int:
        """Return how many nobody has reserved."""
        return self.quantity - self.reserved


def van_of(staff_id: int) -> Place | None:
    """Return the van of an engineer, if he has one."""
    return Place.objects.filter(kind=Place.Kind.VAN, staff_id=staff_id, is_active=True).first()


def van_stock(staff_id: int) -> list[StockLine]:
    """Return what is on an engineer's van, by code; nothing when he has none. One query."""
    return _lines(Balance.objects.filter(place__kind=Place.Kind.VAN, place__staff_id=staff_id, place__is_active=True))


def on_hand(place: Place | int) -> list[StockLine]:
    """Return what a place has, by code. One query."""
    return _lines(Balance.objects.filter(place=place))


def _lines(found: "Iterable[Balance]") -> list[StockLine]:
    rows = found.filter(quantity__gt=0).select_related("part").order_by("part__code")  # type: ignore[attr-defined]
    return [StockLine(one.part, one.quantity, one.reserved) for one in rows]


def parts_for(product_line: str, model: str = "") -> list[Part]:
    """Return the parts in use for a model (of a line when it is not known), those that stand in for them, and those for all.

    By code, each with its `fits`. Three queries.
    """
    fit = Q(product_line__iexact=product_line) if product_line else Q()
    if model:
        fit &= Q(model__in=["", model]) | Q(model__iexact=model)
    fitting = PartFit.objects.filter(fit).values("part")
    wanted = Q(pk__in=fitting) | Q(stands_in_for__part__in=fitting) | Q(fits__isnull=True)
    found = Part.objects.filter(pk__in=Part.objects.filter(wanted, is_active=True).values("pk"))
    return list(found.prefetch_related("fits").order_by("code"))


def totals_of(parts: Iterable[Part], actor: Actor) -> dict[int, int]:
    """Return how many of each part there are in all places that an actor sees."""
    seen = Place.objects.real().visible_to(actor).values("pk")
    found = Balance.objects.filter(part__in=[part.pk for part in parts], place__in=seen)
    return dict(found.values_list("part_id").annotate(total=Sum("quantity")))


def part_page(*, q: str = "", product_line: str = "", after: str = "") -> tuple[list[Part], str]:
    """Return a page of the master by code, with the code after which the next one begins."""
    found = Part.objects.all()
    if q.strip():
        word = q.strip()
        found = found.filter(Q(code__contains=word.upper()) | Q(name__icontains=word) | Q(name_en__icontains=word))
    if product_line:
        found = found.filter(pk__in=PartFit.objects.filter(product_line=product_line).values("part"))
    if after:
        found = found.filter(code__gt=after)
    rows = list(found.prefetch_related("fits").order_by("code")[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].code if len(rows) > PAGE else ""


def product_lines() -> list[str]:
    """Return the product lines for which there are parts."""
    return list(PartFit.objects.order_by("product_line").values_list("product_line", flat=True).distinct())


def places_of(part: Part, actor: Actor) -> list[Balance]:
    """Return where a part lies, of the places that an actor sees, the most first."""
    found = Balance.objects.filter(part=part, quantity__gt=0, place__in=Place.objects.real().visible_to(actor).values("pk"))
    return list(found.select_related("place", "place__unit").order_by("-quantity", "place__code")[:200])


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place with how many kinds of parts and how many pieces it has."""

    place: Place
    kinds: int
    pieces: int
    reserved: int


def place_page(actor: Actor, *, q: str = "", kind: str = "", after: str = "") -> tuple[list[PlaceRow], str]:
    """Return a page of places by code, with the code after which the next one begins. Two queries."""
    found = Place.objects.real().visible_to(actor).select_related("unit", "staff")
    if q.strip():
        found = found.filter(Q(code__icontains=q.strip()) | Q(name__icontains=q.strip()))
    if kind:
        found = found.filter(kind=kind)
    if after:
        found = found.filter(code__gt=after)
    rows = list(found.order_by("code")[: PAGE + 1])
    sums = {
        row["place_id"]: row
        for row in Balance.objects.filter(place__in=[one.pk for one in rows[:PAGE]], quantity__gt=0)
        .values("place_id")
        .annotate(pieces=Sum("quantity"), kept=Sum("reserved"), kinds=Count("part_id"))
    }
    nothing = {"kinds": 0, "pieces": 0, "kept": 0}
    shown = [
        PlaceRow(one, row["kinds"], row["pieces"], row["kept"]) for one in rows[:PAGE] for row in [sums.get(one.pk, nothing)]
    ]
    return shown, rows[PAGE - 1].code if len(rows) > PAGE else ""


def reservations_at(place: Place) -> list[Reservation]:
    """Return what is reserved at a place."""
    found = Reservation.objects.filter(place=place, left__gt=0)
    return list(found.select_related("part", "order").order_by("part__code", "pk")[:200])


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One movement as a place sees it: what came or went, and to or from where."""

    movement: Movement
    entries: list[Entry]
    others: list[str]
    author_id: int | None


def movement_page(place: Place, *, before: int | None = None) -> tuple[list[MovementRow], int | None]:
    """Return the movements of a place, the latest first, with the id before which the next page begins. Three queries."""
    ids = Entry.objects.filter(place=place)
    if before is not None:
        ids = ids.filter(movement_id__lt=before)
    found = list(ids.order_by("-movement_id").values_list("movement_id", flat=True).distinct()[: PAGE + 1])
    shown = found[:PAGE]
    movements = {one.pk: one for one in Movement.objects.filter(pk__in=shown).select_related("event", "order")}
    entries: dict[int, list[Entry]] = {}
    others: dict[int, set[str]] = {}
    for entry in Entry.objects.filter(movement__in=shown).select_related("part", "place").order_by("part__code"):
        if entry.place_id == place.pk:
            entries.setdefault(entry.movement_id, []).append(entry)
        else:
            others.setdefault(entry.movement_id, set()).add(_place_words(entry.place))
    rows = [MovementRow(movements[pk], entries.get(pk, []), sorted(others.get(pk, ())), _author(movements[pk])) for pk in shown]
    return rows, found[PAGE - 1] if len(found) > PAGE else None


def _author(movement: Movement) -> int | None:
    return movement.event.actor_id if movement.event.actor_kind == "staff" else None


def _place_words(place: Place) -> str:
    return place.name if place.is_stocked else str(Place.Kind(place.kind).label)


def stores_with(part: Part, quantity: int, actor: Actor) -> list[Balance]:
    """Return the places an actor sees that have so many to give, the most first."""
    found = Balance.objects.filter(part=part, quantity__gte=quantity, place__is_active=True)
    seen = Place.objects.real().visible_to(actor).exclude(kind=Place.Kind.VAN).values("pk")
    rows = found.filter(place__in=seen).select_related("place__unit").order_by("-quantity")[:20]
    return [one for one in rows if one.available >= quantity]
