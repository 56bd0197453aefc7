"""What may be charged on site: out of warranty, by the shown price list (spec 3, step 19); pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.policies.schemas.prices import Prices

MOST_QUANTITY = 100
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Item:
    """A position charged: the list's amount times a quantity."""

    code: str
    amount: Decimal
    quantity: int

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"code": self.code, "amount": str(self.amount), "quantity": self.quantity}


def items_charged(
    items: Iterable[Mapping[str, Any]], prices: Prices, part_prices: Mapping[str, Decimal], *, line: str, service: str
) -> tuple[list[Item], dict[str, str | Lazy]]:
    """Return the positions of a charge, and by code what is wrong; `part_prices` are those of the parts used here."""
    found: list[Item] = []
    wrong: dict[str, str | Lazy] = {}
    for item in items:
        code = str(item.get("code", ""))[:60]
        price = prices.price(code)
        if price is not None and not price.holds_for(line, service):
            wrong[code] = _("This position of the price list is not for such work.")
            continue
        listed = price.amount if price is not None else part_prices.get(code)
        if listed is None:
            wrong[code or "code"] = _("This is not in the price list.")
            continue
        try:
            amount = Decimal(str(item.get("amount", listed))).quantize(CENT)
            quantity = int(item.get("quantity", 1))
        except (InvalidOperation, ValueError, TypeError):
            wrong[code] = _("This is not an amount.")
            continue
        if amount != listed.quantize(CENT):
            wrong[code] = str(_("The price list says %(amount)s.")) % {"amount": listed.quantize(CENT)}
        elif not 1 <= quantity <= MOST_QUANTITY:
            wrong[code] = _("This is not a quantity.")
        else:
            found.append(Item(code, amount, quantity))
    return found, wrong


def total(items: Iterable[Item]) -> Decimal:
    """Return what is to be paid."""
    return sum((item.amount * item.quantity for item in items), Decimal("0.00"))
