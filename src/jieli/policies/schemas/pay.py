"""The policy `pay`: what an engineer is paid for a month (spec 6, Pay)."""

from decimal import Decimal
from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field

from jieli.policies.schemas.base import Strict

Amount = Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)]


class Pay(Strict):
    """Base, commission per valid order, extra for early ones, installations, bonuses. Days are days of 24 hours."""

    base_amount: Amount = Field(title=gettext_noop("Base"))
    commission_amount: Amount = Field(title=gettext_noop("Commission per valid order"))
    early_amount: Amount = Field(title=gettext_noop("For each valid order finished before the promised time"))
    installation_amount: Amount = Field(title=gettext_noop("Per installation"))
    delight_amount: Amount = Field(default=Decimal("0.00"), title=gettext_noop("For each moving story"))
    licence_amount: Amount = Field(
        default=Decimal("0.00"), title=gettext_noop("For the standing demonstration at the month's end")
    )
    repeat_days: Annotated[int, Field(ge=0, le=3660)] = Field(
        title=gettext_noop("A second part change on the same machine within (days) is not valid")
    )
    report_hours: Annotated[int, Field(ge=1, le=8760)] = Field(title=gettext_noop("Results are returned within (hours)"))
