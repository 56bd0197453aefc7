"""Nobody writes a quantity, and no movement loses a part: plain SQL as the application's own role is refused at commit."""

import psycopg
import pytest

from jieli.cases.queries.verifying import findings
from jieli.lib import clock
from jieli.parts.actions.machines import Asked, ask_for_machine
from jieli.parts.actions.using import reserve, use_part
from jieli.parts.models import Balance, Place
from jieli.parts.tests.factories import a_machine, a_part, a_store, a_van, an_engineer, an_order, an_outlet
from jieli.people.tests.factories import MONDAY, acting

pytestmark = pytest.mark.django_db(transaction=True)

EVENT = """
insert into events_event (stream, stream_id, sequence, actor_kind, actor_name, type, data, previous, hash)
values ('unit', 1, 0, 'system', 'x', 'parts.stock_moved', '{{}}', '', '') returning id
"""
MOVE = f"""
with e as ({EVENT}), m as (insert into parts_movement (kind, at, reason, event_id, xact)
  select 'move', company_now(), '', id, 0 from e returning id)
insert into parts_entry (movement_id, place_id, part_id, quantity)
"""

FIND = """
insert into parts_finding (used_part_id, number, finding, note, reason, at)
select min(id), 1, 'confirmed', '', '', company_now() from parts_usedpart
""".strip()

ATTACKS = {
    "write a quantity": ("InsufficientPrivilege", "update parts_balance set quantity = 99"),
    "insert a quantity": ("InsufficientPrivilege", "insert into parts_balance values (99, 0, {part}, {other})"),
    "delete a quantity": ("InsufficientPrivilege", "delete from parts_balance"),
    "change an entry": ("InsufficientPrivilege", "update parts_entry set quantity = 99"),
    "delete an entry": ("InsufficientPrivilege", "delete from parts_entry"),
    "change a movement": ("InsufficientPrivilege", "update parts_movement set kind = 'move'"),
    "empty the book": ("InsufficientPrivilege", "truncate parts_entry"),
    "parts from nowhere": (
        "parts_movement_balanced",
        MOVE + "select id, {store}, {part}, 5 from m",
    ),
    "one part becomes another": (
        "parts_movement_balanced",
        MOVE + "select id, p, q, n from m, (values ({store}, {part}, -1), ({van}, {second}, 1)) v (p, q, n)",
    ),
    "add to a movement after it was looked at": (
        "parts_movement_balanced",
        MOVE + "select id, p, {part}, n from m, (values ({store}, -1), ({van}, 1)) v (p, n); set constraints all immediate; "
        "insert into parts_entry (movement_id, place_id, part_id, quantity) "
        "select max(id), {other}, {part}, 5 from parts_movement",
    ),
    "add to a movement of before": (
        "parts_movement_complete",
        "insert into parts_entry (movement_id, place_id, part_id, quantity) "
        "select min(id), p, {part}, n from parts_movement, (values ({van}, 1), ({scrap}, -1)) v (p, n) group by p, n",
    ),
    "a movement of nothing": (
        "parts_movement_balanced",
        f"with e as ({EVENT}) insert into parts_movement (kind, at, reason, event_id, xact) "
        "select 'move', company_now(), '', id, 0 from e",
    ),
    "a movement without a fact of its own": (
        "parts_movement_has_event",
        "insert into parts_movement (kind, at, reason, event_id, xact) "
        "select 'move', company_now(), '', id, pg_current_xact_id()::text::bigint from events_event "
        "where type not like 'parts.%' limit 1",
    ),
    "more than is there": (
        "parts_never_below_zero",
        MOVE + "select id, p, {part}, n from m, (values ({store}, -99), ({van}, 99)) v (p, n)",
    ),
    "what is reserved": (
        "parts_reserved_is_there",
        MOVE + "select id, p, {part}, n from m, (values ({van}, -3), ({store}, 3)) v (p, n)",
    ),
    "reserve more than is there": (
        "parts_reserved_is_there",
        'insert into parts_reservation (place_id, part_id, order_id, quantity, "left", made_at) '
        "values ({van}, {part}, {order}, 99, 99, company_now())",
    ),
    "reserve at the supplier's": (
        "parts_reserved_is_there",
        'insert into parts_reservation (place_id, part_id, order_id, quantity, "left", made_at) '
        "values ({other}, {part}, {order}, 1, 1, company_now())",
    ),
    "a reservation grows": ("parts_reservation_shrinks", 'update parts_reservation set "left" = 2 where quantity = 2'),
    "a reservation for somebody else": ("InsufficientPrivilege", "update parts_reservation set order_id = {order}"),
    "use what was not taken": (
        "parts_used_is_booked",
        "insert into parts_usedpart (order_id, part_id, place_id, movement_id, old_serial, new_serial, is_returnable, used_at, "
        "lab_finding, lab_note) select {order}, {part}, {store}, min(id), '', '', true, company_now(), '', '' "
        "from parts_movement",
    ),
    "a part comes back twice": (
        "parts_used_told_once",
        "update parts_usedpart set returned_at = company_now(); "
        "update parts_usedpart set returned_at = company_now() - interval '1 day'",
    ),
    "find what is not there": (
        "parts_found_of_returned",
        FIND + "; update parts_usedpart set lab_finding = 'confirmed', lab_at = company_now()",
    ),
    "a finding that the lab did not note": (
        "parts_used_found",
        "update parts_usedpart set returned_at = company_now(), lab_finding = 'confirmed', lab_at = company_now()",
    ),
    "another finding instead of a later one": ("InsufficientPrivilege", "update parts_finding set finding = 'confirmed'"),
    "a second finding before the first": (
        "parts_finding_follows",
        FIND.replace("1, 'confirmed', '', ''", "2, 'misuse', '', 'x'"),
    ),
    "a machine that nobody approved": (
        "parts_machine_approved",
        "insert into parts_usedpart (order_id, part_id, machine_return_id, old_serial, new_serial, is_returnable, used_at, "
        "lab_finding, lab_note) select {order}, {machine}, id, old_serial, '', true, company_now(), '', '' "
        "from parts_machinereturn",
    ),
    "a machine without any asking": (
        "parts_machine_approved",
        "insert into parts_usedpart (order_id, part_id, place_id, movement_id, old_serial, new_serial, is_returnable, used_at, "
        "lab_finding, lab_note) select {order}, {machine}, {store}, min(id), '', '', true, company_now(), '', '' "
        "from parts_movement",
    ),
    "approve what one asked for": (
        "parts_machine_by_another",
        "update parts_machinereturn set state = 'approved', decided_at = company_now(), decided_by_id = asked_by_id, "
        "limit_amount = 9999",
    ),
    "approve above all authority": (
        "parts_machine_in_authority",
        "update parts_machinereturn set state = 'approved', decided_at = company_now(), decided_by_id = 1, limit_amount = 1",
    ),
    "ask again after a refusal": (
        "parts_machine_goes_on",
        "update parts_machinereturn set state = 'refused', decided_at = company_now(), decided_by_id = 1, "
        "decision_reason = 'x'; "
        "update parts_machinereturn set state = 'asked', decided_at = null, decided_by_id = null",
    ),
    "another amount": ("InsufficientPrivilege", "update parts_machinereturn set amount = 1"),
    "another old part": ("InsufficientPrivilege", "update parts_usedpart set old_serial = 'X'"),
    "forget a used part": ("InsufficientPrivilege", "delete from parts_usedpart"),
    "a part order goes back": (
        "parts_order_goes_on",
        "update parts_partorder set state = 'cancelled', cancelled_at = company_now(), reason = 'x'; "
        "update parts_partorder set state = 'ordered', cancelled_at = null",
    ),
}


@pytest.fixture
def world():
    from jieli.parts.actions.ordering import order_missing_part

    with clock.frozen(MONDAY):
        engineer = an_engineer(an_outlet())
        part, second = a_part("A"), a_part("B")
        store, van = a_store(A=5, B=5), a_van(engineer, A=4)
        order = an_order(engineer)
        reserve(order.pk, part_code="A", quantity=2, place_id=van.pk, actor=acting(engineer))
        ended = reserve(order.pk, part_code="A", quantity=1, place_id=store.pk, actor=acting(engineer))
        use_part(order.pk, part_code="A", actor=acting(engineer), place_id=van.pk)
        order_missing_part(order.pk, part_code="B", actor=acting(engineer))
        machine = a_machine("WM", price="1000.00")
        asked = Asked("return", old_serial="SN1", old_machine="WM", reason="三修不好")
        ask_for_machine(order.pk, asked, actor=acting(engineer))
        ids = {
            "part": part.pk,
            "second": second.pk,
            "machine": machine.pk,
            "store": store.pk,
            "van": van.pk,
            "order": order.pk,
            "ended": ended.pk,
            "other": Place.objects.get(kind="supplier").pk,
            "scrap": Place.objects.get(kind="scrap").pk,
        }
        yield ids


def _commit(connection, statements):
    with connection.transaction():
        connection.execute("select set_config('jieli.frozen_at', %s, true)", [MONDAY.isoformat()])
        for statement in statements:
            connection.execute(statement)


def test_an_attack_on_the_book_is_refused(world, app_connection, subtests):
    """One world for all: a refused transaction leaves nothing behind."""
    for name, (rule, sql) in ATTACKS.items():
        with subtests.test(name):
            with pytest.raises(psycopg.Error) as refused:
                _commit(app_connection, sql.format(**world).split(";"))
            assert rule in (refused.value.diag.constraint_name, type(refused.value).__name__)


def test_the_places_outside_are_there(db):
    assert set(Place.objects.filter(unit=None).values_list("kind", flat=True)) == {*Place.OUTSIDE, "transit", "returned"}


@pytest.mark.parametrize(
    ("forgery", "rule"),
    [
        ("update parts_balance set quantity = quantity + 1 where quantity > 0", "parts_stock_is_sum"),
        ("update parts_balance set reserved = 0", "parts_reserved_is_sum"),
        (
            "update parts_entry set quantity = quantity + 1 where id = (select min(id) from parts_entry)",
            "parts_movement_balanced",
        ),
        ("update parts_entry set quantity = quantity * 2", "parts_entries_told"),
        (
            "update parts_entry set place_id = (select id from parts_place where kind = 'scrap') "
            "where place_id = (select id from parts_place where kind = 'central')",
            "parts_stock_is_sum",
        ),
        ("update parts_movement set kind = 'scrap', reason = 'x'", "parts_movement_event"),
        ("update parts_usedpart set returned_at = company_now()", "parts_used_told"),
        ("update parts_usedpart set old_serial = 'X'", "parts_used_told"),
        ("update parts_machinereturn set amount = 1", "parts_machine_told"),
        (
            "update parts_usedpart set lab_finding = 'confirmed', lab_at = company_now(), returned_at = now()",
            "parts_finding_told",
        ),
        ("drop trigger parts_entry_booked on parts_entry", "guards"),
    ],
)
def test_a_forgery_behind_the_triggers_is_found(forgery, rule, world, owner_connection):
    tables = ("parts_balance", "parts_entry", "parts_movement", "parts_usedpart", "parts_machinereturn")
    assert list(findings()) == []
    for table in tables:
        owner_connection.execute(f"alter table {table} disable trigger user")
    owner_connection.execute(forgery)
    for table in tables:
        owner_connection.execute(f"alter table {table} enable trigger user")
    assert rule in {finding.rule for finding in findings()}
    assert Balance.objects.exists()
