"""What cannot be is refused in the engineer's words, kept, and nothing else is lost; what is odd is flagged."""

import uuid
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from jieli.customers.actions.devices import make_device
from jieli.customers.tests.factories import a_device
from jieli.events.actor import SYSTEM
from jieli.events.refusals import Refused
from jieli.files.models import Evidence
from jieli.lib import clock
from jieli.parts.models import UsedPart
from jieli.people.tests.factories import MONDAY, acting
from jieli.visits.actions.photos import keep_photo
from jieli.visits.models import Charge, FieldEntry, Photo, SafetyTest, Signature, StepRecord, Visit
from jieli.visits.tests.factories import STROKES, a_jpeg, an_engineer, an_order, sent, take

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=2)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64


@pytest.fixture
def engineer():
    return an_engineer()


@pytest.fixture
def order(engineer):
    return an_order(engineer)


def refused(engineer, *entries, **values):
    """Send entries and return what became of the last one, which must be kept."""
    with clock.frozen(NOON):
        result = take(engineer, *entries, **values)[-1]
    kept = FieldEntry.objects.get(client_id=entries[-1].client_id)
    assert kept.data == dict(entries[-1].data)
    assert kept.state == result.state
    return result


def sent_photo(order, engineer, body, name="p.jpg", *, digest=None, client_id=None):
    return keep_photo(
        ContentFile(body, name),
        client_id=client_id or uuid.uuid4(),
        order_number=order.number,
        sha256=digest or sha256(body).hexdigest(),
        taken_at=None,
        actor=acting(engineer),
    )


def test_a_phone_clock_two_days_off_is_corrected_flagged_and_both_times_are_kept(engineer, order):
    with clock.frozen(NOON):
        ahead = NOON + timedelta(days=2)
        take(engineer, sent(order, "arrive", ahead - timedelta(minutes=20)), sent_at=ahead)
        visit = Visit.objects.get()
        entry = FieldEntry.objects.get()
    assert visit.arrived_at == NOON - timedelta(minutes=20)
    assert visit.flags == ["clock_off"]
    assert (entry.phone_at, entry.at, entry.received_at) == (ahead - timedelta(minutes=20), visit.arrived_at, NOON)
    assert entry.flags == ["clock_off"]


def test_a_clock_that_is_off_by_less_than_five_minutes_is_believed(engineer, order):
    with clock.frozen(NOON):
        take(engineer, sent(order, "arrive", NOON - timedelta(minutes=20)), sent_at=NOON + timedelta(minutes=4))
    assert Visit.objects.get().arrived_at == NOON - timedelta(minutes=20)
    assert Visit.objects.get().flags == []


def test_a_finish_before_the_arrival_is_flagged_and_never_before_it(engineer, order):
    with clock.frozen(NOON):
        take(
            engineer,
            sent(order, "arrive", NOON - timedelta(minutes=10)),
            sent(order, "outcome", NOON - timedelta(minutes=20), result="not_fixed", reason="access"),
            sent(order, "finish", NOON - timedelta(minutes=30)),
        )
        visit = Visit.objects.get()
    assert visit.flags == ["finished_before_arrived"]
    assert visit.finished_at == visit.arrived_at
    assert FieldEntry.objects.get(kind="finish").phone_at == NOON - timedelta(minutes=30)


def test_a_signature_of_no_strokes_is_none(engineer, order):
    for strokes in ([], [[]], [[[5, 5]]], [[[5, 5], [5, 5], [5, 5], [5, 5], [5, 5]]], "x", [[["a", 1]]], None):
        assert refused(engineer, sent(order, "signature", strokes=strokes, name="王芳")).state == "refused"
    assert Signature.objects.count() == 0
    with clock.frozen(NOON):
        assert take(engineer, sent(order, "signature", strokes=STROKES))[0].state == "done"


def test_a_serial_of_another_product_line_is_refused_by_name(engineer, order):
    make_device(values={"serial": "KT-1", "product_line": "kitchen"}, actor=SYSTEM)
    entry = sent(order, "step", code="genuine", records={"serial": "KT-1", "genuine": "yes"})
    result = refused(engineer, entry)
    assert result.state == "refused"
    assert "KT-1" in result.fields["serial"]
    assert "厨房电器" in result.fields["serial"]
    assert StepRecord.objects.count() == 0


def test_another_device_of_the_same_line_is_flagged(engineer, order):
    other = a_device()
    with clock.frozen(NOON):
        records = {"serial": other.serial, "genuine": "yes"}
        assert take(engineer, sent(order, "step", code="genuine", records=records))[0].state == "done"
    assert Visit.objects.get().flags == ["other_device"]


def test_a_scan_and_a_judgement_reach_the_device(engineer, order):
    with clock.frozen(NOON):
        take(engineer, sent(order, "step", code="genuine", records={"serial": order.device.serial, "genuine": "no"}))
    order.device.refresh_from_db()
    assert order.device.genuine is False


def test_a_part_that_nobody_knows_is_refused_and_kept(engineer, order):
    assert refused(engineer, sent(order, "part_used", part="NO-SUCH", old_serial="", new_serial="")).state == "refused"
    assert UsedPart.objects.count() == 0


def test_steps_that_the_standard_does_not_have_or_ask_are_refused(engineer, order):
    assert "code" in refused(engineer, sent(order, "step", code="dance", records={})).fields
    assert "code" in refused(engineer, sent(order, "step", code="callback", records={})).fields
    assert "complaint" in refused(engineer, sent(order, "step", code="listen", records={})).fields
    assert "mood" in refused(engineer, sent(order, "step", code="listen", records={"complaint": "x", "mood": 1})).fields
    assert (
        "minutes" in refused(engineer, sent(order, "step", code="test_run", records={"minutes": "lots", "result": "ok"})).fields
    )
    assert "reason" in refused(engineer, sent(order, "skip", code="listen", reason="forgotten")).fields
    assert "reason" in refused(engineer, sent(order, "skip", code="tidy", reason="raining")).fields


def test_a_charge_follows_warranty_and_price_list(engineer, order):
    paid = an_order(engineer, in_warranty=False)
    item = {"code": "repair_small", "amount": "80.00", "quantity": 1}
    assert refused(engineer, sent(order, "charge", items=[item], paid_by="cash")).state == "refused"
    assert "repair_small" in refused(engineer, sent(paid, "charge", items=[item | {"amount": "60.00"}])).fields
    assert "clean_hood" in refused(engineer, sent(paid, "charge", items=[{"code": "clean_hood", "amount": "150.00"}])).fields
    assert "tip" in refused(engineer, sent(paid, "charge", items=[{"code": "tip", "amount": "5.00"}])).fields
    assert Charge.objects.count() == 0
    with clock.frozen(NOON):
        assert take(engineer, sent(paid, "charge", items=[item | {"quantity": 2}], paid_by="cash"))[0].state == "done"
    assert str(Charge.objects.get().total_amount) == "160.00"


def test_a_failed_safety_test_needs_the_signed_risk(engineer, order):
    with clock.frozen(NOON):
        take(engineer, sent(order, "safety", voltage=180, earth_ohm=2, socket_ok=True))
        take(engineer, sent(order, "safety", voltage=220, earth_ohm=9, socket_ok=True, risk_signed=True))
        take(engineer, sent(order, "safety", voltage=220, earth_ok=True, socket_ok=True))
    passed = list(SafetyTest.objects.order_by("pk").values_list("is_passed", "is_risk_signed"))
    assert passed == [(False, False), (False, True), (True, False)]
    assert "voltage" in refused(engineer, sent(order, "safety", voltage="much", earth_ok=True, socket_ok=True)).fields


def test_a_fault_code_of_another_line_is_refused(engineer, order):
    assert "fault_code" in refused(engineer, sent(order, "diagnosis", fault_code="f10")).fields
    assert "fault_code" in refused(engineer, sent(order, "diagnosis", fault_code="???")).fields


def test_the_same_name_with_other_content_is_a_conflict(engineer, order):
    entry = sent(order, "note", text="一")
    with clock.frozen(NOON):
        take(engineer, entry)
        other = sent(order, "note", client_id=entry.client_id, text="二")
        assert take(engineer, other)[0].state == "conflict"
        assert take(engineer, entry)[0].state == "repeated"


def test_refusals_are_in_the_language_of_the_engineer(engineer, order):
    with translation.override("en"):
        english = refused(engineer, sent(order, "signature", strokes=[]))
    with translation.override("zh-hans"):
        chinese = refused(engineer, sent(order, "signature", strokes=[]))
    assert "There is no signature" in english.message
    assert "签" in chinese.message


def test_a_photo_of_40_megabytes_is_refused_with_the_limit(engineer, order):
    with clock.frozen(NOON), pytest.raises(Refused) as caught:
        sent_photo(order, engineer, b"\xff\xd8\xff" + b"0" * (40 * 1024 * 1024))
    assert "20" in str(caught.value)
    assert caught.value.status == 413


@pytest.mark.parametrize(
    ("body", "name", "word"),
    [
        (HEIC, "IMG_1.HEIC", "HEIC"),
        (b"%PDF-1.7 hello", "bill.jpg", "不是照片"),
        (b"hello, no picture", "p.jpg", "p.jpg"),
    ],
)
def test_what_is_no_photo_is_refused_in_words(engineer, order, body, name, word):
    with clock.frozen(NOON), pytest.raises(Refused) as caught:
        sent_photo(order, engineer, body, name)
    assert word in str(caught.value)
    assert Photo.objects.count() == Evidence.objects.count() == 0


def test_a_photo_damaged_on_the_way_is_not_kept(engineer, order):
    with clock.frozen(NOON), pytest.raises(Refused):
        sent_photo(order, engineer, a_jpeg(), digest="0" * 64)
    assert Evidence.objects.count() == 0


def test_a_photo_is_kept_once_with_the_digest_of_the_phone(engineer, order):
    name, body = uuid.uuid4(), a_jpeg(7)
    with clock.frozen(NOON):
        first, is_new = sent_photo(order, engineer, body, client_id=name)
        second, is_new_again = sent_photo(order, engineer, body, client_id=name)
        with pytest.raises(Refused):
            sent_photo(order, engineer, a_jpeg(8), client_id=name)
    assert (is_new, is_new_again) == (True, False)
    assert first.pk == second.pk
    assert first.evidence.sha256 == sha256(body).hexdigest()


def test_others_cannot_add_photos_to_an_order(order):
    with clock.frozen(NOON), pytest.raises(Refused):
        sent_photo(order, an_engineer(name="别人"), a_jpeg())


def test_a_visit_has_room_for_more_photos_than_a_case_has_for_files(engineer, order):
    with clock.frozen(NOON):
        for seed in range(33):
            sent_photo(order, engineer, a_jpeg(seed))
    assert Photo.objects.count() == 33
