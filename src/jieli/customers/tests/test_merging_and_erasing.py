"""Duplicates merged with undo (spec 2), and certified erasure (spec 1, Erasure)."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from jieli.customers import actions, erasure, merging
from jieli.customers.models import Contact, Customer, Device, ErasureCertificate
from jieli.customers.queries import merges_of, similar_customers
from jieli.customers.refusals import CustomerErasedAlready, CustomerMergedAlready, MergeUndoneAlready, OnLegalHold
from jieli.customers.tests.factories import AGENT, MANAGER, SUPERVISOR, a_contact, a_customer, a_device
from jieli.events.models import Event, EventText
from jieli.events.refusals import Invalid, NotAllowed
from jieli.lib import clock


def test_a_merge_moves_what_the_other_had_and_fills_what_was_missing(db: None) -> None:
    kept, merged = a_customer(name="王芳"), a_customer(name="王方", address="甲路1号")
    contact, device = a_contact(merged), a_device(merged)
    merge = actions.merge_customers(kept.pk, merged_id=merged.pk, actor=SUPERVISOR)
    assert Contact.objects.get(pk=contact.pk).customer_id == kept.pk
    assert Device.objects.get(pk=device.pk).customer_id == kept.pk
    assert Customer.objects.get(pk=kept.pk).address == "甲路1号"
    assert Customer.objects.get(pk=merged.pk).merged_into_id == kept.pk
    assert [one.pk for one in merges_of(kept.pk)] == [merge.pk]


def test_an_undone_merge_leaves_two_as_before(db: None) -> None:
    kept, merged = a_customer(name="王芳"), a_customer(name="王方", address="甲路1号")
    old = a_device(merged)
    merge = actions.merge_customers(kept.pk, merged_id=merged.pk, actor=SUPERVISOR)
    new = a_device(kept)
    actions.undo_merge(merge.pk, actor=SUPERVISOR)
    assert Device.objects.get(pk=old.pk).customer_id == merged.pk
    assert Device.objects.get(pk=new.pk).customer_id == kept.pk
    assert Customer.objects.get(pk=kept.pk).address == ""
    assert Customer.objects.get(pk=merged.pk).merged_into_id is None
    with pytest.raises(MergeUndoneAlready):
        actions.undo_merge(merge.pk, actor=SUPERVISOR)


def test_other_apps_move_their_rows_and_back(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, int, Sequence[int] | None]] = []

    def mover(old: int, new: int, only: Sequence[int] | None) -> list[int]:
        calls.append((old, new, only))
        return [41, 42]

    monkeypatch.setitem(merging._movers, "cases", mover)
    kept, merged = a_customer(), a_customer()
    merge = actions.merge_customers(kept.pk, merged_id=merged.pk, actor=SUPERVISOR)
    actions.undo_merge(merge.pk, actor=SUPERVISOR)
    assert calls == [(merged.pk, kept.pk, None), (kept.pk, merged.pk, [41, 42])]


def test_merges_have_their_refusals(db: None) -> None:
    one, two, three = a_customer(), a_customer(), a_customer()
    with pytest.raises(NotAllowed):
        actions.merge_customers(one.pk, merged_id=two.pk, actor=AGENT)
    with pytest.raises(Invalid):
        actions.merge_customers(one.pk, merged_id=one.pk, actor=SUPERVISOR)
    actions.merge_customers(one.pk, merged_id=two.pk, actor=SUPERVISOR)
    with pytest.raises(CustomerMergedAlready):
        actions.merge_customers(three.pk, merged_id=two.pk, actor=SUPERVISOR)


def test_who_may_be_the_same_is_proposed(db: None) -> None:
    one = a_customer(phone="13800138000")
    two = a_customer(name="王方", phone="13800138000")
    a_customer(name="别人")
    assert similar_customers(AGENT, one) == [two]


@pytest.fixture
def blanked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Register another app's eraser for the length of a test and give the customers it was called for."""
    seen: list[int] = []

    def eraser(customer_id: int, certificate_id: int) -> int:
        assert not ErasureCertificate.objects.filter(pk=certificate_id).exists()
        seen.append(customer_id)
        return 3

    monkeypatch.setattr(erasure, "_erasers", {"messages": eraser})
    return seen


def test_erasure_leaves_no_word_and_a_certificate(db: None, blanked: list[int]) -> None:
    customer = a_customer(name="王芳", address="甲路1号", code="C9", notes="按门铃", attributes={"微信": "fang"})
    contact, device = a_contact(customer, name="陈伟", phone="13911112222"), a_device(customer)
    certificate = actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER)
    row = Customer.objects.get(pk=customer.pk)
    assert row.is_erased
    assert {row.name, row.phone, row.phone_digits, row.email, row.address, row.code, row.notes} == {""}
    assert row.attributes == {}
    assert Contact.objects.get(pk=contact.pk).name == ""
    assert Device.objects.filter(pk=device.pk).exists()
    texts = EventText.objects.filter(event__stream="customer", event__stream_id=customer.pk)
    assert texts.count() == 2
    assert {text.body for text in texts} == {""}
    assert blanked == [customer.pk]
    counted = {"customers": 1, "contacts": 1, "addresses": 0, "special_dates": 0, "texts": 2, "messages": 3}
    assert certificate.counts == counted
    assert len(certificate.digest) == 64
    assert Event.objects.get(type="customers.erased").data["certificate_id"] == certificate.pk


def test_the_chain_stays_whole_after_an_erasure(db: None) -> None:
    customer = a_customer()
    before = list(Event.objects.filter(stream="customer", stream_id=customer.pk).values_list("hash", flat=True))
    actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER)
    events = list(Event.objects.filter(stream="customer", stream_id=customer.pk).order_by("sequence"))
    assert [bytes(event.hash) for event in events][: len(before)] == [bytes(hash_) for hash_ in before]
    assert bytes(events[1].previous) == bytes(events[0].hash)


def test_who_was_merged_is_erased_with_the_kept_one(db: None, blanked: list[int]) -> None:
    kept, merged = a_customer(), a_customer(name="王方")
    actions.merge_customers(kept.pk, merged_id=merged.pk, actor=SUPERVISOR)
    certificate = actions.erase_customer(kept.pk, reason="本人要求", actor=MANAGER)
    assert Customer.objects.get(pk=merged.pk).is_erased
    assert certificate.counts["customers"] == 2
    assert blanked == [kept.pk, merged.pk]


def test_a_legal_hold_blocks_and_says_so(db: None) -> None:
    customer = a_customer()
    until = clock.now().date() + timedelta(days=30)
    actions.set_legal_hold(customer.pk, reason="诉讼 123 号", until=until, actor=MANAGER)
    with pytest.raises(OnLegalHold, match=f"{until}.*诉讼 123 号"):
        actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER)
    assert Customer.objects.get(pk=customer.pk).name == "王芳"
    actions.lift_legal_hold(customer.pk, actor=MANAGER)
    actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER)


def test_a_hold_that_ended_blocks_nothing(db: None) -> None:
    customer = a_customer()
    actions.set_legal_hold(customer.pk, reason="诉讼", until=date(2020, 1, 1), actor=MANAGER)
    assert actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER).customer_id == customer.pk


def test_erasure_has_its_refusals(db: None) -> None:
    customer = a_customer()
    with pytest.raises(NotAllowed):
        actions.erase_customer(customer.pk, reason="本人要求", actor=SUPERVISOR)
    with pytest.raises(NotAllowed):
        actions.set_legal_hold(customer.pk, reason="诉讼", until=None, actor=SUPERVISOR)
    with pytest.raises(NotAllowed):
        actions.lift_legal_hold(customer.pk, actor=SUPERVISOR)
    with pytest.raises(Invalid):
        actions.erase_customer(customer.pk, reason=" ", actor=MANAGER)
    actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER)
    with pytest.raises(CustomerErasedAlready):
        actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER)
    with pytest.raises(CustomerErasedAlready):
        actions.change_customer(customer.pk, values={"name": "又来了"}, actor=AGENT)


def test_an_erasure_that_fails_half_way_erases_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(customer_id: int, certificate_id: int) -> int:
        raise RuntimeError("broken")

    monkeypatch.setitem(erasure._erasers, "zzz", broken)
    customer = a_customer()
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER)
    assert Customer.objects.get(pk=customer.pk).name == "王芳"
    assert not ErasureCertificate.objects.exists()


def test_the_database_keeps_certificates_and_erasures(db: None) -> None:
    customer = a_customer()
    actions.erase_customer(customer.pk, reason="本人要求", actor=MANAGER)
    with pytest.raises(DatabaseError), transaction.atomic():
        ErasureCertificate.objects.update(reason="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        ErasureCertificate.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Customer.objects.filter(pk=customer.pk).update(erased_at=None, name="王芳")
