"""Providers, outlets, engineers and their licences."""

from datetime import date

from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.network.actions.bringing import NewOutlet, NewPosting, bring_network, bring_postings
from jieli.network.actions.documents import keep_document, put_document_away, renew_document
from jieli.network.actions.engineers import change_engineer, follow_move, make_engineer, remove_skill, set_shifts, set_skill
from jieli.network.actions.importing import import_engineer, import_outlets, import_provider, import_staff_with_licence
from jieli.network.actions.licence import (
    appeal_posting,
    assign_coach,
    decide_appeal,
    import_points,
    post_points_by_hand,
    reexamine,
    review_licence,
)
from jieli.network.actions.outlets import (
    add_area,
    change_outlet,
    end_outlet,
    lift_suspension,
    make_outlet,
    remove_area,
    suspend_outlet,
)
from jieli.network.actions.providers import change_provider, make_provider
from jieli.network.actions.reminding import remind_of_appeal, remind_of_ending
from jieli.network.models import Outlet
from jieli.network.tests.factories import a_document, a_posting, a_provider
from jieli.people.tests.factories import a_person, acting

from ..table import INSIDE, ONLY_SOFTWARE, SOFTWARE, Try, Who

MAY = {
    "may_see_network": Who(any="AMSDQFO", also=SOFTWARE),
    "may_see_outlet": Who(any="AMSDQF", unit="O", also=SOFTWARE),
    "may_see_engineer": Who(any="AMSDQF", unit="O", also=f"concerned {SOFTWARE}"),
    "may_see_providers": Who(any="AMF", also=SOFTWARE),
    "may_see_account": Who(any="AF"),
    "may_see_home": Who(any="AMD", unit="O", also="concerned"),
    "may_keep_provider": Who(any="AM", also=SOFTWARE),
    "may_keep_outlet": Who(unit="AM", also=SOFTWARE),
    "may_suspend_outlet": Who(unit="AM", also=SOFTWARE),
    "may_keep_engineer": Who(unit="AM", also=SOFTWARE),
    "may_make_engineer": Who(unit="AM", also=SOFTWARE),
    "may_set_shifts": Who(unit="AMO", also=SOFTWARE),
    "may_post_points": Who(any="AMSQ"),
    "may_appeal_posting": Who(unit="O", also="concerned"),
    "may_decide_appeal": Who(any="AMSQ"),
    "may_review_licence": Who(any="AMQ"),
    "may_import_outlets": Who(also="import"),
    "may_bring_network": Who(also=SOFTWARE),
    "may_remind": Who(also=SOFTWARE),
}

DUE = date(2027, 1, 1)

ACTIONS = {
    "remind_of_ending": Try(
        "may_remind",
        lambda world, actor: remind_of_ending("outlet_contract", world.outlet.pk, days_before=30, actor=actor),
    ),
    "remind_of_appeal": Try("may_remind", lambda world, actor: remind_of_appeal(world.outlet.pk, actor=actor)),
    "make_provider": Try(
        "may_keep_provider", lambda world, actor: make_provider(values={"code": "NEW-P", "name": "海浪"}, actor=actor)
    ),
    "change_provider": Try(
        "may_keep_provider",
        lambda world, actor: change_provider(world.provider.pk, values={"name": "海浪"}, actor=actor),
    ),
    "make_outlet": Try(
        "may_keep_outlet",
        lambda world, actor: make_outlet(code="NEW-O", name="二店", parent_id=world.unit.pk, values={}, actor=actor),
    ),
    "change_outlet": Try(
        "may_keep_outlet",
        lambda world, actor: change_outlet(world.outlet.pk, values={"address": "人民路 8 号"}, actor=actor),
    ),
    "suspend_outlet": Try(
        "may_suspend_outlet", lambda world, actor: suspend_outlet(world.outlet.pk, reason="整顿", actor=actor)
    ),
    "lift_suspension": Try(
        "may_suspend_outlet", lambda world, actor: lift_suspension(world.suspended.pk, reason="合格", actor=actor)
    ),
    "end_outlet": Try("may_suspend_outlet", lambda world, actor: end_outlet(world.outlet.pk, reason="到期", actor=actor)),
    "add_area": Try("may_keep_outlet", lambda world, actor: add_area(world.outlet.pk, district="370203", actor=actor)),
    "remove_area": Try("may_keep_outlet", lambda world, actor: remove_area(world.area.pk, actor=actor)),
    "keep_document": [
        Try(
            "may_keep_outlet",
            lambda world, actor: keep_document(values={"kind": "site_lease"}, outlet_id=world.outlet.pk, actor=actor),
        ),
        Try(
            "may_keep_engineer",
            lambda world, actor: keep_document(
                values={"kind": "electrician_permit"}, engineer_id=world.engineer.pk, actor=actor
            ),
        ),
        Try(
            "may_keep_provider",
            lambda world, actor: keep_document(values={"kind": "business_licence"}, provider_id=world.provider.pk, actor=actor),
        ),
    ],
    "renew_document": Try(
        "may_keep_outlet", lambda world, actor: renew_document(world.document.pk, expires_on=DUE, actor=actor)
    ),
    "put_document_away": Try("may_keep_outlet", lambda world, actor: put_document_away(world.document.pk, actor=actor)),
    "make_engineer": Try("may_make_engineer", lambda world, actor: make_engineer(world.fresh.pk, values={}, actor=actor)),
    "change_engineer": [
        Try(
            "may_keep_engineer",
            lambda world, actor: change_engineer(world.engineer.pk, values={"vehicle": "motorcycle"}, actor=actor),
        ),
        Try(
            "may_keep_engineer may_make_engineer",
            lambda world, actor: change_engineer(world.engineer.pk, values={"outlet_id": world.suspended.pk}, actor=actor),
        ),
        Try(
            "may_set_shifts",
            lambda world, actor: change_engineer(world.engineer.pk, values={"capacity_per_day": 3}, actor=actor),
        ),
    ],
    "set_shifts": Try(
        "may_set_shifts",
        lambda world, actor: set_shifts(world.engineer.pk, shifts={"mon": [["08:00", "12:00"]]}, actor=actor),
    ),
    "follow_move": Try(
        "may_bring_network",
        lambda world, actor: follow_move(world.engineer.pk, unit_id=world.unit.pk, actor=actor),
    ),
    "set_skill": Try(
        "may_keep_engineer", lambda world, actor: set_skill(world.engineer.pk, product_line="kitchen", actor=actor)
    ),
    "remove_skill": Try("may_keep_engineer", lambda world, actor: remove_skill(world.skill.pk, actor=actor)),
    "post_points": INSIDE,
    "annul_postings": INSIDE,
    "begin_licence": INSIDE,
    "locked_outlet": INSIDE,
    "locked_engineer": INSIDE,
    "post_points_by_hand": Try(
        "may_post_points cases.may_see",
        lambda world, actor: post_points_by_hand(
            world.engineer.pk, kind="customer_moved", case_number=world.case.number, note="送锦旗", actor=actor
        ),
    ),
    "import_points": Try("may_import_outlets", lambda world, actor: import_points(world.engineer.pk, points=5, actor=actor)),
    "appeal_posting": Try(
        "may_appeal_posting", lambda world, actor: appeal_posting(world.posting.pk, reason="误会", actor=actor)
    ),
    "decide_appeal": Try(
        "may_decide_appeal",
        lambda world, actor: decide_appeal(world.appeal.pk, upheld=True, reason="属实", actor=actor),
    ),
    "review_licence": Try("may_review_licence", lambda world, actor: review_licence(world.engineer.pk, actor=actor)),
    "reexamine": Try("may_review_licence", lambda world, actor: reexamine(world.revoked.pk, actor=actor)),
    "assign_coach": Try(
        "may_keep_engineer",
        lambda world, actor: assign_coach(world.engineer.pk, coach_id=world.receiver.pk, actor=actor),
    ),
    "import_outlets": Try(
        "may_import_outlets", lambda world, actor: import_outlets([(2, {"code": world.unit.code})], actor=actor)
    ),
    "import_provider": Try(
        "may_import_outlets", lambda world, actor: import_provider({"code": "NEW-P", "name": "海浪"}, actor)
    ),
    "import_engineer": Try(
        "may_import_outlets", lambda world, actor: import_engineer({"staff": world.engineer.staff.code}, actor)
    ),
    "import_staff_with_licence": Try(
        ONLY_SOFTWARE,
        lambda world, actor: import_staff_with_licence({"code": "neu9", "name": "张伟", "unit": world.unit.code}, actor),
    ),
    "bring_network": Try("may_bring_network", lambda world, actor: bring_network(at=clock.now(), actor=actor)),
    "bring_postings": Try(
        "may_bring_network",
        lambda world, actor: bring_postings(
            [NewPosting(world.engineer.pk, "customer_moved", clock.now(), "brought", world.case.pk)], actor=actor
        ),
    ),
}


def rows(world):
    """Make the unit of the world an outlet, and its concerned person an engineer."""
    bring_network(at=clock.now(), actor=SYSTEM, outlets=[NewOutlet(world.unit.pk)])
    suspended = make_outlet(code="O8", name="停业店", parent_id=world.unit.pk, values={}, actor=SYSTEM)
    suspend_outlet(suspended.pk, reason="整顿", actor=SYSTEM)
    engineer = make_engineer(world.staff.pk, values={}, actor=SYSTEM)
    revoked = make_engineer(a_person(unit=world.unit, roles=("engineer",)).pk, values={}, actor=SYSTEM)
    a_posting(revoked, kind="insult_or_fraud", case_id=world.case.pk)
    appealed = a_posting(engineer, case_id=world.case.pk)
    return {
        "outlet": Outlet.objects.select_related("unit").get(pk=world.unit.pk),
        "suspended": suspended,
        "area": add_area(world.unit.pk, district="370202", actor=SYSTEM),
        "provider": a_provider(),
        "document": a_document(kind="business_licence", expires_on=None, outlet_id=world.unit.pk),
        "engineer": engineer,
        "revoked": revoked,
        "fresh": a_person(unit=world.unit, roles=("engineer",)),
        "skill": set_skill(engineer.pk, product_line="television", actor=SYSTEM),
        "posting": a_posting(engineer, case_id=world.case.pk),
        "appeal": appeal_posting(appealed.pk, reason="误会", actor=acting(world.staff)),
    }
