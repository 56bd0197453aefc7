"""Work orders on the way and the entries of phones for tests, made by the same actions as people's."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.models import Case
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.customers.models import Device
from jieli.customers.tests.factories import a_customer, a_device
from jieli.events.actor import Actor
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.orders.actions.living import make_order
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_person, a_unit, acting
from jieli.policies.queries import current
from jieli.policies.schemas import VisitStandard
from jieli.visits.actions.photos import keep_photo
from jieli.visits.actions.taking import Taken, take_bundle
from jieli.visits.rules.entries import Bundle, SentEntry

STROKES = [[[10, 10], [60, 40], [90, 15]], [[20, 60], [80, 66]]]


def an_outlet(name: str = "城南网点") -> Unit:
    """Make a unit that is an outlet."""
    unit = a_unit(name=name)
    Outlet.objects.create(unit=unit, product_lines=["washing_machine"])
    return unit


def an_engineer(outlet: Unit | None = None, name: str = "周强") -> Staff:
    """Hire an engineer."""
    return a_person(unit=outlet or an_outlet(), roles=("engineer",), name=name)


def an_order(
    engineer: Staff | None = None,
    *,
    service_type: str = "repair",
    in_warranty: bool | None = True,
    line: str = "washing_machine",
    device: Device | None = None,
    promised_until: datetime | None = None,
    **values: Any,
) -> WorkOrder:
    """Return a work order of an engineer who owns its case."""
    engineer = engineer or an_engineer()
    customer = a_customer()
    device = device or a_device(customer, line=line)
    case = a_taken_case(
        an_agent(),
        customer=customer,
        device=device,
        product_line=line,
        address="文三路 1 号",
        service_type=service_type,
        **values,
    )
    hand_to(case, engineer)
    return make_order(
        case.pk,
        outlet_id=engineer.unit_id,
        engineer_id=engineer.pk,
        in_warranty=in_warranty,
        promised_until=promised_until,
        actor=acting(engineer),
    )


def hand_to(case: Case, engineer: Staff) -> None:
    """Pass a case on to an engineer, who accepts."""
    case.refresh_from_db()
    offer = offer_pass(case.pk, to=engineer, done="已约", next="上门", actor=acting(case.owner))
    accept_pass(offer.pk, restatement="上门维修", actor=acting(engineer))


def sent(
    order: WorkOrder | str,
    entry: str,
    happened_at: datetime | None = None,
    /,
    client_id: uuid.UUID | None = None,
    **data: Any,
) -> SentEntry:
    """Return an entry as a phone makes it."""
    number = order if isinstance(order, str) else order.number
    return SentEntry(client_id or uuid.uuid4(), number, entry, happened_at or clock.now(), data)


def bundle_of(*entries: SentEntry, sent_at: datetime | None = None, standard: int | None = None) -> Bundle:
    """Return a bundle of entries, sent now by a phone whose clock is right."""
    return Bundle("phone-1", sent_at or clock.now(), standard, entries)


def take(actor: Actor | Staff, *entries: SentEntry, **values: Any) -> list[Taken]:
    """Let an engineer's phone send entries."""
    return take_bundle(bundle_of(*entries, **values), actor=acting(actor) if isinstance(actor, Staff) else actor)


def a_jpeg(seed: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a small JPEG; another one for each seed."""
    out = BytesIO()
    Image.new("RGB", size, (seed % 256, seed // 256 % 256, 90)).save(out, "JPEG")
    return out.getvalue()


def a_photo(order: WorkOrder, engineer: Staff, *, seed: int = 0, client_id: uuid.UUID | None = None) -> uuid.UUID:
    """Send a photo and return the phone's name of it."""
    name = client_id or uuid.uuid4()
    body = a_jpeg(seed)
    keep_photo(
        ContentFile(body, "p.jpg"),
        client_id=name,
        order_number=order.number,
        sha256=sha256(body).hexdigest(),
        taken_at=clock.now(),
        actor=acting(engineer),
    )
    return name


RECORDS: Mapping[str, Mapping[str, Any]] = {
    "analyse": {"likely_fault": "排水泵"},
    "prepare": {"tools": True, "parts": True},
    "knock": {"opened_by": "customer"},
    "enter": {"badge_shown": True},
    "shoe_covers": {"worn": True},
    "toolbox": {"mat": True},
    "listen": {"complaint": "不排水"},
    "genuine": {"serial": "SN", "genuine": "yes"},
    "repair": {"done": "更换排水泵"},
    "test_run": {"minutes": 30, "result": "ok"},
    "instruct": {"shown": True},
    "tidy": {"tools_counted": True},
    "goodbye": {"card": True},
}
"""What an engineer records at the steps that he ticks one by one."""


def whole_visit(
    order: WorkOrder,
    engineer: Staff,
    *,
    start: datetime | None = None,
    result: str = "fixed",
    photos: bool = True,
    standard: VisitStandard | None = None,
    **outcome: Any,
) -> list[SentEntry]:
    """Return the entries of a visit as the standard wants it, minute by minute; its photos are sent at once."""
    standard = standard or current("visit-standard").data
    at = start or clock.now() - timedelta(hours=2)
    entries: list[SentEntry] = []

    def add(kind: str, **data: Any) -> None:
        nonlocal at
        at += timedelta(minutes=2)
        entries.append(sent(order, kind, at, **data))

    serial = Device.objects.get(pk=order.device_id).serial if order.device_id else ""
    own: dict[str, Mapping[str, Any]] = {
        "contact": {"text": "约好 10 点到"},
        "set_out": {},
        "arrive": {"latitude": 30.28, "longitude": 120.13},
        "diagnosis": {"fault_code": "e31", "genuine": True, "note": "线圈断路"},
        "signature": {"strokes": STROKES, "name": "王芳"},
    }
    for step in standard.steps_of({order.service_type}, order.in_warranty):
        if not step.mandatory:
            continue
        if step.code == "test_run" and order.service_type in ("installation", "repair"):
            add("safety", voltage=228, earth_ok=True, socket_ok=True)
        if step.entry == "charge":
            add("charge", items=[{"code": "visit", "amount": "30.00", "quantity": 1}], paid_by="wechat")
        elif step.entry:
            add(step.entry, **own[step.entry])
        else:
            records = dict(RECORDS.get(step.code, {one.name: "x" for one in step.records if one.required}))
            if step.code == "genuine":
                records["serial"] = serial
            least = max((one.least for one in step.evidence if one.kind == "photo"), default=0)
            names = [a_photo(order, engineer, seed=len(entries) * 10 + turn) for turn in range(least if photos else 0)]
            add("step", code=step.code, records=records, evidence=[str(name) for name in names])
    add("outcome", result=result, **outcome)
    add("finish")
    return entries
