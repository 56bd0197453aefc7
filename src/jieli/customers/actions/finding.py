"""Finding or making the customers of needs that come in: many at once, in three statements."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from jieli.customers.actions.customers import cleaned
from jieli.customers.events import CustomerMade
from jieli.customers.models import Customer
from jieli.customers.policy import may_make_customer
from jieli.customers.queries import current_customer
from jieli.customers.rules import normalise_email
from jieli.events.actions import keyed_digest, queue_reactions
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, Refused, require
from jieli.lib import clock
from jieli.lib.sql import rows, rows_of_each
from jieli.lib.text import normalise_phone


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is looked for: by code, else phone, else e-mail; made with this name when nobody is found."""

    name: str
    phone: str = ""
    email: str = ""
    code: str = ""
    kind: str = "person"
    language: str = ""


def find_or_make_customers(wanted: Sequence[Wanted], *, actor: Actor) -> list[Customer | Refused]:
    """Return for each the customer found or made, or why not, as `find_or_make_customer` would one after the other.

    Runs in the caller's transaction, which must exist; an unexpected failure loses it. Cost: a lock, a search, for those
    found one more, for those made one insert. Raises NotAllowed, IntegrityError when a code was taken meanwhile.
    """
    require(may_make_customer(actor))
    keys = [_keys(one) for one in wanted]
    found = _found(keys)
    made = _Made()
    answers: list[Customer | Refused] = []
    for place, (one, key) in enumerate(zip(wanted, keys, strict=True)):
        # Whom the database knows comes before one made just now, as his id is lower; a better way comes before both.
        known = min((way for way in (found.get(place), made.like(key)) if way is not None), key=itemgetter(0), default=None)
        if known is not None:
            answers.append(known[1])
            continue
        try:
            answers.append(made.add(one, key))
        except Refused as refused:
            answers.append(refused)
    _insert(made.customers, actor)
    return answers


@dataclass(frozen=True, slots=True)
class _Keys:
    code: str
    phone: str
    email: str


def _keys(one: Wanted) -> _Keys:
    return _Keys(one.code.strip(), normalise_phone(one.phone), normalise_email(one.email))


_LOCK = """
select pg_advisory_xact_lock(held.key) from (select distinct hashtextextended(name, 20201) as key
from unnest(%s::text[]) name order by 1) held
"""

_RANKS = {"code": 1, "phone": 2, "email": 4}

# The best way to somebody comes first: his code, his phone, a contact's phone, his e-mail, a contact's e-mail.
_FIND = """
with wanted as materialized (
  select * from jsonb_to_recordset(%s::jsonb) as w(place int, code text, phone text, email text)
)
select distinct on (place) place, id, rank from (
  select w.place, 1 as rank, coalesce(c.merged_into_id, c.id) as id
    from wanted w join customers_customer c on c.code = w.code and c.code <> '' where w.code <> ''
  union all
  select w.place, 2, c.id from wanted w join customers_customer c on c.phone_digits = w.phone
    where w.phone <> '' and c.merged_into_id is null and c.erased_at is null and (c.code = '' or w.code = '')
  union all
  select w.place, 3, c.id from wanted w join customers_contact t on t.phone_digits = w.phone
    join customers_customer c on c.id = t.customer_id
    where w.phone <> '' and t.ended_at is null and t.erased_at is null
      and c.merged_into_id is null and c.erased_at is null and (c.code = '' or w.code = '')
  union all
  select w.place, 4, c.id from wanted w join customers_customer c on c.email = w.email and c.email <> ''
    where w.email <> '' and c.merged_into_id is null and c.erased_at is null and (c.code = '' or w.code = '')
  union all
  select w.place, 5, c.id from wanted w join customers_contact t on t.email = w.email and t.email <> ''
    join customers_customer c on c.id = t.customer_id
    where w.email <> '' and t.ended_at is null and t.erased_at is null
      and c.merged_into_id is null and c.erased_at is null and (c.code = '' or w.code = '')
) candidate order by place, rank, id
"""


def _found(keys: Sequence[_Keys]) -> dict[int, tuple[int, Customer]]:
    """Return by place whom the database knows, with the rank of the way to him."""
    names = [f"customer {name} {value}" for key in keys for name, value in _parts(key)]
    if not names:
        return {}
    sought = [{"place": place, "code": key.code, "phone": key.phone, "email": key.email} for place, key in enumerate(keys)]
    _locked, found_ids = rows_of_each([(_LOCK, [names]), (_FIND, [json.dumps(sought)])])
    customers = Customer.objects.in_bulk({customer_id for _place, customer_id, _rank in found_ids}) if found_ids else {}
    found = {}
    for place, customer_id, rank in found_ids:
        customer = customers[customer_id]
        found[place] = rank, customer if customer.merged_into_id is None else current_customer(customer_id)
    return found


def _parts(key: _Keys) -> list[tuple[str, str]]:
    return [(name, value) for name, value in (("code", key.code), ("phone", key.phone), ("email", key.email)) if value]


class _Made:
    """The customers to be made, and by what they will be found by the next of the same batch."""

    def __init__(self) -> None:
        self.customers: list[Customer] = []
        self._by: dict[tuple[str, str], list[Customer]] = {}

    def like(self, key: _Keys) -> tuple[int, Customer] | None:
        """Return one made before whom this means, too, with its rank; a phone or e-mail never leads to another code."""
        for name, value in _parts(key):
            for customer in self._by.get((name, value), ()):
                if name == "code" or not (customer.code and key.code):
                    return _RANKS[name], customer
        return None

    def add(self, one: Wanted, key: _Keys) -> Customer:
        """Plan a new customer; raises Invalid."""
        values: Mapping[str, Any] = {
            "code": one.code,
            "name": one.name,
            "phone": one.phone,
            "email": one.email,
            "kind": one.kind,
            "language": one.language,
        }
        customer = Customer(**cleaned(values))
        if not customer.name:
            raise Invalid(fields={"name": _("A name is needed.")})
        self.customers.append(customer)
        for name, value in _parts(key):
            self._by.setdefault((name, value), []).append(customer)
        return customer


_INSERT = """
with input as materialized (
  select nextval(pg_get_serial_sequence('customers_customer', 'id')) as id, r.*
  from jsonb_to_recordset(%s::jsonb) as r(place int, code text, name text, kind text, phone text, phone_digits text, email text,
    language text, at timestamptz, actor_kind text, actor_id bigint, actor_name text, data jsonb, key uuid)
), customer as (
  insert into customers_customer (id, code, name, kind, phone, phone_digits, email, address, language, preferences, notes,
    attributes, tier, tier_policy, legal_hold, created_at, changed_at)
  select id, code, name, kind, phone, phone_digits, email, '', language, '', '', '{}', 'standard', '', '', at, at from input
), event as (
  insert into events_event (stream, stream_id, sequence, actor_kind, actor_id, actor_name, type, data, previous, hash)
  select 'customer', id, 0, actor_kind, actor_id, actor_name, 'customers.made', data, '', '' from input
  returning id, stream_id
), text as (
  insert into events_eventtext (event_id, field, key, body)
  select event.id, 'name', input.key, input.name from event join input on input.id = event.stream_id
)
select input.place, input.id, event.id from input join event on event.stream_id = input.id
"""


def _insert(customers: Sequence[Customer], actor: Actor) -> None:
    if not customers:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("customers are made in a transaction")
    now = clock.now()
    planned = []
    for place, customer in enumerate(customers):
        customer.created_at = customer.changed_at = now
        key = uuid.uuid4()
        planned.append(
            {
                "place": place,
                "code": customer.code,
                "name": customer.name,
                "kind": customer.kind,
                "phone": customer.phone,
                "phone_digits": customer.phone_digits,
                "email": customer.email,
                "language": customer.language,
                "at": now.isoformat(),
                "actor_kind": actor.kind,
                "actor_id": None if actor.is_internal else actor.id,
                "actor_name": actor.name[:120] if actor.is_internal else "",
                "data": {"name": keyed_digest(key, customer.name)},
                "key": str(key),
            }
        )
    event_ids = []
    for place, customer_id, event_id in rows(_INSERT, [json.dumps(planned)]):
        customers[place].pk = customer_id
        customers[place]._state.adding = False
        customers[place]._state.db = "default"
        event_ids.append(event_id)
    queue_reactions(CustomerMade.type, event_ids)
