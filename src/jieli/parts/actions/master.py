"""The part master: parts, what they fit, what stands in for them."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.parts.events import PartMasterChanged
from jieli.parts.models import Part, PartFit, Substitute
from jieli.parts.policy import may_keep_master
from jieli.parts.refusals import BadParts, UnknownPart


@transaction.atomic
def save_part(
    code: str,
    *,
    name: str,
    actor: Actor,
    name_en: str = "",
    kind: str = Part.Kind.PART,
    price_amount: Decimal | None = None,
    warranty_code: str = "",
    is_returnable: bool = True,
    is_active: bool = True,
    fits: Iterable[tuple[str, str]] | None = None,
    substitutes: Iterable[str] | None = None,
) -> Part:
    """Add a part to the master, or change it; `fits` are product lines with models, None leaves what is stored.

    Raises NotAllowed, BadParts naming what cannot be, UnknownPart for a substitute that is none.
    """
    require(may_keep_master(actor))
    code = "".join(code.split()).upper()
    wrong: dict[str, object] = {}
    if not 0 < len(code) <= 40:
        wrong["code"] = _("Give a code of at most 40 characters.")
    if not 0 < len(name.strip()) <= 120:
        wrong["name"] = _("Give a name of at most 120 characters.")
    if kind not in Part.Kind.values:
        wrong["kind"] = _("Choose part or whole machine.")
    if price_amount is not None and not 0 <= price_amount < 10**8:
        wrong["price_amount"] = _("Give an amount from 0.")
    if wrong:
        raise BadParts(fields=wrong)  # type: ignore[arg-type]
    values = {
        "name": name.strip(),
        "name_en": name_en.strip()[:120],
        "kind": kind,
        "price_amount": None if price_amount is None else price_amount.quantize(Decimal("0.01")),
        "warranty_code": warranty_code.strip()[:40],
        "is_returnable": is_returnable,
        "is_active": is_active,
    }
    part, _made = Part.objects.update_or_create(code=code, defaults=values)
    if fits is not None:
        part.fits.all().delete()
        PartFit.objects.bulk_create(
            [PartFit(part=part, product_line=line[:80], model=model[:120]) for line, model in sorted(set(fits)) if line]
        )
    if substitutes is not None:
        _stand_in(part, {one.strip().upper() for one in substitutes if one.strip()} - {code})
    record(PartMasterChanged(company_id=1, total=1, codes=[code]), actor=actor)
    return part


def _stand_in(part: Part, codes: set[str]) -> None:
    found = {one.code: one for one in Part.objects.filter(code__in=codes)}
    for code in codes - found.keys():
        raise UnknownPart(code)
    part.substitutes.all().delete()
    Substitute.objects.bulk_create([Substitute(part=part, substitute=one) for one in found.values()])
