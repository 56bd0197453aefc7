"""A part goes from a van into a machine; its old part is owed, comes back, and the lab looks at it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from jieli.cases.actions.conversing import Message
from jieli.cases.models import Case, Promise
from jieli.cases.queries.verifying import findings
from jieli.cases.tests.factories import a_customer
from jieli.customers.models import Device
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed, NotFound
from jieli.lib import clock
from jieli.network.models import LicencePosting
from jieli.network.tests.factories import an_engineer as a_licensed_engineer
from jieli.orders.actions.living import cancel_order, learn
from jieli.orders.models import WorkOrder
from jieli.parts.actions.ordering import cancel_part_order, order_missing_part, receive_part_order, ship_part_order
from jieli.parts.actions.returning import receive_old_part, record_finding
from jieli.parts.actions.stock import count_stock, move_stock, receive_stock, scrap_stock
from jieli.parts.actions.using import release, reserve, undo_use, use_part
from jieli.parts.handlers import let_parts_go
from jieli.parts.models import PartOrder, Reservation, UsedPart
from jieli.parts.refusals import (
    AlreadyFound,
    AlreadyReturned,
    BadParts,
    BadQuantity,
    NotInStock,
    NotReturned,
    OrderCalledOff,
    PartNotForModel,
    PartOrderOver,
    SameNameOtherAct,
    SerialUsedTwice,
    SeveralHaveSerial,
    StockReserved,
    UnknownPart,
    UnknownTag,
)
from jieli.parts.tests.factories import a_part, a_store, a_van, an_engineer, an_order, an_outlet, on_hand
from jieli.people.tests.factories import MONDAY, a_person, acting

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(days=2)


@pytest.fixture
def engineer():
    return an_engineer(an_outlet())


@pytest.fixture
def lab():
    return acting(a_person(roles=("quality",), name="质检员"))


@pytest.fixture
def keeper():
    return acting(a_person(roles=("specialist",), name="库管"))


def told(case_id: int) -> list[str]:
    return list(Event.objects.of_case(case_id).filter(type__regex="^(parts|orders)\\.").values_list("type", flat=True))


def test_a_part_its_old_part_and_the_finding_are_one_unit(engineer, lab):
    pump = a_part("PUMP", price_amount=None, fits=[("washing_machine", "")])
    van = a_van(engineer, PUMP=2)
    order = an_order(engineer)
    used = use_part(order.pk, part_code="pump", old_serial="sn 1", new_serial="SN2", actor=acting(engineer))
    order.refresh_from_db()
    assert (used.part, used.place, used.old_serial, order.part, order.part_returned_at) == (pump, van, "SN1", "PUMP", None)
    assert on_hand(van, "PUMP") == 1
    assert used.return_due_at == MONDAY + timedelta(days=90)
    with clock.frozen(LATER):
        assert receive_old_part(used.tag.lower(), actor=lab).returned_at == LATER
        record_finding(used.pk, "no_fault", actor=lab, note="正常")
    order.refresh_from_db()
    assert (order.part_returned_at, order.lab_finding, order.lab_at) == (LATER, "no_fault", LATER)
    assert told(order.case_id) == [
        "orders.dispatched",
        "parts.used",
        "orders.order_changed",
        "parts.returned",
        "orders.part_returned",
        "parts.found",
        "orders.lab_found",
    ]
    with clock.frozen(LATER):
        assert [one.as_dict() for one in findings()] == []


def test_the_order_waits_for_the_last_of_its_parts_and_takes_the_worst_finding(engineer, lab):
    a_part("A"), a_part("B"), a_part("FREE", is_returnable=False)
    a_van(engineer, A=1, B=1, FREE=1)
    order = an_order(engineer)
    first, second, free = (use_part(order.pk, part_code=code, actor=acting(engineer)) for code in ("A", "B", "FREE"))
    assert free.return_due_at is None
    receive_old_part(first.pk, actor=lab)
    record_finding(first.pk, "wrong_part", actor=lab)
    order.refresh_from_db()
    assert (order.part, order.part_returned_at, order.lab_finding) == ("A;B", None, "")
    receive_old_part(second.pk, actor=lab)
    record_finding(second.pk, "confirmed", actor=lab)
    order.refresh_from_db()
    assert (order.part_returned_at, order.lab_finding) == (MONDAY, "wrong_part")


def test_out_of_warranty_nothing_is_owed(engineer):
    a_part("A")
    a_van(engineer, A=1)
    order = an_order(engineer, in_warranty=False)
    used = use_part(order.pk, part_code="A", actor=acting(engineer))
    order.refresh_from_db()
    assert (used.return_due_at, order.part) == (None, "")


def test_the_same_act_of_a_phone_happens_once(engineer):
    a_part("A"), a_part("B")
    van = a_van(engineer, A=5, B=1)
    order, name = an_order(engineer), uuid4()
    first = use_part(order.pk, part_code="A", client_id=name, actor=acting(engineer))
    assert use_part(order.pk, part_code="A", client_id=name, actor=acting(engineer)) == first
    assert on_hand(van, "A") == 4
    with pytest.raises(SameNameOtherAct):
        use_part(order.pk, part_code="B", client_id=name, actor=acting(engineer))


def test_what_cannot_be_used_is_refused_in_words(engineer):
    customer = a_customer()
    device = Device.objects.create(
        serial="W1", product_line="washing_machine", model="XQG100", customer=customer, warranty_until="2099-01-01"
    )
    a_part("PUMP", fits=[("washing_machine", "XQG100")])
    a_part("FAN", fits=[("fridge", "BCD-1")])
    a_part("OTHER", fits=[("washing_machine", "XQG80")])
    a_part("INSTEAD", fits=[("washing_machine", "XQG70")])
    a_part("PUMP", fits=[("washing_machine", "XQG100")], substitutes=["INSTEAD"])
    a_van(engineer, PUMP=1, FAN=1, OTHER=1, INSTEAD=1)
    order, actor = an_order(engineer, device=device), acting(engineer)
    for code in ("FAN", "OTHER"):
        with pytest.raises(PartNotForModel) as refused:
            use_part(order.pk, part_code=code, actor=actor)
        assert code in str(refused.value)
        assert "XQG100" in str(refused.value)
    with pytest.raises(UnknownPart):
        use_part(order.pk, part_code="NIL", actor=actor)
    use_part(order.pk, part_code="PUMP", old_serial="S1", new_serial="S2", actor=actor)
    use_part(order.pk, part_code="INSTEAD", actor=actor)
    with pytest.raises(NotInStock) as refused:
        use_part(order.pk, part_code="PUMP", actor=actor)
    assert "周强" in str(refused.value)
    other = an_order(engineer)
    receive_stock(actor.id and UsedPart.objects.first().place_id, lines=[("PUMP", 5)], actor=SYSTEM)
    for old, new in (("S1", ""), ("", "S2")):
        with pytest.raises(SerialUsedTwice) as refused:
            use_part(other.pk, part_code="PUMP", old_serial=old, new_serial=new, actor=actor)
        assert order.number in str(refused.value)
    with pytest.raises(BadParts):
        use_part(other.pk, part_code="PUMP", old_serial="S9", new_serial="s9", actor=actor)
    cancel_order(other.pk, actor=SYSTEM)
    with pytest.raises(OrderCalledOff):
        use_part(other.pk, part_code="PUMP", actor=actor)


def test_nobody_books_on_an_order_that_he_does_not_have(engineer):
    a_part("A")
    van = a_van(engineer, A=1)
    order = an_order(engineer)
    colleague = an_engineer(engineer.unit, "赵六")
    with pytest.raises(NotFound):
        use_part(order.pk, part_code="A", place_id=van.pk, actor=acting(colleague))
    with pytest.raises(NotAllowed):
        move_stock(van.pk, to_place_id=a_store().pk, lines=[("A", 1)], actor=acting(a_person(roles=("quality",))))


def test_a_use_that_was_none_goes_back(engineer, lab):
    a_part("A")
    van = a_van(engineer, A=1)
    order = an_order(engineer)
    used = use_part(order.pk, part_code="A", old_serial="S1", actor=acting(engineer))
    with pytest.raises(BadParts):
        undo_use(used.pk, reason=" ", actor=acting(engineer))
    undo_use(used.pk, reason="扫错了", actor=acting(engineer))
    undo_use(used.pk, reason="扫错了", actor=acting(engineer))
    order.refresh_from_db()
    assert (on_hand(van, "A"), order.part) == (1, "")
    with pytest.raises(UnknownTag):
        receive_old_part("S1", actor=lab)
    again = use_part(order.pk, part_code="A", old_serial="S1", actor=acting(engineer))
    receive_old_part("s1", actor=lab)
    with pytest.raises(AlreadyReturned):
        undo_use(again.pk, reason="扫错了", actor=acting(engineer))
    assert [one.as_dict() for one in findings()] == []


def test_what_the_lab_may_not_say(engineer, lab):
    a_part("A"), a_part("B")
    a_van(engineer, A=2, B=1)
    order = an_order(engineer)
    used = use_part(order.pk, part_code="A", old_serial="S1", actor=acting(engineer))
    use_part(order.pk, part_code="B", old_serial="S1", actor=acting(engineer))
    with pytest.raises(NotReturned):
        record_finding(used.pk, "confirmed", actor=lab)
    with pytest.raises(SeveralHaveSerial):
        receive_old_part("S1", actor=lab)
    with pytest.raises(UnknownTag):
        receive_old_part("OP-000001-1", actor=lab)
    with pytest.raises(NotAllowed):
        receive_old_part(used.tag, actor=acting(engineer))
    receive_old_part(used.tag, actor=lab)
    with pytest.raises(AlreadyReturned):
        receive_old_part(used.tag, actor=lab)
    with pytest.raises(BadParts):
        record_finding(used.pk, "fine", actor=lab)
    record_finding(used.pk, "misuse", actor=lab)
    with pytest.raises(AlreadyFound):
        record_finding(used.pk, "confirmed", actor=lab)


def test_what_is_reserved_is_there_for_its_order_alone(engineer):
    a_part("A")
    van = a_van(engineer, A=1)
    mine, other = an_order(engineer), an_order(engineer)
    kept = reserve(mine.pk, part_code="A", quantity=1, place_id=van.pk, actor=acting(engineer))
    with pytest.raises(StockReserved):
        use_part(other.pk, part_code="A", actor=acting(engineer))
    with pytest.raises(StockReserved):
        move_stock(van.pk, to_place_id=a_store().pk, lines=[("A", 1)], actor=acting(engineer))
    with pytest.raises(StockReserved):
        count_stock(van.pk, counted={"A": 0}, reason="盘点", actor=SYSTEM)
    use_part(mine.pk, part_code="A", actor=acting(engineer))
    kept.refresh_from_db()
    assert (kept.left, kept.ended_at) == (0, MONDAY)
    assert release(kept.pk, actor=acting(engineer)).left == 0


def test_an_ended_order_lets_its_parts_go(engineer):
    a_part("A")
    van = a_van(engineer, A=3)
    finished, called_off = an_order(engineer), an_order(engineer)
    for order in (finished, called_off):
        reserve(order.pk, part_code="A", quantity=1, place_id=van.pk, actor=acting(engineer))
    part_order = order_missing_part(called_off.pk, part_code="A", actor=acting(engineer))
    learn(finished.pk, finished_at=MONDAY, actor=SYSTEM)
    cancel_order(called_off.pk, actor=SYSTEM)
    for event in Event.objects.filter(type__in=["orders.finished", "orders.cancelled"]):
        let_parts_go(event)
        let_parts_go(event)
    assert not Reservation.objects.filter(left__gt=0).exists()
    part_order.refresh_from_db()
    assert part_order.state == PartOrder.State.CANCELLED


def test_a_missing_part_is_promised_sent_kept_and_used(engineer, keeper):
    a_part("A", name="电脑板")
    store, van = a_store(A=3), a_van(engineer)
    order = an_order(engineer)
    part_order = order_missing_part(order.pk, part_code="A", quantity=1, consent=True, actor=acting(engineer))
    case = Case.objects.get(pk=order.case_id)
    promise = Promise.objects.get(pk=part_order.promise_id)
    assert (case.status, promise.kind, promise.due_at) == ("waiting", "part_delivery", part_order.due_at)
    assert promise.told_how == "message"
    said = Message.objects.filter(case=case, direction="out").latest("pk").body
    assert "电脑板" in said
    with pytest.raises(PartOrderOver):
        receive_part_order(part_order.pk, actor=acting(engineer))
    with pytest.raises(NotAllowed):
        ship_part_order(part_order.pk, from_place_id=store.pk, actor=acting(engineer))
    ship_part_order(part_order.pk, from_place_id=store.pk, waybill="SF1", actor=keeper)
    with pytest.raises(PartOrderOver):
        cancel_part_order(part_order.pk, reason="x", actor=keeper)
    assert [one.as_dict() for one in findings()] == []
    with clock.frozen(MONDAY + timedelta(days=1)):
        receive_part_order(part_order.pk, actor=acting(engineer))
    promise.refresh_from_db(), case.refresh_from_db()
    assert (promise.outcome, case.status) == ("kept", "open")
    assert Reservation.objects.get().left == 1
    used = use_part(order.pk, part_code="A", actor=acting(engineer))
    assert (used.place, on_hand(van, "A"), on_hand(store, "A")) == (van, 0, 2)
    assert [one.as_dict() for one in findings()] == []


def test_without_consent_nothing_waits_and_a_store_is_found(engineer):
    a_part("A")
    order = an_order(engineer)
    part_order = order_missing_part(order.pk, part_code="A", actor=acting(engineer))
    assert (part_order.to_place.kind, part_order.to_place.unit) == ("outlet", engineer.unit)
    assert Case.objects.get(pk=order.case_id).status == "open"
    cancel_part_order(part_order.pk, reason="客户不要了", actor=acting(engineer))
    assert Promise.objects.get(pk=part_order.promise_id).outcome == "cancelled"


def test_stock_is_received_moved_counted_and_scrapped(engineer, keeper):
    a_part("A"), a_part("B")
    store, van = a_store(), a_van(engineer)
    receive_stock(store.pk, lines=[("A", 3), ("a", 2), ("B", 1)], actor=keeper)
    move_stock(store.pk, to_place_id=van.pk, lines=[("A", 2)], actor=keeper)
    assert count_stock(store.pk, counted={"A": 3}, reason="月盘", actor=keeper) is None
    count_stock(store.pk, counted={"A": 2, "B": 4}, reason="月盘", actor=keeper)
    scrap_stock(store.pk, lines=[("B", 1)], reason="破损", actor=keeper)
    assert [on_hand(store, "A"), on_hand(store, "B"), on_hand(van, "A")] == [2, 3, 2]
    for quantity in (0, -1, 100_001):
        with pytest.raises(BadQuantity):
            move_stock(store.pk, to_place_id=van.pk, lines=[("A", quantity)], actor=keeper)
    with pytest.raises(NotInStock):
        move_stock(store.pk, to_place_id=van.pk, lines=[("A", 9)], actor=keeper)
    with pytest.raises(BadParts):
        move_stock(store.pk, to_place_id=store.pk, lines=[("A", 1)], actor=keeper)
    with pytest.raises(BadParts):
        count_stock(store.pk, counted={"A": 1}, reason="", actor=keeper)
    assert [one.as_dict() for one in findings()] == []


def test_imported_facts_of_an_order_stay_when_no_part_was_booked(engineer):
    order = an_order(engineer)
    learn(order.pk, part="X", part_returned_at=MONDAY, actor=SYSTEM)
    assert WorkOrder.objects.get(pk=order.pk).part == "X"


def test_a_misjudged_part_costs_its_engineer_a_point_once(lab):
    engineer = a_licensed_engineer()
    a_part("A")
    a_van(engineer.staff, A=2)
    order = an_order(engineer.staff)
    for finding in ("wrong_part", "confirmed"):
        used = use_part(order.pk, part_code="A", actor=acting(engineer.staff))
        receive_old_part(used.pk, actor=lab)
        record_finding(used.pk, finding, actor=lab)
    points = LicencePosting.objects.filter(engineer=engineer, kind="part_misjudged").values_list("points", flat=True)
    assert list(points) == [-1]
