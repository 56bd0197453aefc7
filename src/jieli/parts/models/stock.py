"""Places, movements as double entries, and what follows from them. Nobody writes a quantity: the database sums entries."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.parts.models.master import Part
from jieli.people.models import Staff, Unit

SEEING_ROLES = (
    "administrator",
    "manager",
    "supervisor",
    "dispatcher",
    "agent",
    "specialist",
    "quality",
    "finance",
    "outlet_manager",
)


def stands(name: str, what: str, *, also_updates: bool = True) -> pgtrigger.Trigger:
    """Return the trigger by which a row is never deleted, and never changed either."""
    how = "changed or deleted" if also_updates else "deleted"
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete if also_updates else pgtrigger.Delete,
        func=f"raise exception '{what} is never {how}' using errcode = 'restrict_violation';",
    )


class PlaceQuerySet(models.QuerySet["Place"]):
    """Places in the words of the domain."""

    def real(self) -> "PlaceQuerySet":
        """Keep the places where somebody can put a hand on a part."""
        return self.filter(kind__in=Place.STOCKED)

    def visible_to(self, actor: Actor) -> "PlaceQuerySet":
        """Keep the places of the units over which somebody holds a role that handles parts, and his own van."""
        if actor.is_internal:
            return self
        if not actor.is_staff:
            return self.none()
        mine = Q(staff_id=actor.id)
        paths = actor.unit_paths(*SEEING_ROLES)
        if paths:
            mine |= Q(unit__in=Unit.objects.under_paths(paths).values("pk"))
        return self.filter(mine)


class Place(models.Model):
    """Where parts are: a store, a van, on the way, returned machines; or a place outside, which may owe: supplier, used …"""

    never_deleted = True

    class Kind(models.TextChoices):
        """What sort of place it is."""

        CENTRAL = "central", _("central store")
        REGIONAL = "regional", _("regional store")
        OUTLET = "outlet", _("outlet's store")
        VAN = "van", _("van")
        TRANSIT = "transit", pgettext_lazy("a place of parts", "on the way")
        RETURNED = "returned", pgettext_lazy("a place of parts", "returned machines")
        SUPPLIER = "supplier", _("supplier")
        USED = "used", pgettext_lazy("a place of parts", "used")
        SCRAP = "scrap", pgettext_lazy("a place of parts", "scrapped")
        CUSTOMER = "customer", pgettext_lazy("a place of parts", "customer")
        WORKSHOP = "workshop", _("refurbishing workshop")
        DIFFERENCE = "difference", _("stock difference")

    STOCKED: ClassVar[tuple[str, ...]] = ("central", "regional", "outlet", "van")
    KEPT: ClassVar[tuple[str, ...]] = (*STOCKED, "transit", "returned")
    OUTSIDE: ClassVar[tuple[str, ...]] = ("supplier", "used", "scrap", "customer", "workshop", "difference")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("unit"))
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("engineer"))
    is_active = models.BooleanField(_("in use"), default=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="parts_place_whole",
                condition=Q(kind__in=["central", "regional", "outlet"], unit__isnull=False, staff__isnull=True)
                | Q(kind="van", unit__isnull=False, staff__isnull=False)
                | Q(
                    kind__in=["transit", "returned", "supplier", "used", "scrap", "customer", "workshop", "difference"],
                    unit__isnull=True,
                    staff__isnull=True,
                ),
            ),
            models.UniqueConstraint(name="parts_one_van", fields=["staff"], condition=Q(kind="van", is_active=True)),
            models.UniqueConstraint(name="parts_one_outside", fields=["kind"], condition=Q(unit__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stocked(self) -> bool:
        """Tell whether somebody can put a hand on what lies there."""
        return self.kind in self.STOCKED


class Movement(models.Model):
    """One movement of parts: a header, its event, and entries that add up to nothing for each part.

    `xact` is the transaction that made it: entries are added by that one alone. `reason` is why, for people.
    """

    append_only = True

    class Kind(models.TextChoices):
        """Why the parts moved."""

        RECEIVE = "receive", pgettext_lazy("a movement", "received")
        MOVE = "move", pgettext_lazy("a movement", "moved")
        USE = "use", pgettext_lazy("a movement", "used")
        UNDO = "undo", pgettext_lazy("a movement", "taken back")
        COUNT = "count", pgettext_lazy("a movement", "counted")
        SHIP = "ship", pgettext_lazy("a movement", "shipped")
        ARRIVE = "arrive", pgettext_lazy("a movement", "arrived")
        SCRAP = "scrap", pgettext_lazy("a movement", "scrapped")
        BACK = "back", pgettext_lazy("a movement", "come back")
        REFURBISH = "refurb", pgettext_lazy("a movement", "refurbished")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    at = models.DateTimeField(_("when"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("work order"))
    event = models.OneToOneField(Event, models.PROTECT, related_name="+")
    xact = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="parts_movement_kind",
                condition=Q(kind__in=["receive", "move", "use", "undo", "count", "ship", "arrive", "scrap", "back", "refurb"]),
            ),
            models.CheckConstraint(
                name="parts_movement_why", condition=~Q(kind__in=["count", "scrap", "undo", "refurb"]) | ~Q(reason="")
            ),
        ]
        triggers: ClassVar = [stands("movement_stands", "a movement of parts")]


class Entry(models.Model):
    """One side of a movement: so many of a part came to a place, or left it when negative."""

    append_only = True

    movement = models.ForeignKey(Movement, models.PROTECT, related_name="entries", db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    part = models.ForeignKey(Part, models.PROTECT, related_name="+")
    quantity = models.IntegerField(_("quantity"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="parts_entry_once", fields=["movement", "part", "place"]),
            models.CheckConstraint(name="parts_entry_moves", condition=~Q(quantity=0)),
        ]
        indexes: ClassVar = [models.Index(name="parts_entry_of_place", fields=["place", "part", "movement"])]
        triggers: ClassVar = [stands("entry_stands", "an entry of a movement")]


class Balance(models.Model):
    """How many of a part a place has and how many of them are reserved; only the database's triggers write it."""

    owner_only = True

    pk = models.CompositePrimaryKey("place_id", "part_id")
    place = models.ForeignKey(Place, models.PROTECT, related_name="balances", db_index=False)
    part = models.ForeignKey(Part, models.PROTECT, related_name="balances")
    quantity = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="parts_never_below_zero", condition=Q(quantity__gte=0)),
            models.CheckConstraint(name="parts_reserved_is_there", condition=Q(reserved__gte=0, reserved__lte=F("quantity"))),
        ]

    @property
    def available(self) -> int:
        """Return how many nobody has reserved."""
        return self.quantity - self.reserved


class Reservation(models.Model):
    """So many of a part at a place are kept for one work order; `left` is what is still kept."""

    never_deleted = True
    app_columns = ("left", "ended_at")

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    part = models.ForeignKey(Part, models.PROTECT, related_name="+")
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    left = models.PositiveIntegerField(help_text="not used and not released yet")
    made_at = models.DateTimeField(default=clock.now)
    made_by_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="parts_reserved_some", condition=Q(quantity__gt=0, left__lte=F("quantity"))),
            models.CheckConstraint(
                name="parts_reservation_ended",
                condition=Q(left=0, ended_at__isnull=False) | Q(left__gt=0, ended_at__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="parts_reserved_at", fields=["place", "part"], condition=Q(left__gt=0)),
        ]
        triggers: ClassVar = [stands("reservation_kept", "a reservation", also_updates=False)]
