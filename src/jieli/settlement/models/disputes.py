"""Lines of sealed statements that an outlet disputes, and what was decided about each (spec 6, Run)."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.orders.models import WorkOrder
from jieli.people.models import Staff
from jieli.settlement.models.months import Charge, stands
from jieli.settlement.models.sealing import Statement


class Dispute(models.Model):
    """One line of a sealed statement, an order or a line of Q, with which the outlet does not agree."""

    append_only = True

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="disputes", db_index=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", null=True)
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="+", null=True)
    claimed_amount = models.DecimalField(_("amount claimed"), max_digits=12, decimal_places=2, null=True)
    reason = models.TextField(_("reason"), max_length=1000)
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("disputed"))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="settlement_dispute_of_one_line",
                condition=Q(order__isnull=False, charge__isnull=True) | Q(order__isnull=True, charge__isnull=False),
            ),
            models.CheckConstraint(name="settlement_dispute_reasoned", condition=~Q(reason="")),
            models.UniqueConstraint(name="settlement_line_disputed_once", fields=["statement", "order"]),
            models.UniqueConstraint(name="settlement_charge_disputed_once", fields=["statement", "charge"]),
        ]
        triggers: ClassVar = [
            stands("dispute_stands", "a dispute"),
            pgtrigger.Trigger(
                name="dispute_in_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("sealed", "settlement_statement%rowtype")],
                func=(
                    "select * into sealed from settlement_statement s where s.id = new.statement_id; "
                    "if new.opened_at > sealed.dispute_until then "
                    "raise exception 'the time for disputes is over' using errcode = 'check_violation'; end if; "
                    "if new.order_id is not null and not exists (select from settlement_line l where l.run_id = sealed.run_id "
                    "and l.outlet_id = sealed.outlet_id and l.order_id = new.order_id) then "
                    "raise exception 'no line of this statement' using errcode = 'check_violation'; end if; "
                    "if new.charge_id is not null and not exists (select from settlement_charge c where c.id = new.charge_id "
                    "and c.run_id = sealed.run_id and c.outlet_id = sealed.outlet_id) then "
                    "raise exception 'no line of this statement' using errcode = 'check_violation'; end if; "
                    "return new;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Ruling(models.Model):
    """What finance decided about a dispute; a granted amount is a line of Q in the next open month."""

    append_only = True

    dispute = models.OneToOneField(Dispute, models.PROTECT, primary_key=True, related_name="ruling")
    is_granted = models.BooleanField(_("granted"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    reason = models.TextField(_("reason"), max_length=1000)
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(pgettext_lazy("a month", "decided"))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="settlement_ruling_whole",
                condition=Q(is_granted=True, amount__gt=0) | Q(is_granted=False, amount=0),
            ),
            models.CheckConstraint(name="settlement_ruling_reasoned", condition=~Q(reason="")),
        ]
        triggers: ClassVar = [
            stands("ruling_stands", "a decided dispute"),
            pgtrigger.Trigger(
                name="ruling_by_another",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "if new.decided_by_id = (select d.opened_by_id from settlement_dispute d where d.id = new.dispute_id) then "
                    "raise exception 'nobody decides his own dispute' using errcode = 'check_violation'; end if; return new;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
