"""What belongs to one case: its events, and the rows of all tables that name it, or name what names it."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models
from psycopg import sql

from jieli.cases.models import Case
from jieli.events.models import Event, EventText
from jieli.network.models import LicencePosting
from jieli.visits.models import Visit
from jieli.visits.queries.proving import done_at

Rows = dict[type[models.Model], dict[Any, dict[str, Any]]]
"""Of each model its rows by their key, in the order of that key; of each row its columns by the names of their fields."""

NOT_COPIED = {"events", "notify", "policies", "people", "customers", "network", "settlement", "insight", "intake", "config"}
SKIPPED = {"visits.FieldEntry"}
"""What phones sent is the log of a way in, and no part of what became of the case."""

OWNED = {"parts.Movement"}
"""Models whose rows belong to the copied row that names them."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """Everything that one lived case left; nothing is asked any more, so another process may be given it."""

    case: Case
    rows: Rows
    """Models in the order in which they were found."""
    events: list[Event]
    texts: list[EventText]
    done: dict[str, dict[str, Any]]
    """By its digest what was done at each visit that has one."""
    postings: list[LicencePosting]


def belongings(case: Case, *, also: Collection[str] = ()) -> Belongings:
    """Return what belongs to a case.

    `also` are models of the apps that are not copied, such as ``notify.Notice``. Cost: some queries per table that has rows.
    To be asked in the transaction in which the case was lived.
    """
    rows = _Gatherer(case, also).gather()
    events = list(Event.objects.filter(stream="case", stream_id=case.pk).order_by("sequence"))
    return Belongings(
        case,
        rows,
        events,
        texts=list(EventText.objects.filter(event__in=[one.pk for one in events])),
        done={
            visit.digest: done_at(visit) for visit in Visit.objects.filter(pk__in=rows.get(Visit, {}).keys()).exclude(digest="")
        },
        postings=list(LicencePosting.objects.filter(case=case).order_by("pk")),
    )


class _Gatherer:
    """Follows what names the case until nothing new is found."""

    def __init__(self, case: Case, also: Collection[str]) -> None:
        self.case, self.also = case, also
        self.rows: Rows = {}
        self._asked: set[Hashable] = set()

    def gather(self) -> Rows:
        """Return the rows."""
        wanted = [
            model
            for model in apps.get_models()
            if model.__module__.startswith("jieli.")
            and (model._meta.app_label not in NOT_COPIED or model._meta.label in self.also)
            and model._meta.label not in SKIPPED
            and not getattr(model, "owner_only", False)
        ]
        filled = _filled(wanted)
        self.rows[Case] = self._found(Case, pk=self.case.pk)
        grows = True
        while grows:
            grows = False
            for model in filled:
                for one in model._meta.concrete_fields:
                    grows |= self._follow(model, one)
        return self.rows

    def _follow(self, model: type[models.Model], one: "models.Field[Any, Any]") -> bool:
        target = one.related_model
        if target is not None:
            keys = list(self.rows.get(target, {}))
            if target is not model and target._meta.label in OWNED and model in self.rows:
                named = {row[one.attname] for row in self.rows[model].values()} - {None}
                return self._add(target, self._found(target, pk__in=named))
        elif one.name == "case_id":
            keys = [self.case.pk]
        else:
            return False
        asked = (model, one.name, frozenset(keys))
        if not keys or (model is Case and one.name != "id") or asked in self._asked:
            return False
        self._asked.add(asked)
        return self._add(model, self._found(model, **{f"{one.name}__in": keys}))

    def _found(self, model: type[models.Model], **condition: Any) -> dict[Any, dict[str, Any]]:
        names = [one.attname for one in model._meta.concrete_fields if not isinstance(one, models.GeneratedField)]
        key = [one.attname for one in model._meta.pk_fields]
        found = model._base_manager.filter(**condition).order_by("pk").values(*names)
        return {row[key[0]] if len(key) == 1 else tuple(row[name] for name in key): row for row in found}

    def _add(self, model: type[models.Model], found: Mapping[Any, dict[str, Any]]) -> bool:
        known = self.rows.setdefault(model, {}) if found else self.rows.get(model, {})
        fresh = {pk: row for pk, row in found.items() if pk not in known}
        known.update(fresh)
        return bool(fresh)


def _filled(wanted: Sequence[type[models.Model]]) -> list[type[models.Model]]:
    """Keep the models whose tables have any row."""
    asks = sql.SQL("select {} where exists (select from {})")
    names = [model._meta.db_table for model in wanted]
    asked = sql.SQL(" union all ").join(asks.format(sql.Literal(name), sql.Identifier(name)) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(asked.as_string(cursor.connection))
        found = {name for (name,) in cursor.fetchall()}
    return [model for model in wanted if model._meta.db_table in found]
