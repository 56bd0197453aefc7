"""The tree of units, and the days on which a unit keeps other hours."""

from typing import ClassVar, Self

import pgtrigger
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _


class UnitQuerySet(models.QuerySet["Unit"]):
    """Units in the words of the domain."""

    def under(self, unit: "Unit") -> Self:
        """Keep the unit itself and everything below it."""
        return self.filter(path__startswith=unit.path)

    def under_paths(self, paths: tuple[str, ...] | list[str]) -> Self:
        """Keep what lies in any of these subtrees; nothing when there is none."""
        condition = Q(pk__in=[])
        for path in paths:
            condition |= Q(path__startswith=path)
        return self.filter(condition)

    def active(self) -> Self:
        """Keep the units that still work."""
        return self.filter(is_active=True)

    def lock(self, unit_id: int) -> "Unit":
        """Return one unit, locked for this transaction; raises Unit.DoesNotExist."""
        return self.select_for_update(of=("self",)).get(pk=unit_id)


def unit_kind_choices() -> list[tuple[str, str | Lazy]]:
    """Return the kinds of unit, for the model field (a callable keeps labels out of migrations)."""
    return list(Unit.Kind.choices)


class Unit(models.Model):
    """A department, centre or outlet in the one tree of the company.

    `path` lists the ids from the root to the unit, like "/1/4/"; the database keeps it and refuses cycles.
    """

    class Kind(models.TextChoices):
        """The frozen kinds of the exchange file units.csv."""

        HEADQUARTERS = "headquarters", _("headquarters")
        DEPARTMENT = "department", _("department")
        REGIONAL_CENTRE = "regional_centre", _("regional centre")
        TRAINING_CENTRE = "training_centre", _("training centre")
        STAR_CENTRE = "star_centre", _("star service centre")
        OUTLET = "outlet", _("outlet")

    never_deleted: ClassVar[bool] = True

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=32, choices=unit_kind_choices, default=Kind.DEPARTMENT)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.TextField(default="", editable=False)
    leader = models.ForeignKey("people.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    region = models.CharField(max_length=120, blank=True, default="")
    calendar = models.CharField(max_length=64, default="desk")
    is_active = models.BooleanField(default=True)
    custom = models.JSONField(default=dict, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="people_unit_code_given", condition=~Q(code="")),
            models.CheckConstraint(
                name="people_unit_kind_known",
                condition=Q(
                    kind__in=[
                        "headquarters",
                        "department",
                        "regional_centre",
                        "training_centre",
                        "star_centre",
                        "outlet",
                    ]
                ),
            ),
            models.CheckConstraint(name="people_unit_not_own_parent", condition=~Q(parent=F("id"))),
            models.UniqueConstraint(Value(1), name="people_unit_one_root", condition=Q(parent__isnull=True)),
        ]
        indexes = [
            models.Index(OpClass("path", "text_pattern_ops"), name="people_unit_path"),
        ]
        triggers = [
            # Two moves that are harmless alone (A below B, B below A) would make a cycle together: all changes of the
            # tree queue behind one lock.
            pgtrigger.Trigger(
                name="keep_path",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "path", "id"),  # type: ignore[no-untyped-call]
                when=pgtrigger.Before,
                declare=[("above", "text")],
                func="""
                    perform pg_advisory_xact_lock(hashtext('people_unit.path'));
                    if new.parent_id is null then
                        new.path := '/' || new.id || '/';
                        return new;
                    end if;
                    select path into above from people_unit where id = new.parent_id;
                    if above is null then
                        raise exception 'unit % has no parent %', new.code, new.parent_id
                            using errcode = 'foreign_key_violation';
                    end if;
                    if strpos(above, '/' || new.id || '/') > 0 then
                        raise exception 'unit % cannot lie below itself', new.code
                            using errcode = 'check_violation', constraint = 'people_unit_no_cycle';
                    end if;
                    new.path := above || new.id || '/';
                    return new;
                """,
            ),
            pgtrigger.Trigger(
                name="move_children",
                operation=pgtrigger.Update,
                when=pgtrigger.After,
                condition=pgtrigger.Condition("OLD.path is distinct from NEW.path"),
                func="""
                    update people_unit set parent_id = parent_id where parent_id = new.id;
                    return null;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UnitClosure(models.Model):
    """A day on which a unit keeps other hours than its calendar says; no intervals: closed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="closures", db_index=False)
    on = models.DateField()
    intervals = models.JSONField(default=list, blank=True)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "on"], name="people_unitclosure_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.on}"
