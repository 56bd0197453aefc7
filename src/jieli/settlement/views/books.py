"""A sealed month as files for the bank and for accounting."""

from collections.abc import Callable

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.lib.sheets import Sheet
from jieli.settlement.models import Run
from jieli.settlement.policy import may_see_accounts, may_settle
from jieli.settlement.queries.books import booked, payments
from jieli.settlement.refusals import StatementNotSealed
from jieli.settlement.rules.wording import ACCOUNT_WORDS
from jieli.settlement.views.files import as_file
from jieli.settlement.views.requests import MonthRequest, for_month, signed_in


@never_cache
@signed_in
@require_safe
def books(request: MonthRequest, month: str, what: str, kind: str) -> HttpResponseBase:
    """The payment file or the journal of a sealed month."""
    place = for_month(request, month)
    require(may_settle(request.actor))
    if what not in _SHEETS:
        raise Http404
    if place.standing.run is None:
        raise StatementNotSealed
    return as_file(kind, f"jieli-{month}-{what}", [_SHEETS[what](place.standing.run, request.actor)])


def _payments(run: Run, actor: Actor) -> Sheet:
    header = (
        pgettext("month end", "Provider"),
        pgettext("month end", "Name"),
        _("Account holder"),
        _("Bank"),
        _("Bank account"),
        pgettext("month end", "Amount"),
        _("Currency"),
        _("Purpose"),
        _("Outlets"),
    )
    purpose = _("Settlement %(month)s") % {"month": f"{run.month:%Y-%m}"}
    rows = (
        (one.code, one.name, one.holder, one.bank, one.account, one.amount, "CNY", purpose, ";".join(one.outlets))
        for one in payments(run, with_accounts=may_see_accounts(actor))
    )
    return Sheet(_("Payments"), header, rows, (14, 32, 28, 24, 26, 14, 8, 20, 40))


def _journal(run: Run, _actor: Actor) -> Sheet:
    header = (
        _("Voucher"),
        pgettext("month end", "Month"),
        _("Cost centre"),
        pgettext("journal", "Account"),
        _("Account name"),
        _("Debit"),
        _("Credit"),
        _("Currency"),
    )
    month = f"{run.month:%Y-%m}"
    rows = (
        (
            f"JS-{month}",
            month,
            one.cost_centre,
            one.account,
            str(ACCOUNT_WORDS[one.name]),
            one.debit_amount,
            one.credit_amount,
            "CNY",
        )
        for one in booked(run)
    )
    return Sheet(_("Accounting journal"), header, rows, (14, 10, 16, 14, 32, 14, 14, 8))


_SHEETS: dict[str, Callable[[Run, Actor], Sheet]] = {"payments": _payments, "journal": _journal}
