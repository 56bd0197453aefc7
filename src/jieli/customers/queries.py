"""Reads of customers and devices: lists, pages, search, masks and the tiers in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from jieli.customers.models import (
    Address,
    Consent,
    Contact,
    Customer,
    CustomerQuerySet,
    Device,
    ErasureCertificate,
    Merge,
    Segment,
    SpecialDate,
)
from jieli.customers.policy import may_see_customers
from jieli.customers.rules import FACTORS, TierPolicy, TierScore, explain, normalise_serial, score_tier, tier_name
from jieli.events.actor import Actor
from jieli.events.facts import fact_class
from jieli.events.models import Event
from jieli.lib import clock
from jieli.lib.text import mask_address, mask_phone, normalise_phone, pairs
from jieli.people.models import Staff
from jieli.people.queries import local_date
from jieli.policies.queries import current


def tier_policy() -> TierPolicy:
    """Return the tiers in force now, as the policy pack has them."""
    loaded = current("tiers")
    tiers = loaded.data
    return TierPolicy(
        weights={name: Decimal(str(getattr(tiers.weights, name))) for name in FACTORS},
        cut_offs={name: Decimal(str(getattr(tiers.cut_offs, name))) for name in ("silver", "gold", "vip")},
        version=loaded.version,
    )


def tier_reason(customer: Customer) -> str:
    """Return why the customer has this tier, in one sentence; says so when the rules changed since."""
    policy = tier_policy()
    score: TierScore = score_tier({name: getattr(customer, name) for name in FACTORS}, policy)
    text = explain(score)
    if customer.tier_policy and customer.tier_policy != policy.version and score.tier != customer.tier:
        return _("%(reason)s. The stored tier was decided by %(policy)s.") % {
            "reason": text,
            "policy": customer.tier_policy,
        }
    return text


def current_customer(customer_id: int) -> Customer:
    """Return the customer, or whom he was merged into; one query a step. Raises Customer.DoesNotExist."""
    customer = Customer.objects.get(pk=customer_id)
    while customer.merged_into_id is not None:
        customer = Customer.objects.get(pk=customer.merged_into_id)
    return customer


def masked_email(email: str) -> str:
    """Return a mail address with its name hidden: ``f***@example.com``."""
    head, _at, host = email.partition("@")
    return f"{head[:1]}***@{host}" if host else ""


def masked_values(row: Customer | Contact) -> dict[str, str]:
    """Return the sensitive fields as everybody sees them; `actions.unmask` gives one in full and records who looked."""
    values = {"phone": mask_phone(row.phone_digits), "email": masked_email(row.email)}
    if isinstance(row, Customer):
        values["address"] = mask_address(row.address)
    return values


# --- search

# Each branch has its own index and an end; together they are one query.
_BRANCH_LIMIT = 500
_NAME_PART = "select id from customers_customer where bigrams(name) @> %s::text[] and strpos(lower(name), lower(%s)) > 0"
_NAME_START = "select id from customers_customer where name like %s"
_CODE = "select id from customers_customer where code = %s and code <> ''"
_EMAIL = (
    "select id from customers_customer where email = %s and email <> ''",
    "select customer_id from customers_contact where email = %s and email <> '' and ended_at is null",
)
_PHONE = (
    "select id from customers_customer where phone_digits like %s",
    "select customer_id from customers_contact where phone_digits like %s and ended_at is null",
)
_PHONE_END = (
    "select id from customers_customer where phone_reversed like %s",
    "select customer_id from customers_contact where phone_reversed like %s and ended_at is null",
)
_SERIAL = "select customer_id from customers_device where serial like %s and customer_id is not null"


def customers_matching(customers: CustomerQuerySet, query: str) -> CustomerQuerySet:
    """Keep customers who have `query` in their name, or as phone, code, e-mail or a device's serial number.

    Digits are looked for at both ends of phones (also of contacts), words inside names from two characters on, a single
    character at the start of names; each way finds at most 500.
    """
    words = query.strip()[:100]
    if not words or "\x00" in words:
        return customers.none()
    branches: list[tuple[str, str]] = [(_CODE, words)]
    parameters: list[object] = []
    if len(words) == 1:
        branches.append((_NAME_START, f"{_escaped(words)}%"))
    if sum(ch.isdigit() for ch in words) >= 4 and not any(ch.isalpha() for ch in words):
        branches += _phone_branches(normalise_phone(words))
    if "@" in words:
        branches += [(sql, words.lower()) for sql in _EMAIL]
    serial = normalise_serial(words)
    if len(serial) >= 4 and serial.isascii():
        branches.append((_SERIAL, f"%{_escaped(serial)}%"))
    selects = []
    for sql, value in branches:
        selects.append(f"({sql} limit {_BRANCH_LIMIT})")
        parameters.append(value)
    if len(words) > 1:
        selects.append(f"({_NAME_PART} limit {_BRANCH_LIMIT})")
        parameters += [pairs(words), words]
    return customers.filter(pk__in=RawSQL(" union ".join(selects), parameters))  # noqa: S611 - constant text


def _phone_branches(number: str) -> list[tuple[str, str]]:
    return [(sql, f"{number}%") for sql in _PHONE] + [(sql, f"{number[::-1]}%") for sql in _PHONE_END]


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


@dataclass(frozen=True, slots=True)
class Page:
    """Some customers, and the id after which the next page begins; None at the end."""

    rows: list[Customer]
    next: int | None


def in_segment(customers: CustomerQuerySet, filters: Mapping[str, str]) -> CustomerQuerySet:
    """Keep the customers whom the filters of a segment choose (`rules.SEGMENT_FILTERS`); unknown ones choose nobody."""
    for name, value in filters.items():
        if name in ("tier", "kind", "language"):
            customers = customers.filter(**{name: value})
        elif name == "product_line":
            customers = customers.filter(Exists(Device.objects.filter(customer=OuterRef("pk"), product_line=value)))
        elif name == "purpose":
            said = Consent.objects.filter(customer=OuterRef("pk"), purpose=value).order_by("-pk").values("given")[:1]
            customers = customers.annotate(_agrees=Subquery(said)).filter(_agrees=True)
        elif name == "born_in" and value.isascii() and value.isdigit():
            customers = customers.filter(birthday__month=int(value))
        else:
            return customers.none()
    return customers


def segments() -> list[Segment]:
    """Return the saved segments by name. One query."""
    return list(Segment.objects.order_by("name")[:200])


def customer_page(
    actor: Actor,
    *,
    query: str = "",
    tier: str = "",
    filters: Mapping[str, str] | None = None,
    before: int | None = None,
    size: int = 50,
) -> Page:
    """Return customers, newest first, whose id lies below `before`. One query, the same cost on every page."""
    customers = Customer.objects.visible_to(actor).filter(merged_into__isnull=True)
    if query:
        customers = customers_matching(customers, query)
    customers = in_segment(customers, {**({"tier": tier} if tier else {}), **(filters or {})})
    if before is not None:
        customers = customers.filter(pk__lt=before)
    rows = list(customers.order_by("-pk")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, rows[-1].pk if more else None)


def callers(actor: Actor, *, typed: str, limit: int = 8) -> list[Customer]:
    """Return the customers whom a number being typed may mean, for the phone form; nobody below three digits. One query."""
    number = normalise_phone(typed)
    if len(number) < 3:
        return []
    branches = _phone_branches(number)
    union = " union ".join(f"({sql} limit {_BRANCH_LIMIT})" for sql, _value in branches)
    ids = RawSQL(union, [value for _sql, value in branches])  # noqa: S611 - constant text
    return list(Customer.objects.visible_to(actor).present().filter(pk__in=ids).order_by("-pk")[:limit])


# --- one customer, one device


def visible_customer(actor: Actor, customer_id: int) -> Customer:
    """Return a customer whom the actor may see; raises Customer.DoesNotExist, also when hidden."""
    return Customer.objects.visible_to(actor).get(pk=customer_id)


def visible_devices(actor: Actor) -> QuerySet[Device]:
    """Return all devices for the desk, for others those of customers whom they may see."""
    if may_see_customers(actor):
        return Device.objects.all()
    return Device.objects.filter(customer__in=Customer.objects.visible_to(actor).values("pk"))


def contacts_of(customer_id: int) -> list[Contact]:
    """Return the contacts who still speak for a customer, in the order in which they came. One query."""
    return list(Contact.objects.filter(customer_id=customer_id, ended_at=None).order_by("pk")[:200])


def devices_of(customer_id: int) -> list[Device]:
    """Return a customer's devices, newest first. One query."""
    return list(Device.objects.filter(customer_id=customer_id).order_by("-pk")[:200])


def addresses_of(customer_id: int) -> list[Address]:
    """Return the further addresses that still hold, in the order in which they came. One query."""
    return list(Address.objects.filter(customer_id=customer_id, ended_at=None).order_by("pk")[:100])


def special_dates_of(customer_id: int) -> list[SpecialDate]:
    """Return a customer's special dates, in the order of the year. One query."""
    return sorted(SpecialDate.objects.filter(customer_id=customer_id)[:100], key=lambda one: (one.on.month, one.on.day))


def consents_of(customer_id: int) -> list[Consent]:
    """Return the consent that holds for each purpose, what was said under a merged entry included. One query."""
    said = Consent.objects.filter(Q(customer_id=customer_id) | Q(customer__merged_into_id=customer_id))
    rows = said.order_by("purpose", "-pk").distinct("purpose")
    return list(rows)


def merges_of(customer_id: int) -> list[Merge]:
    """Return the merges into a customer which can still be undone. One query."""
    rows = Merge.objects.filter(kept_id=customer_id, undone_at=None).select_related("merged").order_by("-pk")
    return list(rows)


def similar_customers(actor: Actor, customer: Customer, *, limit: int = 5) -> list[Customer]:
    """Return customers who may be the same: the same phone or e-mail, or the same name at the same address. One query."""
    same = Q(pk__in=[])
    if customer.phone_digits:
        same |= Q(phone_digits=customer.phone_digits)
    if customer.email:
        same |= Q(email=customer.email)
    if customer.address:
        same |= Q(name=customer.name, address=customer.address)
    rows = Customer.objects.visible_to(actor).present().exclude(pk=customer.pk).filter(same).order_by("pk")
    return list(rows[:limit])


_DOUBLES = """
select array_agg(id order by id) from customers_customer
where {field} <> '' and merged_into_id is null and erased_at is null
group by {field} having count(*) > 1 order by max(id) desc limit 50
"""


def duplicates(actor: Actor) -> list[list[Customer]]:
    """Return groups of customers with the same phone, then with the same e-mail, the newest groups first, at most 100.

    Only those whom the actor sees. Cost: two scans of an index over all customers and one query.
    """
    groups: dict[tuple[int, ...], None] = {}
    with connection.cursor() as cursor:
        for field in ("phone_digits", "email"):
            cursor.execute(_DOUBLES.format(field=field))
            groups |= dict.fromkeys(tuple(ids) for (ids,) in cursor.fetchall())
    found = Customer.objects.visible_to(actor).in_bulk({pk for ids in groups for pk in ids})
    shown = [[found[pk] for pk in ids if pk in found] for ids in groups]
    return [group for group in shown if len(group) > 1]


@dataclass(frozen=True, slots=True)
class DevicePage:
    """Some devices, and the id after which the next page begins; None at the end."""

    rows: list[Device]
    next: int | None


def device_page(
    actor: Actor, *, batch: str = "", product_line: str = "", serial: str = "", before: int | None = None, size: int = 50
) -> DevicePage:
    """Return devices with their customers, newest first, of a batch (for a recall), a line or a part of a serial number.

    One query, the same cost on every page.
    """
    devices = _narrowed(visible_devices(actor).select_related("customer"), batch, product_line, serial)
    if before is not None:
        devices = devices.filter(pk__lt=before)
    rows = list(devices.order_by("-pk")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return DevicePage(rows, rows[-1].pk if more else None)


def labelled_serials(actor: Actor, *, batch: str, product_line: str, serial: str, most: int) -> list[str]:
    """Return the serials of the devices which the same filter lists, in their order, at most so many. One query."""
    found = _narrowed(visible_devices(actor), batch, product_line, serial).exclude(serial="")
    return sorted(found.order_by("-pk").values_list("serial", flat=True)[:most])


def _narrowed(devices: QuerySet[Device], batch: str, product_line: str, serial: str) -> QuerySet[Device]:
    if batch:
        devices = devices.filter(batch=batch)
    if product_line:
        devices = devices.filter(product_line=product_line)
    if serial:
        devices = devices.filter(serial__contains=normalise_serial(serial))
    return devices


def certificate_of(customer_id: int) -> ErasureCertificate | None:
    """Return the certificate of a customer's erasure; one who was merged before has the kept one's. One query."""
    return ErasureCertificate.objects.filter(customer_id=customer_id).first()


def today() -> date:
    """Return the company's calendar day."""
    return local_date(clock.now())


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One fact in people's words."""

    at: datetime
    text: str
    who: str
    icon: str = ""


def history_of(row_id: int, *, stream: str = "customer", limit: int = 30) -> list[HistoryEntry]:
    """Return the last facts about a customer or device, newest first. Three queries."""
    events = list(Event.objects.filter(stream=stream, stream_id=row_id).order_by("-sequence").prefetch_related("texts")[:limit])
    staff_ids = {event.actor_id for event in events if event.actor_kind == "staff" and event.actor_id is not None}
    names = dict(Staff.objects.filter(pk__in=staff_ids).values_list("pk", "name"))
    return [HistoryEntry(event.at, _sentence(event), _who(event, names)) for event in events]


def _who(event: Event, names: dict[int, str]) -> str:
    if event.actor_kind == "staff":
        return names.get(event.actor_id or 0, "")
    if event.actor_kind == "customer":
        return _("the customer")
    if event.actor_kind == "rule":
        return _("rule %(name)s") % {"name": event.actor_name}
    if event.actor_kind == "import":
        return _("import %(name)s") % {"name": event.actor_name}
    return _("the system")


def _sentence(event: Event) -> str:
    fact = fact_class(event.type)
    if fact is None:
        return event.type
    values: dict[str, object] = {**event.data, "customer_id": event.stream_id}
    values |= {text.field: text.body or _("(erased)") for text in event.texts.all()}
    if "fields" in values:
        values["fields"] = _(", ").join(_field_name(event.type, name) for name in str(values["fields"]).split(", "))
    if "field" in values:
        values["field"] = _field_name(event.type, str(values["field"]))
    if "given" in values:
        values["given"] = _("agrees") if values["given"] else _("does not agree")
    if event.type == "customers.tier_changed":
        values |= {name: tier_name(str(values[name])) for name in ("old", "new")}
    return str(fact.sentence) % values


def _field_name(type_: str, name: str) -> str:
    model = Device if type_.startswith("customers.device") else Contact if type_.startswith("customers.contact") else Customer
    try:
        return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name
