"""A sealed month for the bank and for accounting."""

from dataclasses import dataclass
from decimal import Decimal

from jieli.network.models import Outlet
from jieli.people.models import Unit
from jieli.policies import queries as policies
from jieli.policies.schemas import Settlement
from jieli.settlement.models import Run, Statement
from jieli.settlement.queries.decided import decided_month
from jieli.settlement.queries.sealed import approved
from jieli.settlement.refusals import StatementNotSealed
from jieli.settlement.rules.booking import Booked, Entry, journal

_SHOWN = 4


@dataclass(slots=True)
class Payment:
    """One payment: to a provider for all its outlets, or to an outlet without one."""

    code: str
    name: str
    holder: str
    bank: str
    account: str
    amount: Decimal
    outlets: list[str]


def masked_account(account: str) -> str:
    """Return an account of which only the last digits are shown."""
    return f"{'*' * max(0, len(account) - _SHOWN)}{account[-_SHOWN:]}" if account else ""


def payments(run: Run, *, with_accounts: bool) -> list[Payment]:
    """Return who is paid how much for a sealed month, by code; nobody who is paid nothing. Raises StatementNotSealed.

    A provider is paid as one for all its outlets. Accounts are masked unless asked for.
    """
    _require_sealed(run)
    found: dict[tuple[str, int], Payment] = {}
    rows = Statement.objects.filter(run=run, payout_amount__gt=0).select_related("outlet", "provider").defer("document")
    outlets = Outlet.objects.in_bulk([one.outlet_id for one in rows])
    for one in rows.order_by("outlet__code"):
        provider, outlet = one.provider, outlets.get(one.outlet_id)
        key = ("provider", provider.pk) if provider else ("outlet", one.outlet_id)
        if key not in found:
            if provider is not None:
                made = Payment(
                    provider.code,
                    provider.name,
                    provider.bank_holder or provider.name,
                    provider.bank_name,
                    provider.bank_account,
                    Decimal("0.00"),
                    [],
                )
            else:
                account = outlet.bank_account if outlet else ""
                made = Payment(one.outlet.code, one.outlet.name, one.outlet.name, "", account, Decimal("0.00"), [])
            if not with_accounts:
                made.account = masked_account(made.account)
            found[key] = made
        found[key].amount += one.payout_amount
        found[key].outlets.append(one.outlet.code)
    return sorted(found.values(), key=lambda one: one.code)


def booked(run: Run) -> list[Entry]:
    """Return the journal of a sealed month by cost centre, the unit above each outlet. Raises StatementNotSealed."""
    _require_sealed(run)
    month = decided_month(run)
    ids = [one.outlet_id for one in month.outlets]
    centres = dict(Unit.objects.filter(pk__in=ids, parent__isnull=False).values_list("pk", "parent__code"))
    outlets = [
        Booked(
            centres.get(one.outlet_id, one.outlet),
            one.labour_amount,
            one.own_incentives_amount + one.charged_back_amount,
            one.adjustments_amount,
            one.carried_debt_amount,
            one.payout_amount,
            one.debt_amount,
        )
        for one in month.outlets
    ]
    return journal(outlets, _settlement(run).accounts)


def _settlement(run: Run) -> Settlement:
    try:
        data = policies.by_label(run.settlement_policy).data
    except policies.NoPolicy:
        data = policies.current("settlement").data
    assert isinstance(data, Settlement)
    return data


def _require_sealed(run: Run) -> None:
    if not approved(run).is_sealed:
        raise StatementNotSealed
