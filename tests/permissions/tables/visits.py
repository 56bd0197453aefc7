"""Visits: the engineer's phone, gaps, entries that wait for a person, information returned."""

import uuid
from hashlib import sha256

from django.core.files.base import ContentFile

from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.orders.actions.living import make_order
from jieli.visits.actions.calling_off import call_off_visits
from jieli.visits.actions.finishing import finish_with_gaps
from jieli.visits.actions.informing import decide_information, note_outcome
from jieli.visits.actions.photos import keep_photo
from jieli.visits.actions.settling import settle_entry
from jieli.visits.actions.taking import take_bundle
from jieli.visits.models import FieldEntry, Information, Visit, VisitOrder
from jieli.visits.rules.entries import Bundle
from jieli.visits.tests.factories import a_jpeg

from ..table import EVERY, INSIDE, ONLY_SOFTWARE, SOFTWARE, Try, Who

LEADERS = Who(unit="AMS")
DECIDERS = Who(unit="AMQ", any="Q")

MAY = {
    "may_use_phone": Who(any="EO"),
    "may_work_on": Who(also="concerned"),
    "may_add_photo": Who(also="concerned"),
    "may_see_files_of": Who(also="concerned"),
    "may_see_visits_of": Who(any=EVERY, everybody=True, also=f"concerned receiver {SOFTWARE}"),
    "may_finish_with_gaps": LEADERS,
    "may_see_conflicts": Who(any="AMS", also=SOFTWARE),
    "may_settle_entry": LEADERS,
    "may_decide_information": DECIDERS,
    "may_see_information": Who(any=EVERY, also=f"concerned receiver {SOFTWARE}"),
}
PHOTO = a_jpeg()


def rows(world):
    """Return an order whose engineer is the one concerned, his open visit, an entry that waits, information to decide on."""
    now = clock.now()
    order = make_order(world.case.pk, outlet_id=world.unit.pk, engineer_id=world.staff.pk, actor=SYSTEM)
    visit = Visit.objects.create(case=world.case, engineer=world.staff, number=1, standard=1, started_at=now)
    VisitOrder.objects.create(visit=visit, order=order)
    entry = FieldEntry.objects.create(
        client_id=uuid.uuid4(),
        staff=world.staff,
        order=order,
        case=world.case,
        kind="step",
        phone_at=now,
        at=now,
        received_at=now,
        state="conflict",
    )
    told = {"case": world.case, "order": order, "staff": world.staff, "kind": "product_fault", "text": "x", "role": "quality"}
    told |= {"at": now, "received_at": now, "due_at": now}
    decided = {"state": "accepted", "decided_by": world.stranger, "decided_at": now}
    return {
        "order": order,
        "visit": visit,
        "entry": entry,
        "information": Information.objects.create(client_id=uuid.uuid4(), **told),
        "accepted": Information.objects.create(client_id=uuid.uuid4(), **told, **decided),
    }


def _photo(world, actor):
    keep_photo(
        ContentFile(PHOTO, "p.jpg"),
        client_id=uuid.uuid4(),
        order_number=world.order.number,
        sha256=sha256(PHOTO).hexdigest(),
        taken_at=None,
        actor=actor,
    )


ACTIONS = {
    "take_bundle": Try("may_use_phone", lambda world, actor: take_bundle(Bundle("p", None, None, ()), actor=actor)),
    "keep_photo": Try("may_add_photo", _photo),
    "finish_with_gaps": Try(
        "may_finish_with_gaps", lambda world, actor: finish_with_gaps(world.visit.pk, reason="手机坏了", actor=actor)
    ),
    "settle_entry": Try(
        "may_settle_entry", lambda world, actor: settle_entry(world.entry.pk, way="set_aside", reason="重复", actor=actor)
    ),
    "decide_information": Try(
        "may_decide_information",
        lambda world, actor: decide_information(world.information.pk, accepted=True, reason="", actor=actor),
    ),
    "note_outcome": Try(
        "may_decide_information", lambda world, actor: note_outcome(world.accepted.pk, outcome="已改", actor=actor)
    ),
    "answer_offer": INSIDE,
    "locked_order": INSIDE,
    "call_off": INSIDE,
    "call_off_visits": Try(ONLY_SOFTWARE, lambda world, actor: call_off_visits(world.case.pk, actor=actor), also=SOFTWARE),
}
