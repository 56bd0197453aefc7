"""Bad input from the phone, the portal, the desk and the outlet: refused in the language of its author, nothing lost.

Each through the address that people and phones use, in both languages; what the rules themselves say is tested in the apps.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jieli.cases.models import Case
from jieli.customers.actions.devices import make_device
from jieli.customers.tests.factories import a_customer, a_device
from jieli.dispatch.forms import window_value
from jieli.dispatch.handlers import outlet_falls_out
from jieli.dispatch.models import Appointment
from jieli.dispatch.tests import factories as dispatch
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.files.models import Evidence
from jieli.intake.views import guarding
from jieli.lib import clock
from jieli.network.actions.outlets import suspend_outlet
from jieli.orders.models import WorkOrder
from jieli.parts.models import UsedPart
from jieli.parts.tests.factories import a_part, a_van
from jieli.people.models import Staff
from jieli.people.queries import actor_for
from jieli.people.tests.factories import MONDAY, a_person, the_root
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.models import Dispute, Line
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests import factories as settlement
from jieli.visits.models import FieldEntry, Photo, Signature, StepRecord, Visit
from jieli.visits.tests.factories import a_jpeg, an_engineer, an_order, sent, whole_visit
from jieli.visits.views import field

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("language", ["zh-hans", "en"])]

NOON = MONDAY + timedelta(hours=2)
FORTY_MEGABYTES = b"\xff\xd8\xff" + b"0" * (40 * 2**20)
# The first bytes of a picture as an iPhone keeps it; turned or not stands later, and nothing later is read.
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64
PDF = b"%PDF-1.7\n" + b"0" * 2000


@dataclass
class Phone:
    """An engineer with an order and a phone in his language."""

    engineer: Staff
    order: WorkOrder
    client: Client

    def sends(self, *entries: Any, behind: timedelta = timedelta(0), device: str = "p1") -> list[dict[str, Any]]:
        """Send a bundle from a phone whose clock is behind, and return what became of each entry, all of which are kept."""
        body = {
            "device": device,
            "sent_at": (clock.now() - behind).isoformat(),
            "entries": [
                {
                    "id": str(one.client_id),
                    "order": one.order,
                    "kind": one.kind,
                    "at": one.at.isoformat(),
                    "data": dict(one.data),
                }
                for one in entries
            ],
        }
        answer = self.client.post("/field/bundle/", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content
        for one in entries:
            assert FieldEntry.objects.get(client_id=one.client_id).data == dict(one.data)
        return list(answer.json()["results"])

    def uploads(self, body: bytes, name: str) -> Any:
        """Send a photo."""
        values = {"id": str(uuid.uuid4()), "order": self.order.number, "sha256": sha256(body).hexdigest()}
        values |= {"taken_at": clock.now().isoformat(), "file": SimpleUploadedFile(name, body, "image/jpeg")}
        return self.client.post("/field/photo/", values)


def browser_of(staff: Staff | None, language: str) -> Client:
    """Return a browser in a language, of somebody or of a customer."""
    client = Client(headers={"accept-language": language})
    if staff is not None:
        client.force_login(staff)
    return client


@pytest.fixture(autouse=True)
def noon(frozen: Callable[[Any], None]) -> None:
    for bucket in (field.days, field.sendings, guarding):
        bucket.forget()
    frozen(NOON)


@pytest.fixture
def phone(language: str) -> Phone:
    engineer = an_engineer()
    order = an_order(engineer)
    return Phone(engineer, order, browser_of(engineer, language))


def says(text: str, language: str, chinese: str, english: str) -> None:
    """Refuse a text that lacks its words in this language, or has those of the other one."""
    here, there = (chinese, english) if language == "zh-hans" else (english, chinese)
    assert here in text
    assert there not in text


@pytest.mark.parametrize(
    ("body", "name", "status", "chinese", "english"),
    [
        (FORTY_MEGABYTES, "p.jpg", 413, "最多 20 MB", "at most 20 MB"),
        (HEIC, "IMG_1.HEIC", 422, "HEIC 图片", "is a HEIC picture"),
        (PDF, "bill.jpg", 422, "不是照片", "is no photo"),
    ],
    ids=["40 MB", "HEIC", "PDF"],
)
def test_what_is_no_photo_that_can_be_kept(
    phone: Phone, language: str, body: bytes, name: str, status: int, chinese: str, english: str
) -> None:
    kept = phone.uploads(a_jpeg(1), "first.jpg")
    answer = phone.uploads(body, name)
    assert (kept.status_code, answer.status_code) == (201, status)
    says(answer.json()["message"], language, chinese, english)
    assert Photo.objects.count() == 1


def test_a_photo_that_is_too_large_or_none_costs_the_customer_neither_words_nor_case(language: str) -> None:
    the_root()
    customer = browser_of(None, language)
    given = {"once": str(uuid.uuid4()), "description": "洗衣机不排水", "product_line": "洗衣机", "address": "文三路 1 号"}
    files = [
        SimpleUploadedFile("big.jpg", FORTY_MEGABYTES, "image/jpeg"),
        SimpleUploadedFile("good.jpg", a_jpeg(2), "image/jpeg"),
    ]
    answer = customer.post("/report/repair/", given | {"name": "王芳", "phone": "13800138000", "files": files})
    page = customer.get(answer["Location"]).content.decode()
    says(page, language, "单个文件最多 20 MB", "at most 20 MB")
    assert Case.objects.get().subject == "洗衣机不排水"
    assert Evidence.objects.count() == 1


def test_a_signature_of_no_strokes(phone: Phone, language: str) -> None:
    [result] = phone.sends(sent(phone.order, "signature", strokes=[[]], name="王芳"))
    assert result["state"] == "refused"
    says(result["message"], language, "没有签字", "There is no signature")
    assert not Signature.objects.exists()


def test_a_serial_of_another_product_line(phone: Phone, language: str) -> None:
    make_device(values={"serial": "KT-1", "product_line": "kitchen"}, actor=SYSTEM)
    [result] = phone.sends(sent(phone.order, "step", code="genuine", records={"serial": "KT-1", "genuine": "yes"}))
    assert result["state"] == "refused"
    says(result["fields"]["serial"], language, "属于产品线 厨房电器", "product line kitchen appliance")
    assert "KT-1" in result["fields"]["serial"]
    assert not StepRecord.objects.exists()


def test_a_part_not_for_this_model(phone: Phone, language: str) -> None:
    a_part("FAN", fits=[("fridge", "BCD-1")])
    van = a_van(phone.engineer, FAN=1)
    [result] = phone.sends(sent(phone.order, "part_used", part="FAN", new_serial="N1", old_serial="O1"))
    assert result["state"] == "refused"
    says(result["message"], language, "不适用于", "is not for XQG100")
    assert "FAN" in result["message"]
    assert not UsedPart.objects.exists()
    assert van.balances.get().quantity == 1


def test_finish_before_arrive(phone: Phone, language: str) -> None:
    results = phone.sends(sent(phone.order, "outcome", result="fixed"), sent(phone.order, "finish"))
    assert results[-1]["state"] == "refused"
    says(results[-1]["message"], language, "先记录到达", "first record that you arrived")
    phone.order.refresh_from_db()
    assert phone.order.finished_at is None


def test_a_phone_clock_two_days_off(phone: Phone, language: str) -> None:
    [result] = phone.sends(sent(phone.order, "arrive", NOON - timedelta(days=2, minutes=5)), behind=timedelta(days=2))
    assert result["state"] == "done"
    visit = Visit.objects.get()
    assert visit.arrived_at == NOON - timedelta(minutes=5)
    leader = browser_of(a_person(unit=the_root(), roles=("supervisor",), name="赵敏"), language)
    says(leader.get(f"/visits/{visit.pk}/").content.decode(), language, "手机时钟不准", "the phone&#x27;s clock was off")


def test_the_same_bundle_from_two_phones(phone: Phone, language: str) -> None:
    entries = whole_visit(phone.order, phone.engineer)
    first, second = phone.sends(*entries), phone.sends(*entries, device="p2")
    assert {one["state"] for one in first} == {"done"}
    assert {one["state"] for one in second} == {"repeated"}
    assert FieldEntry.objects.count() == len(entries)
    # The one thing that can go wrong is that the other phone says something else under the same name.
    changed = sent(phone.order, "note", client_id=entries[0].client_id, text="另一部手机")
    body = {"id": str(changed.client_id), "order": changed.order, "kind": "note", "at": NOON.isoformat(), "data": changed.data}
    answer = phone.client.post(
        "/field/bundle/",
        json.dumps({"device": "p2", "sent_at": NOON.isoformat(), "entries": [body]}),
        content_type="application/json",
    )
    [result] = answer.json()["results"]
    assert result["state"] == "conflict"
    says(result["message"], language, "两份都已保存", "Both are kept")


def test_an_appointment_in_a_closed_hour(language: str) -> None:
    the_root()
    outlet = dispatch.an_outlet()
    dispatch.an_engineer(outlet)
    case = dispatch.a_ready_case(tracking_code="a-code-of-twelve")
    closed = window_value(dispatch.a_window(4))
    desk = browser_of(case.owner, language).post(
        reverse("dispatch:act", args=[case.pk, "offer"]),
        {"outlet": outlet.pk, "window": closed, "note": "门铃坏了", "agreed": "on"},
    )
    assert desk.status_code == 409
    says(desk.content.decode(), language, "无人上班", "Nobody works at this time")
    assert "门铃坏了" in desk.content.decode()
    portal = browser_of(None, language).post(f"/t/{case.number}/a-code-of-twelve/appointment", {"window": closed})
    assert portal.status_code == 409
    says(portal.content.decode(), language, "请选择所列的时间", "Please choose one of the times shown")
    assert not Appointment.objects.exists()


def test_an_outlet_suspended_in_the_middle_of_a_visit(language: str) -> None:
    the_root()
    outlet = dispatch.an_outlet()
    engineer = dispatch.an_engineer(outlet).staff
    customer = a_customer()
    case = dispatch.a_ready_case(customer=customer, device=a_device(customer))
    dispatch.sent(case, outlet, outlet.engineers.get())
    order = WorkOrder.objects.get(case=case)
    phone = Phone(engineer, order, browser_of(engineer, language))
    entries = whole_visit(order, engineer, start=NOON - timedelta(hours=1))
    half = len(entries) // 2
    assert {one["state"] for one in phone.sends(*entries[:half])} == {"done"}

    suspend_outlet(outlet.pk, reason="整改", actor=SYSTEM)
    outlet_falls_out(Event.objects.get(type="network.outlet_suspended"))
    assert {one["state"] for one in phone.sends(*entries[half:])} == {"done"}
    order.refresh_from_db()
    assert order.finished_at is not None
    assert order.engineer == engineer

    # It is named to whoever would send it something new, with the reason.
    other = dispatch.a_ready_case()
    page = browser_of(other.owner, language).get(reverse("dispatch:case", args=[other.pk])).content.decode()
    says(page, language, "网点停工整顿中", "the outlet is suspended")


def a_sealed_march(*rates: str) -> Any:
    """Return an outlet with its manager whose March is decided by two people and sealed."""
    settlement.a_rate_table(*rates)
    outlet = settlement.an_outlet("A")
    settlement.an_order(outlet, "2026-03-02 10:00", number="W1")
    settlement.an_order(outlet, "2026-03-03 10:00", number="W2", distance_km=Decimal(60))
    run = decide_month(month_of("2026-03"), actor=settlement.FINANCE)
    for role in ("finance", "manager"):
        approve_month(month_of("2026-03"), actor=actor_for(a_person(unit=the_root(), roles=(role,))))
    seal_statements(run.pk, actor=SYSTEM)
    return outlet, a_person(unit=outlet, roles=("outlet_manager",), name="王店长")


def test_a_rate_missing_at_month_end(frozen: Callable[[Any], None], language: str) -> None:
    frozen(settlement.at("2026-04-10 09:00"))
    outlet, manager = a_sealed_march("washer repair true 0 20 82.00")
    page = browser_of(manager, language).get(f"/settlement/2026-03/outlets/{outlet.pk}/statement/").content.decode()
    says(page, language, "费率表没有这一项", "The rate table has no fee for")
    # Held, not lost: the next month looks at it again.
    assert Line.objects.get(order__number="W2").decision == "held"


def test_a_dispute_after_the_deadline(frozen: Callable[[Any], None], language: str) -> None:
    frozen(settlement.at("2026-04-10 09:00"))
    outlet, manager = a_sealed_march()
    frozen(settlement.at("2026-04-17 09:01"))
    client = browser_of(manager, language)
    answer = client.post(f"/settlement/2026-03/outlets/{outlet.pk}/dispute/?order=W1", {"reason": "三楼没有电梯"})
    assert answer.status_code == 409
    page = answer.content.decode()
    says(page, language, "异议期已过", "The time for disputes is over")
    assert "三楼没有电梯" in page
    assert "2026-04-17 09:00" in page or "4月17日" in page
    assert not Dispute.objects.exists()
