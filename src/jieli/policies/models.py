"""Versions of policies: drafts may be edited, what has been started stands for ever."""

from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

IMMUTABLE = """
    if tg_op <> 'INSERT' and old.started then
        raise exception 'version % of policy % was started and is never changed', old.number, old.name
            using errcode = 'restrict_violation', constraint = 'policies_started_stands';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    if tg_op = 'UPDATE' and new.name <> old.name then
        raise exception 'a draft stays with its policy' using errcode = 'restrict_violation';
    end if;
    if not new.started then
        new.number := null;
        return new;
    end if;
    -- One starter of a name at a time: the number follows the last one, and the start is never before now.
    perform pg_advisory_xact_lock(hashtext('policies.policyversion'), hashtext(new.name));
    select coalesce(max(number), 0) + 1 into new.number from policies_policyversion where name = new.name;
    if new.number > 1 then
        new.starts_at := greatest(new.starts_at, company_now());
    end if;
    return new;
"""


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    """Versions in the words of the domain."""

    def started(self) -> "PolicyVersionQuerySet":
        """Keep those with a number, the newest first."""
        return self.filter(started=True).order_by("name", "-number")

    def drafts(self) -> "PolicyVersionQuerySet":
        """Keep those that nobody started yet, the latest change first."""
        return self.filter(started=False).order_by("name", "-changed_at", "-id")


class PolicyVersion(models.Model):
    """One version of one policy (spec, Policy is data).

    A draft has no number. Starting gives the next number of the name and a time from which it holds; from then on the
    database refuses every change. `source` is the TOML text as people wrote it, `body` its values as JSON. `revision`
    counts the edits of a draft, so that two people who edit at once lose nothing.
    """

    name = models.CharField(_("policy"), max_length=60)
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    body = models.JSONField(_("values"))
    source = models.TextField(_("text"))
    note = models.CharField(_("what changes and why"), max_length=400, blank=True)
    started = models.BooleanField(default=False)
    starts_at = models.DateTimeField(_("holds from"), null=True, blank=True)
    started_by_id = models.BigIntegerField(null=True, blank=True)
    based_on = models.PositiveIntegerField(null=True, blank=True, help_text="the number it was drafted from")
    revision = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True, blank=True, help_text="id of the staff member; empty for the system")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="policies_number_once", fields=["name", "number"]),
            models.CheckConstraint(
                name="policies_started_whole",
                condition=Q(started=True, number__gte=1, starts_at__isnull=False)
                | Q(started=False, number__isnull=True, starts_at__isnull=True),
            ),
            models.CheckConstraint(name="policies_changed_later", condition=Q(changed_at__gte=F("created_at"))),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="started_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=IMMUTABLE,
            ),
            pgtrigger.Trigger(
                name="never_truncated",
                when=pgtrigger.Before,
                level=pgtrigger.Statement,
                operation=pgtrigger.Truncate,
                func="raise exception 'policies are never truncated' using errcode = 'restrict_violation';",
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def version(self) -> str:
        """Return the name with the number, such as ``promises v7``; a draft says so."""
        return f"{self.name} v{self.number}" if self.number else f"{self.name} draft {self.pk}"

    def holds_at(self, at: datetime) -> bool:
        """Tell whether it has begun by then."""
        return self.starts_at is not None and self.starts_at <= at
