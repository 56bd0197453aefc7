"""What two people approved and what was sealed then: rows that are only ever added (spec 6, Run)."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.network.models import Provider
from jieli.people.models import Staff, Unit
from jieli.settlement.models.months import Run, stands

PLACES = (1, 2)
"""The first and the second approval."""


class Approval(models.Model):
    """One of the two approvals of a decided month; `digest` is that of the run which the person approved.

    The person counts, not the role, the token or the session: the key over run and person refuses the same one twice.
    """

    append_only = True

    run = models.ForeignKey(Run, models.PROTECT, related_name="approvals", db_index=False)
    place = models.PositiveSmallIntegerField(help_text="1 or 2")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, help_text="the role by which he may")
    digest = models.CharField(max_length=64)
    approved_at = models.DateTimeField(pgettext_lazy("a month", "approved"))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="settlement_approval_place", condition=Q(place__in=[1, 2])),
            models.UniqueConstraint(name="settlement_approved_once", fields=["run", "place"]),
            models.UniqueConstraint(name="settlement_approved_by_two", fields=["run", "staff"]),
        ]
        triggers: ClassVar = [
            stands("approval_stands", "an approval"),
            pgtrigger.Trigger(
                name="approval_of_run",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "if new.digest is distinct from (select digest from settlement_run where id = new.run_id) then "
                    "raise exception 'what is approved is not what was decided' using errcode = 'check_violation'; end if; "
                    "if new.place = 2 and not exists (select from settlement_approval a "
                    "where a.run_id = new.run_id and a.place = 1) then "
                    "raise exception 'the first approval is missing' using errcode = 'check_violation'; end if; "
                    "return new;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.place}"


class Statement(models.Model):
    """An outlet's statement of an approved month as it was sealed: `document` is canonical JSON of everything on it.

    The database recomputes the hash when the row comes in, refuses any change afterwards, and takes no statement of a month
    that two people have not approved. `dispute_until` is the last instant at which a line may be disputed.
    """

    append_only = True

    run = models.ForeignKey(Run, models.PROTECT, related_name="statements", db_index=False)
    outlet = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+", null=True, help_text="who was paid for it")
    document = models.BinaryField()
    sha256 = models.CharField(_("hash"), max_length=64, unique=True)
    payout_amount = models.DecimalField(max_digits=16, decimal_places=2)
    sealed_at = models.DateTimeField(pgettext_lazy("a statement", "sealed"))
    dispute_until = models.DateTimeField(_("disputes until"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="settlement_sealed_once", fields=["run", "outlet"]),
            models.CheckConstraint(
                name="settlement_seal_is_its_hash",
                condition=Exact(
                    F("sha256"),
                    Func(
                        Func(F("document"), function="sha256"),
                        Value("hex"),
                        function="encode",
                        output_field=models.CharField(),
                    ),
                ),
            ),
        ]
        triggers: ClassVar = [
            stands("statement_stands", "a sealed statement"),
            pgtrigger.Trigger(
                name="statement_of_approved",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "if (select count(*) from settlement_approval a where a.run_id = new.run_id) < 2 then "
                    "raise exception 'two people have not approved this month' using errcode = 'check_violation'; end if; "
                    "return new;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.outlet_id}"


class StatementCopy(models.Model):
    """The hash of a PDF that was handed out of a sealed statement; the bytes are made from the statement each time."""

    append_only = True

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="copies")
    language = models.CharField(max_length=10)
    sha256 = models.CharField(max_length=64, unique=True)
    made_with = models.CharField(max_length=40)
    made_at = models.DateTimeField()

    class Meta:
        triggers: ClassVar = [stands("statement_copy_stands", "the hash of a copy")]

    def __str__(self) -> str:
        return self.sha256


class Confirmation(models.Model):
    """The outlet agrees with its statement, but for the lines that it disputed."""

    append_only = True

    statement = models.OneToOneField(Statement, models.PROTECT, primary_key=True, related_name="confirmation")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(pgettext_lazy("a statement", "confirmed"))

    class Meta:
        triggers: ClassVar = [stands("confirmation_stands", "a confirmation")]

    def __str__(self) -> str:
        return str(self.statement_id)
