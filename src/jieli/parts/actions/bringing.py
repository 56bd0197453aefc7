"""Parts of the master by the thousand, for imports: the same rows as one by one, few statements whatever the number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from jieli.events.actions import Batch, append_batch, encoded
from jieli.events.actor import Actor
from jieli.events.facts import Fact, split_texts
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.parts.events import PartMasterChanged
from jieli.parts.models import Part, PartFit
from jieli.parts.policy import may_bring_parts

_TOLD_CODES = 200


def _data(fact: Fact) -> dict[str, Any]:
    values, _texts = split_texts(fact)
    return {name: value for name, value in values.items() if value or value == 0}


@dataclass(frozen=True, slots=True)
class NewPart:
    """A part of the master; `fits` are product lines with models, an empty model is the whole line."""

    code: str
    name: str
    name_en: str = ""
    kind: str = "part"
    price_amount: Decimal | None = None
    warranty_code: str = ""
    is_returnable: bool = True
    is_active: bool = True
    fits: Sequence[tuple[str, str]] | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


_PART_FIELDS = ("name", "name_en", "kind", "price_amount", "warranty_code", "is_returnable", "is_active", "attributes")


@transaction.atomic
def bring_parts(parts: Sequence[NewPart], *, actor: Actor) -> int:
    """Add parts to the master, or change those of these codes; return how many are other than before. Raises NotAllowed."""
    require(may_bring_parts(actor))
    wanted = {one.code: one for one in parts}
    stored = {part.code: part for part in Part.objects.filter(code__in=wanted).prefetch_related("fits")}
    changed: list[str] = []
    fresh: list[Part] = []
    other: list[Part] = []
    for code, one in wanted.items():
        values = {name: getattr(one, name) for name in _PART_FIELDS} | {"attributes": dict(one.attributes)}
        part = stored.get(code)
        if part is None:
            fresh.append(Part(code=code, created_at=clock.now(), **values))
        elif any(getattr(part, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(part, name, value)
            other.append(part)
        elif one.fits is None or set(one.fits) == {(fit.product_line, fit.model) for fit in part.fits.all()}:
            continue
        changed.append(code)
    Part.objects.bulk_create(fresh)
    Part.objects.bulk_update(other, _PART_FIELDS, batch_size=1000)
    ids = dict(Part.objects.filter(code__in=changed).values_list("code", "pk"))
    refit = [code for code in changed if wanted[code].fits is not None]
    PartFit.objects.filter(part__in=[ids[code] for code in refit]).delete()
    PartFit.objects.bulk_create(
        [
            PartFit(part_id=ids[code], product_line=line, model=model)
            for code in refit
            for line, model in sorted(set(wanted[code].fits or ()))
        ]
    )
    if changed:
        batch = Batch()
        fact = PartMasterChanged(company_id=1, total=len(changed), codes=changed[:_TOLD_CODES])
        batch.add("company", 1, clock.now(), fact.type, encoded(_data(fact)))
        append_batch(batch, actor=actor)
    return len(changed)
