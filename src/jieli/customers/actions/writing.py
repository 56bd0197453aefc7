"""What every change of a row here shares: locks by key, the difference, and the one who saved first."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from jieli.customers.models import Customer
from jieli.customers.refusals import ChangedMeanwhile, CustomerErasedAlready, CustomerMergedAlready
from jieli.events.facts import plain
from jieli.lib.text import strip_control


def lock_keys(keys: Iterable[str]) -> None:
    """Hold these names until the transaction ends, so that two sessions never make the same customer or device.

    They are taken in one order, in one query; a second session waits and then finds what the first one made.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(held.key) from (select distinct hashtextextended(name, 20201) as key "
            "from unnest(%s::text[]) name order by 1) held",
            [list(keys)],
        )


def differences(row: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return ``{field: [old, new]}`` of what differs, as JSON can hold it."""
    return {name: [plain(getattr(row, name)), plain(value)] for name, value in values.items() if getattr(row, name) != value}


def as_text(changes: Mapping[str, list[Any]]) -> str:
    """Return the differences as the JSON text which an event keeps outside its hash."""
    return json.dumps(changes, ensure_ascii=False, sort_keys=True)


def refuse_if_changed(row: models.Model, stored_at: datetime, seen_at: datetime | None, values: Mapping[str, Any]) -> None:
    """Raise ChangedMeanwhile when the row was saved after `seen_at` and `values` would overwrite something."""
    if seen_at is None or stored_at == seen_at:
        return
    other = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    if other:
        raise ChangedMeanwhile(other)


def locked_customer(customer_id: int) -> Customer:
    """Return a customer locked for change; raises Customer.DoesNotExist, CustomerErasedAlready, CustomerMergedAlready."""
    customer = Customer.objects.lock(customer_id)
    if customer.is_erased:
        raise CustomerErasedAlready
    if customer.merged_into_id is not None:
        raise CustomerMergedAlready
    return customer


def text_faults(model: type[models.Model], clean: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is wrong with texts, by field: too long for the column, or with characters that nobody can read."""
    wrong: dict[str, Any] = {}
    for name, value in clean.items():
        if not isinstance(value, str):
            continue
        limit = getattr(model._meta.get_field(name), "max_length", None)
        if limit and len(value) > limit:
            wrong[name] = _("This is too long.")
        elif strip_control(value) != value.replace("\r\n", "\n"):
            wrong[name] = _("This holds a character that cannot be kept.")
    return wrong


def email_faults(email: str) -> dict[str, Any]:
    """Return what is wrong with an e-mail address, by field."""
    try:
        validate_email(email)
    except ValidationError:
        return {"email": _("This is not an e-mail address.")}
    return {}


def place_faults(latitude: Decimal | None, longitude: Decimal | None) -> dict[str, Any]:
    """Return what is wrong with a place, by field: half of it, or beyond the globe."""
    wrong: dict[str, Any] = {}
    if (latitude is None) != (longitude is None):
        wrong["latitude" if latitude is None else "longitude"] = _("A place needs latitude and longitude.")
    if latitude is not None and not -90 <= latitude <= 90:
        wrong["latitude"] = _("The latitude lies between -90 and 90.")
    if longitude is not None and not -180 <= longitude <= 180:
        wrong["longitude"] = _("The longitude lies between -180 and 180.")
    return wrong
