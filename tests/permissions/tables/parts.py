"""Parts."""

from decimal import Decimal

from jieli.cases.models import Case
from jieli.customers.tests.factories import a_device
from jieli.events.actor import SYSTEM
from jieli.orders.actions.living import learn, make_order
from jieli.parts.actions import bringing, disposing, importing, machines, master, ordering, returning, stock, using
from jieli.people.tests.factories import a_person, acting

from ..table import INSIDE, ONLY_SOFTWARE, SOFTWARE, Try, Who

USERS = Who(unit="AMSO", also=f"concerned {SOFTWARE}")
KEEPERS = Who(unit="AMSPO", also=SOFTWARE)
MAY = {
    "may_keep_master": Who(root="AMP", also=SOFTWARE),
    "may_see_parts": Who(any="AMSDGPQFOE", also=f"concerned receiver {SOFTWARE}"),
    "may_make_place": KEEPERS,
    "may_keep_stock": KEEPERS,
    "may_move_stock": Who(unit="AMSPO", also=f"concerned {SOFTWARE}"),
    "may_use_part": USERS,
    "may_take_from": Who(unit="AMSPO", also=f"concerned {SOFTWARE}"),
    "may_order_part": Who(unit="AMSOD", also=f"concerned {SOFTWARE}"),
    "may_release_part": Who(unit="AMSOPD", also=f"concerned {SOFTWARE}"),
    "may_receive_old_part": Who(unit="AMSPQ", also=SOFTWARE),
    "may_record_finding": Who(unit="AMQ", also=SOFTWARE),
    "may_correct_finding": Who(unit="AMQ"),
    "may_ask_machine": Who(unit="AMSOD", also=f"concerned {SOFTWARE}"),
    "may_decide_machine": Who(unit="MS"),
    "may_call_off_machine": Who(unit="AMSOD", also=f"concerned {SOFTWARE}"),
    "may_dispose_machine": Who(unit="AMSP", also=SOFTWARE),
    "may_see_returns": Who(any="AMSPQFO", also=SOFTWARE),
    "may_see_parts_of": Who(any="AMSDGPQFOE", also=f"concerned receiver {SOFTWARE}"),
    "may_bring_parts": Who(also="import"),
}


def rows(world):
    """Return an order of the case's outlet, its engineer's van with parts, a part in use, one reserved, one on order."""
    order = make_order(world.case.pk, outlet_id=world.unit.pk, engineer_id=world.staff.pk, in_warranty=True, actor=SYSTEM)
    order.case = Case.objects.select_related("unit").get(pk=world.case.pk)
    for code in ("A", "B"):
        master.save_part(code, name=code, actor=SYSTEM)
    van = stock.make_place(world.unit.pk, kind="van", staff_id=world.staff.pk, actor=SYSTEM)
    store = stock.make_place(world.unit.pk, kind="regional", code="STORE", actor=SYSTEM)
    for place in (van, store):
        stock.receive_stock(place.pk, lines=[("A", 9), ("B", 9)], actor=SYSTEM)
    back = using.use_part(order.pk, part_code="A", actor=SYSTEM)
    returning.receive_old_part(back.pk, actor=SYSTEM)
    owed = using.use_part(order.pk, part_code="A", actor=SYSTEM)
    undone = using.use_part(order.pk, part_code="B", actor=SYSTEM)
    kept = using.reserve(order.pk, part_code="A", quantity=1, place_id=van.pk, actor=SYSTEM)
    asked = ordering.order_missing_part(order.pk, part_code="B", actor=SYSTEM)
    sent = ordering.order_missing_part(order.pk, part_code="B", actor=SYSTEM)
    ordering.ship_part_order(sent.pk, from_place_id=store.pk, actor=SYSTEM)
    found = using.use_part(order.pk, part_code="B", actor=SYSTEM)
    returning.receive_old_part(found.pk, actor=SYSTEM)
    returning.record_finding(found.pk, "no_fault", actor=SYSTEM)
    master.save_part("M", name="整机", kind="machine", price_amount=Decimal("900.00"), actor=SYSTEM)
    asked_for, gone = (_machine_asked(world, serial) for serial in ("SN-ASKED", "SN-BACK"))
    machines.decide_machine(gone.pk, approved=True, actor=acting(a_person(roles=("manager",))))
    returned = returning.receive_old_part("SN-BACK", actor=SYSTEM)
    returning.record_finding(returned.pk, "confirmed", actor=SYSTEM)
    return {
        "found": found,
        "asked_for": asked_for,
        "returned": returned,
        "order": order,
        "place": van,
        "store": store,
        "back": back,
        "owed": owed,
        "undone": undone,
        "kept": kept,
        "asked": asked,
        "sent": sent,
    }


def _machine_asked(world, serial):
    device = a_device(serial=serial)
    order = make_order(world.case.pk, outlet_id=world.unit.pk, device_id=device.pk, in_warranty=True, actor=SYSTEM)
    asked = machines.Asked("return", old_machine="M", old_serial=serial, reason="x")
    return machines.ask_for_machine(order.pk, asked, actor=SYSTEM)


LINES = [("A", 1)]
ASKED = machines.Asked("exchange", machine="M", old_serial="SN-NEW", reason="x")


def _finish(world):
    learn(world.order.pk, actor=SYSTEM, finished_at=world.case.opened_at)


ACTIONS = {
    "save_part": Try("may_keep_master", lambda world, actor: master.save_part("C", name="新", actor=actor)),
    "make_place": Try(
        "may_make_place", lambda world, actor: stock.make_place(world.unit.pk, kind="outlet", code="NEW", actor=actor)
    ),
    "receive_stock": Try("may_keep_stock", lambda world, actor: stock.receive_stock(world.store.pk, lines=LINES, actor=actor)),
    "move_stock": Try(
        "may_move_stock",
        lambda world, actor: stock.move_stock(world.place.pk, to_place_id=world.store.pk, lines=LINES, actor=actor),
    ),
    "scrap_stock": Try(
        "may_keep_stock", lambda world, actor: stock.scrap_stock(world.store.pk, lines=LINES, reason="x", actor=actor)
    ),
    "count_stock": Try(
        "may_keep_stock", lambda world, actor: stock.count_stock(world.store.pk, counted={"A": 3}, reason="x", actor=actor)
    ),
    "place_for": INSIDE,
    "reserve": Try(
        "may_order_part",
        lambda world, actor: using.reserve(world.order.pk, part_code="A", quantity=1, place_id=world.place.pk, actor=actor),
    ),
    "keep": INSIDE,
    "release": Try("may_release_part", lambda world, actor: using.release(world.kept.pk, actor=actor)),
    "let_devices_follow": ONLY_SOFTWARE,
    "release_ended": Try(
        "may_order_part", lambda world, actor: (_finish(world), using.release_ended(world.order.pk, actor=actor))
    ),
    "use_part": Try(
        "may_use_part may_take_from",
        lambda world, actor: using.use_part(world.order.pk, part_code="A", place_id=world.place.pk, actor=actor),
    ),
    "undo_use": Try("may_use_part", lambda world, actor: using.undo_use(world.undone.pk, reason="x", actor=actor)),
    "tell_order": INSIDE,
    "order_missing_part": Try(
        "may_order_part", lambda world, actor: ordering.order_missing_part(world.order.pk, part_code="A", actor=actor)
    ),
    "ship_part_order": Try(
        "may_keep_stock",
        lambda world, actor: ordering.ship_part_order(world.asked.pk, from_place_id=world.store.pk, actor=actor),
    ),
    "receive_part_order": Try("may_move_stock", lambda world, actor: ordering.receive_part_order(world.sent.pk, actor=actor)),
    "cancel_part_order": Try(
        "may_release_part", lambda world, actor: ordering.cancel_part_order(world.asked.pk, reason="x", actor=actor)
    ),
    "find_used_part": INSIDE,
    "receive_old_part": Try(
        "may_receive_old_part", lambda world, actor: returning.receive_old_part(world.owed.pk, actor=actor)
    ),
    "record_finding": Try(
        "may_record_finding", lambda world, actor: returning.record_finding(world.back.pk, "confirmed", actor=actor)
    ),
    "correct_finding": Try(
        "may_correct_finding",
        lambda world, actor: returning.correct_finding(world.found.pk, "confirmed", reason="x", actor=actor),
    ),
    "ask_for_machine": Try(
        "may_ask_machine", lambda world, actor: machines.ask_for_machine(world.order.pk, ASKED, actor=actor)
    ),
    "decide_machine": Try(
        "may_decide_machine", lambda world, actor: machines.decide_machine(world.asked_for.pk, approved=True, actor=actor)
    ),
    "call_off_machine": Try(
        "may_call_off_machine",
        lambda world, actor: machines.call_off_machine(world.asked_for.pk, reason="x", actor=actor),
    ),
    "dispose_machine": [
        Try(
            "may_dispose_machine",
            lambda world, actor: disposing.dispose_machine(world.returned.pk, way="scrap", reason="x", actor=actor),
        ),
        Try(
            "may_dispose_machine may_keep_stock",
            lambda world, actor: disposing.dispose_machine(
                world.returned.pk, way="refurbish", reason="x", place_id=world.store.pk, actor=actor
            ),
        ),
    ],
    "refurbished": INSIDE,
    "locked_machine": INSIDE,
    "locked_order": INSIDE,
    "import_parts": Try(
        "may_bring_parts", lambda world, actor: importing.import_parts([(2, {"code": "D", "name": "新"})], actor=actor)
    ),
    "import_stock": Try(
        "may_bring_parts",
        lambda world, actor: importing.import_stock([(2, {"place": "STORE", "part": "A", "quantity": "5"})], actor=actor),
    ),
    "bring_parts": Try("may_bring_parts", lambda world, actor: bringing.bring_parts([], actor=actor)),
}
