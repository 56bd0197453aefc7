"""What every change of a row here shares: clean values, the difference, and what of it is personal."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.events.facts import plain
from jieli.events.refusals import Invalid
from jieli.lib.text import strip_control
from jieli.network.refusals import ChangedMeanwhile
from jieli.network.rules.shifts import clean_week

PRIVATE = frozenset(
    {
        "legal_person", "bank_name", "bank_holder", "bank_account", "contact_name", "phone", "email", "home_address",
        "home_latitude", "home_longitude", "attributes",
    }
)  # fmt: skip
"""Fields whose values an event keeps outside of its hash: personal, or of the bank, or nobody knows (unknown columns)."""

Changes = dict[str, list[Any]]


def cleaned(model: type[models.Model], values: Mapping[str, Any], *, allowed: Collection[str]) -> dict[str, Any]:
    """Return values in the one form in which they are stored: trimmed, in the column's precision, lists each once.

    Raises Invalid by field: no such field, what the column cannot hold, half a place, a contract that ends before it begins.
    """
    wrong: dict[str, str | Lazy] = {}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        if name not in allowed:
            wrong[name] = _("There is no such field.")
            continue
        try:
            clean[name] = _one(cast("models.Field[Any, Any]", model._meta.get_field(name)), value)
        except ValidationError as error:
            wrong[name] = " ".join(error.messages)
        except ValueError as error:
            wrong[name] = str(error) or _("This cannot be kept.")
    if wrong:
        raise Invalid(fields=wrong)
    return clean


def check_whole(row: models.Model) -> None:
    """Raise Invalid for what the row's fields say together: half a place, places off the globe, periods that end too early."""
    wrong: dict[str, str | Lazy] = {}
    for prefix in ("", "home_"):
        wrong |= _place_faults(row, prefix)
    for first, last in (
        ("contract_from", "contract_until"),
        ("licence_issued_on", "licence_expires_on"),
        ("issued_on", "expires_on"),
    ):
        begins, ends = getattr(row, first, None), getattr(row, last, None)
        if begins is not None and ends is not None and ends < begins:
            wrong[last] = _("This lies before the beginning.")
    if wrong:
        raise Invalid(fields=wrong)


def differences(row: models.Model, values: Mapping[str, Any]) -> Changes:
    """Return ``{field: [old, new]}`` of what differs, as JSON can hold it."""
    return {name: [plain(_stored(row, name)), plain(value)] for name, value in values.items() if _stored(row, name) != value}


def refuse_if_changed(row: models.Model, seen_at: datetime | None) -> None:
    """Raise ChangedMeanwhile when the row was saved after it was seen."""
    if seen_at is not None and row.changed_at != seen_at:  # type: ignore[attr-defined]
        raise ChangedMeanwhile


def apart(changes: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what an event shows of changes or values, and the private rest as JSON text, empty when there is none."""
    shown = {name: value for name, value in changes.items() if name not in PRIVATE}
    private = {name: value for name, value in changes.items() if name in PRIVATE}
    return shown, json.dumps(private, ensure_ascii=False, sort_keys=True) if private else ""


def values_of(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Return the given fields that hold something, as JSON can hold them."""
    values = {name: plain(_stored(row, name)) for name in names}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def hours(value: Any) -> dict[str, list[list[str]]]:
    """Return hours by weekday in one form; raises ValueError in people's words."""
    try:
        return clean_week(value or {})
    except ValueError:
        raise ValueError(_("Hours are given like: mon-fri 08:00-12:00 13:00-18:00; sat 09:00-12:00")) from None


def _stored(row: models.Model, name: str) -> Any:
    value = getattr(row, name)
    return value.pk if isinstance(value, models.Model) else value


def _one(field: "models.Field[Any, Any]", value: Any) -> Any:
    if field.name in ("hours", "shifts"):
        return hours(value)
    if isinstance(field, models.ForeignKey):
        if value is not None and not field.related_model._default_manager.filter(pk=value).exists():
            raise ValueError(_("There is no such record."))
        return value
    if isinstance(value, str):
        if strip_control(value) != value.replace("\r\n", "\n"):
            raise ValueError(_("This holds a character that cannot be kept."))
        value = value.strip()
    if isinstance(value, list):
        value = list(dict.fromkeys(one.strip() for one in value if one.strip()))
    if isinstance(field, models.DecimalField) and isinstance(value, Decimal | int | float):
        value = Decimal(str(value)).quantize(Decimal(1).scaleb(-field.decimal_places))
    if isinstance(field, models.DateField) and isinstance(value, date):
        return value
    if value in (None, "", [], {}) and (field.null or field.blank):
        return None if field.null else field.get_default()
    return field.clean(value, None)


def _place_faults(row: models.Model, prefix: str) -> dict[str, str | Lazy]:
    names = f"{prefix}latitude", f"{prefix}longitude"
    latitude, longitude = (getattr(row, name, None) for name in names)
    wrong: dict[str, str | Lazy] = {}
    if (latitude is None) != (longitude is None):
        wrong[names[0] if latitude is None else names[1]] = _("A place needs latitude and longitude.")
    if latitude is not None and not -90 <= latitude <= 90:
        wrong[names[0]] = _("The latitude lies between -90 and 90.")
    if longitude is not None and not -180 <= longitude <= 180:
        wrong[names[1]] = _("The longitude lies between -180 and 180.")
    return wrong
