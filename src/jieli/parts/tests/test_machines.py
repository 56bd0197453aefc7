"""A whole machine: asked for, approved by another person, given or taken back, looked at, scrapped or refurbished."""

from datetime import timedelta
from decimal import Decimal

import pytest

from jieli.cases.queries.verifying import findings
from jieli.customers.tests.factories import a_customer, a_device
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed, NotFound
from jieli.notify.models import Notice
from jieli.orders.actions.living import cancel_order, learn
from jieli.parts.actions.disposing import dispose_machine
from jieli.parts.actions.machines import Asked, ask_for_machine, call_off_machine, decide_machine
from jieli.parts.actions.ordering import order_missing_part
from jieli.parts.actions.returning import receive_old_part, record_finding
from jieli.parts.actions.using import reserve, undo_use, use_part
from jieli.parts.handlers import let_parts_go
from jieli.parts.models import Entry, MachineReturn, Part, UsedPart
from jieli.parts.refusals import (
    AlreadyDisposed,
    AlreadyReturned,
    BadParts,
    LabComesFirst,
    MachineAboveAuthority,
    MachineAskedAlready,
    MachineDecided,
    MachineGiven,
    MachineNotApproved,
    MachineOwnAsking,
    NotReturned,
    ReturnNotUse,
)
from jieli.parts.tests.factories import a_machine, a_part, a_store, a_van, an_engineer, an_order, an_outlet, on_hand
from jieli.people.tests.factories import MONDAY, a_person, acting

pytestmark = pytest.mark.django_db
EXCHANGE = Asked("exchange", machine="WM", old_serial="sn-old", reason="三次修理仍漏水")
RETURN = Asked("return", old_machine="WM", old_serial="SN-OLD", amount=Decimal("1500.00"), reason="客户退机")


@pytest.fixture
def engineer():
    return an_engineer(an_outlet())


@pytest.fixture
def order(engineer):
    a_machine("WM")
    a_van(engineer, WM=2)
    return an_order(engineer)


@pytest.fixture
def supervisor():
    return acting(a_person(roles=("supervisor",), name="韩梅"))


@pytest.fixture
def lab():
    return acting(a_person(roles=("quality",), name="质检员"))


def approved(order, engineer, supervisor, asked=EXCHANGE):
    made = ask_for_machine(order.pk, asked, actor=acting(engineer))
    return decide_machine(made.pk, approved=True, actor=supervisor)


def exchanged(order, engineer, supervisor):
    approved(order, engineer, supervisor)
    return use_part(order.pk, part_code="WM", new_serial="SN-NEW", actor=acting(engineer))


def back(used, lab, finding="confirmed"):
    receive_old_part(used.tag, actor=lab)
    return record_finding(used.pk, finding, actor=lab)


def booked(kind):
    entries = Entry.objects.filter(movement__kind=kind).order_by("pk")
    return [tuple(one) for one in entries.values_list("place__kind", "part__code", "quantity")]


def told(case_id):
    return list(Event.objects.of_case(case_id).filter(type__startswith="parts.").values_list("type", flat=True))


def test_a_machine_that_came_back_may_be_asked_back_again_also_after_a_hand_over_that_was_undone(
    order, engineer, supervisor, lab
):
    first = exchanged(order, engineer, supervisor)
    undo_use(first.pk, reason="客户改主意", actor=acting(engineer))
    again = use_part(order.pk, part_code="WM", new_serial="SN-NEW", actor=acting(engineer))
    later = an_order(engineer)
    with pytest.raises(BadParts) as refused:
        ask_for_machine(later.pk, EXCHANGE, actor=acting(engineer))
    assert list(refused.value.fields) == ["old_serial"]
    back(again, lab)
    assert ask_for_machine(later.pk, EXCHANGE, actor=acting(engineer)).old_serial == "SN-OLD"


def test_an_exchange_is_asked_approved_given_and_comes_back_into_the_book(order, engineer, supervisor, lab):
    made = ask_for_machine(order.pk, EXCHANGE, actor=acting(engineer))
    assert (made.state, made.amount, made.old_serial) == ("asked", Decimal("1999.00"), "SN-OLD")
    decide_machine(made.pk, approved=True, reason="同意", actor=supervisor)
    used = use_part(order.pk, part_code="wm", new_serial="sn-new", actor=acting(engineer))
    assert (used.machine_return_id, used.old_serial, used.return_due_at) == (made.pk, "SN-OLD", MONDAY + timedelta(days=90))
    order.refresh_from_db()
    assert (order.part, order.part_returned_at) == ("WM", None)
    back(used, lab)
    order.refresh_from_db()
    assert (order.part_returned_at, order.lab_finding) == (MONDAY, "confirmed")
    assert booked("use") == [("van", "WM", -1), ("used", "WM", 1)]
    assert booked("back") == [("customer", "WM", -1), ("returned", "WM", 1)]
    assert told(order.case_id) == [
        "parts.machine_asked",
        "parts.machine_approved",
        "parts.used",
        "parts.returned",
        "parts.found",
    ]
    assert [one.as_dict() for one in findings()] == []


def test_a_return_for_good_is_owed_from_its_approval_and_gives_nothing(order, engineer, supervisor, lab):
    found = approved(order, engineer, supervisor, RETURN)
    used = UsedPart.objects.get(machine_return=found)
    assert (used.movement_id, used.old_serial, used.return_due_at) == (None, "SN-OLD", MONDAY + timedelta(days=90))
    order.refresh_from_db()
    assert (order.part, order.part_returned_at, order.lab_finding) == ("WM", None, "")
    back(used, lab, "no_fault")
    order.refresh_from_db()
    assert (order.part_returned_at, order.lab_finding) == (MONDAY, "no_fault")
    assert booked("use") == []
    assert [one.as_dict() for one in findings()] == []


def test_who_may_decide_is_told_and_then_who_asked(order, engineer, supervisor):
    above = a_person(roles=("manager",), name="经理")
    far = a_person(unit=an_outlet(), roles=("supervisor",), name="别处")
    made = ask_for_machine(order.pk, EXCHANGE, actor=acting(engineer))
    asked = set(Notice.objects.filter(kind="parts.machine_asked").values_list("staff_id", flat=True))
    assert {supervisor.id, above.pk} <= asked
    assert not {far.pk, engineer.pk} & asked
    decide_machine(made.pk, approved=False, reason="先换电脑板", actor=supervisor)
    assert Notice.objects.get(kind="parts.machine_refused").staff_id == engineer.pk


def test_the_amount_says_whose_authority_it_takes(order, engineer, supervisor):
    a_machine("BIG", price="3000.01")
    made = ask_for_machine(order.pk, Asked("exchange", machine="BIG", old_serial="S", reason="x"), actor=acting(engineer))
    with pytest.raises(MachineAboveAuthority, match=r"50,000\.00"):
        decide_machine(made.pk, approved=True, actor=supervisor)
    manager = acting(a_person(roles=("manager",), name="经理"))
    assert decide_machine(made.pk, approved=True, actor=manager).limit_amount == Decimal("50000.00")


def test_exactly_ones_authority_is_within_it(order, engineer, supervisor):
    a_machine("EVEN", price="3000.00")
    asked = Asked("exchange", machine="EVEN", old_serial="S", reason="x")
    assert approved(order, engineer, supervisor, asked).state == "approved"


def test_what_nobody_may_approve_is_refused_at_once(order, engineer):
    a_machine("HUGE", price="50000.01")
    with pytest.raises(MachineAboveAuthority):
        ask_for_machine(order.pk, Asked("exchange", machine="HUGE", old_serial="S", reason="x"), actor=acting(engineer))
    assert not MachineReturn.objects.exists()


def test_who_asks_does_not_decide(order, supervisor):
    made = ask_for_machine(order.pk, EXCHANGE, actor=supervisor)
    with pytest.raises(MachineOwnAsking):
        decide_machine(made.pk, approved=True, actor=supervisor)
    other = acting(a_person(roles=("supervisor",), name="另一位"))
    assert decide_machine(made.pk, approved=True, actor=other).decided_by_id == other.id


@pytest.mark.parametrize("role", ["agent", "outlet_manager", "quality", "finance", "engineer"])
def test_who_has_no_authority_does_not_decide(role, order, engineer):
    made = ask_for_machine(order.pk, EXCHANGE, actor=acting(engineer))
    with pytest.raises((NotAllowed, NotFound)):
        decide_machine(made.pk, approved=True, actor=acting(a_person(unit=order.outlet, roles=(role,))))


def test_a_decision_stands(order, engineer, supervisor):
    made = ask_for_machine(order.pk, EXCHANGE, actor=acting(engineer))
    with pytest.raises(BadParts) as refused:
        decide_machine(made.pk, approved=False, reason=" ", actor=supervisor)
    assert list(refused.value.fields) == ["reason"]
    decide_machine(made.pk, approved=False, reason="可修", actor=supervisor)
    for answer in (True, False):
        with pytest.raises(MachineDecided):
            decide_machine(made.pk, approved=answer, reason="x", actor=supervisor)
    with pytest.raises(MachineDecided):
        call_off_machine(made.pk, reason="x", actor=acting(engineer))
    assert ask_for_machine(order.pk, EXCHANGE, actor=acting(engineer)).state == "asked"


def test_nothing_is_given_reserved_or_ordered_before_the_approval(order, engineer):
    assert ask_for_machine(order.pk, EXCHANGE, actor=acting(engineer)).state == "asked"
    with pytest.raises(MachineNotApproved):
        use_part(order.pk, part_code="WM", new_serial="N", actor=acting(engineer))
    with pytest.raises(MachineNotApproved):
        order_missing_part(order.pk, part_code="WM", actor=acting(engineer))
    store = a_store(WM=1)
    with pytest.raises(MachineNotApproved):
        reserve(order.pk, part_code="WM", quantity=1, place_id=store.pk, actor=acting(engineer))


def test_an_approval_holds_for_one_machine_of_one_order(order, engineer, supervisor):
    exchanged(order, engineer, supervisor)
    with pytest.raises(MachineNotApproved):
        use_part(order.pk, part_code="WM", new_serial="SN-2", actor=acting(engineer))
    with pytest.raises(MachineAskedAlready):
        ask_for_machine(order.pk, EXCHANGE, actor=acting(engineer))


def test_another_machine_than_the_approved_one_is_not_given(order, engineer, supervisor):
    a_machine("OTHER")
    approved(order, engineer, supervisor)
    with pytest.raises(MachineNotApproved):
        use_part(order.pk, part_code="OTHER", new_serial="N", actor=acting(engineer))


@pytest.mark.parametrize(
    ("serials", "field"),
    [
        ({"old_serial": "SN-X", "new_serial": "SN-NEW"}, "old_serial"),
        ({"new_serial": ""}, "new_serial"),
        ({"new_serial": "sn-old"}, "new_serial"),
        ({"new_serial": "FRIDGE1"}, "new_serial"),
        ({"new_serial": "THEIRS"}, "new_serial"),
    ],
)
def test_a_machine_is_handed_over_with_the_serials_that_were_approved(serials, field, order, engineer, supervisor):
    a_device(serial="FRIDGE1", line="refrigerator")
    a_device(a_customer(), serial="THEIRS")
    approved(order, engineer, supervisor)
    with pytest.raises(BadParts) as refused:
        use_part(order.pk, part_code="WM", actor=acting(engineer), **serials)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Asked("swap", machine="WM", old_serial="S", reason="x"), "kind"),
        (Asked("exchange", machine="NONE", old_serial="S", reason="x"), "machine"),
        (Asked("exchange", machine="", old_serial="S", reason="x"), "machine"),
        (Asked("exchange", machine="PUMP", old_serial="S", reason="x"), "machine"),
        (Asked("exchange", machine="FRIDGE", old_serial="S", reason="x"), "machine"),
        (Asked("exchange", machine="WM", old_machine="FRIDGE", old_serial="S", reason="x"), "old_machine"),
        (Asked("return", old_serial="S", reason="x"), "old_machine"),
        (Asked("exchange", machine="WM", old_serial=" ", reason="x"), "old_serial"),
        (Asked("exchange", machine="WM", old_serial="S" * 81, reason="x"), "old_serial"),
        (Asked("exchange", machine="WM", old_serial="FRIDGE1", reason="x"), "old_serial"),
        (Asked("exchange", machine="WM", old_serial="THEIRS", reason="x"), "old_serial"),
        (Asked("exchange", machine="WM", old_serial="S", reason="\x00 "), "reason"),
        (Asked("exchange", machine="FREE", old_serial="S", reason="x"), "amount"),
        (Asked("return", old_machine="WM", old_serial="S", reason="x", amount=Decimal("0.001")), "amount"),
        (Asked("return", old_machine="WM", old_serial="S", reason="x", amount=Decimal("-1.00")), "amount"),
    ],
)
def test_bad_input_is_named_by_its_field(asked, field, order, engineer):
    a_part("PUMP", fits=[("washing_machine", "")])
    a_machine("FRIDGE", line="refrigerator")
    a_machine("FREE", price=None)
    a_device(serial="FRIDGE1", line="refrigerator")
    a_device(a_customer(), serial="THEIRS")
    with pytest.raises(BadParts) as refused:
        ask_for_machine(order.pk, asked, actor=acting(engineer))
    assert field in refused.value.fields
    assert not MachineReturn.objects.exists()


def test_the_machine_of_the_order_comes_back_and_no_other(engineer):
    device = a_device(a_customer(), serial="SN7")
    a_machine("WM")
    order = an_order(engineer, device=device)
    with pytest.raises(BadParts) as refused:
        ask_for_machine(order.pk, Asked("exchange", machine="WM", old_serial="SN8", reason="x"), actor=acting(engineer))
    assert "SN7" in str(refused.value.fields["old_serial"])


def test_a_machine_asked_back_on_one_order_is_not_asked_back_on_another(order, engineer):
    ask_for_machine(order.pk, EXCHANGE, actor=acting(engineer))
    with pytest.raises(BadParts) as refused:
        ask_for_machine(an_order(engineer).pk, EXCHANGE, actor=acting(engineer))
    assert list(refused.value.fields) == ["old_serial"]


def test_scrapped_it_leaves_the_book(order, engineer, supervisor, lab):
    used = back(exchanged(order, engineer, supervisor), lab)
    done = dispose_machine(used.pk, way="scrap", reason="内筒开裂", actor=supervisor)
    assert booked("scrap") == [("returned", "WM", -1), ("scrap", "WM", 1)]
    assert done.disposed_at == MONDAY
    assert told(order.case_id)[-1] == "parts.machine_scrapped"
    with pytest.raises(AlreadyDisposed):
        dispose_machine(used.pk, way="scrap", reason="x", actor=supervisor)
    assert [one.as_dict() for one in findings()] == []


def test_refurbished_it_is_in_stock_under_a_code_of_its_own(order, engineer, supervisor, lab):
    used, store = back(exchanged(order, engineer, supervisor), lab), a_store()
    dispose_machine(used.pk, way="refurbish", reason="换门封", place_id=store.pk, actor=supervisor)
    assert (on_hand(store, "WM"), on_hand(store, "WM-R")) == (0, 1)
    fresh = Part.objects.get(code="WM-R")
    assert (fresh.kind, fresh.refurbished_of.code, fresh.label) == ("machine", "WM", "洗衣机（翻新）")
    assert list(fresh.fits.values_list("product_line", "model")) == [("washing_machine", "")]
    assert booked("refurb") == [
        ("returned", "WM", -1),
        ("workshop", "WM", 1),
        ("workshop", "WM-R", -1),
        ("central", "WM-R", 1),
    ]
    assert [one.as_dict() for one in findings()] == []


def test_a_refurbished_machine_may_be_given_and_come_back_again(order, engineer, supervisor, lab):
    used, store = back(exchanged(order, engineer, supervisor), lab), a_store(an_outlet(), "outlet")
    dispose_machine(used.pk, way="refurbish", reason="换门封", place_id=store.pk, actor=SYSTEM)
    second = an_order(an_engineer(store.unit))
    worker = second.engineer
    approved(second, worker, supervisor, Asked("exchange", machine="WM-R", old_serial="SN-3", reason="x"))
    again = use_part(second.pk, part_code="WM-R", new_serial="SN-OLD", actor=acting(worker))
    assert on_hand(store, "WM-R") == 0
    dispose_machine(back(again, lab).pk, way="refurbish", reason="好", place_id=store.pk, actor=supervisor)
    assert Part.objects.filter(refurbished_of__isnull=False).count() == 1
    assert on_hand(store, "WM-R") == 1
    assert [one.as_dict() for one in findings()] == []


def test_it_is_decided_about_after_it_is_back_and_looked_at(order, engineer, supervisor, lab):
    used = exchanged(order, engineer, supervisor)
    with pytest.raises(NotReturned):
        dispose_machine(used.pk, way="scrap", reason="x", actor=supervisor)
    receive_old_part(used.pk, actor=lab)
    with pytest.raises(LabComesFirst):
        dispose_machine(used.pk, way="scrap", reason="x", actor=supervisor)
    record_finding(used.pk, "misuse", actor=lab)
    for values, field in (
        ({"way": "scrap", "reason": " "}, "reason"),
        ({"way": "sell", "reason": "x"}, "way"),
        ({"way": "refurbish", "reason": "x"}, "place"),
    ):
        with pytest.raises(BadParts) as refused:
            dispose_machine(used.pk, actor=supervisor, **values)
        assert list(refused.value.fields) == [field]
    with pytest.raises(NotAllowed):
        dispose_machine(used.pk, way="scrap", reason="x", actor=lab)


def test_an_old_part_is_not_disposed_of_as_a_machine(order, engineer, supervisor):
    a_part("PUMP")
    a_store(order.outlet, "outlet", PUMP=1)
    used = use_part(order.pk, part_code="PUMP", place_id=None, actor=acting(engineer))
    with pytest.raises(NotFound):
        dispose_machine(used.pk, way="scrap", reason="x", actor=supervisor)


def test_it_comes_back_once(order, engineer, supervisor, lab):
    used = exchanged(order, engineer, supervisor)
    receive_old_part("SN-OLD", actor=lab)
    with pytest.raises(AlreadyReturned):
        receive_old_part(used.tag, actor=lab)
    assert len(booked("back")) == 2


def test_called_off_nothing_is_owed_any_more(order, engineer, supervisor):
    found = approved(order, engineer, supervisor, RETURN)
    used = UsedPart.objects.get()
    with pytest.raises(ReturnNotUse):
        undo_use(used.pk, reason="x", actor=acting(engineer))
    with pytest.raises(BadParts):
        call_off_machine(found.pk, reason="", actor=acting(engineer))
    call_off_machine(found.pk, reason="客户留用", actor=acting(engineer))
    call_off_machine(found.pk, reason="客户留用", actor=acting(engineer))
    order.refresh_from_db()
    assert (order.part, UsedPart.objects.owed().count()) == ("", 0)
    assert told(order.case_id).count("parts.machine_called_off") == 1
    assert [one.as_dict() for one in findings()] == []


def test_what_is_given_is_taken_back_before_it_is_called_off(order, engineer, supervisor):
    used = exchanged(order, engineer, supervisor)
    found = used.machine_return
    with pytest.raises(MachineGiven):
        call_off_machine(found.pk, reason="x", actor=supervisor)
    undo_use(used.pk, reason="客户改主意", actor=acting(engineer))
    assert UsedPart.objects.standing().count() == 0
    again = use_part(order.pk, part_code="WM", new_serial="SN-NEW", actor=acting(engineer))
    undo_use(again.pk, reason="又改", actor=acting(engineer))
    assert call_off_machine(found.pk, reason="不换了", actor=supervisor).state == "called_off"
    assert [one.as_dict() for one in findings()] == []


def test_a_return_that_came_back_is_not_called_off(order, engineer, supervisor, lab):
    found = approved(order, engineer, supervisor, RETURN)
    receive_old_part("SN-OLD", actor=lab)
    with pytest.raises(AlreadyReturned):
        call_off_machine(found.pk, reason="x", actor=supervisor)


def test_with_the_order_goes_what_waits_for_it(order, engineer, supervisor):
    found = approved(order, engineer, supervisor)
    cancel_order(order.pk, actor=SYSTEM)
    let_parts_go(Event.objects.get(type="orders.cancelled"))
    found.refresh_from_db()
    assert found.state == "called_off"


def test_a_finished_order_keeps_its_approval(order, engineer, supervisor):
    found = approved(order, engineer, supervisor)
    learn(order.pk, actor=SYSTEM, finished_at=MONDAY)
    let_parts_go(Event.objects.get(type="orders.finished"))
    found.refresh_from_db()
    assert found.state == "approved"
    assert use_part(order.pk, part_code="WM", new_serial="SN-NEW", actor=acting(engineer)).machine_return_id == found.pk


def test_out_of_warranty_the_machine_still_comes_back(engineer, supervisor):
    a_machine("WM")
    a_van(engineer, WM=1)
    order = an_order(engineer, in_warranty=False)
    assert exchanged(order, engineer, supervisor).return_due_at is not None


def test_who_does_not_see_the_case_asks_for_nothing(order):
    stranger = acting(a_person(unit=an_outlet(), roles=("outlet_manager",)))
    with pytest.raises(NotFound):
        ask_for_machine(order.pk, EXCHANGE, actor=stranger)
    assert not MachineReturn.objects.visible_to(stranger).exists()
