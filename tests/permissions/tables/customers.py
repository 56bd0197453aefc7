"""Customers and devices."""

from datetime import date

from jieli.customers import actions
from jieli.customers.actions.batches import import_customers, import_devices
from jieli.customers.actions.finding import Wanted, find_or_make_customers
from jieli.customers.actions.importing import find_or_make_named, find_or_make_serials
from jieli.customers.models import Segment
from jieli.customers.tests.factories import a_contact, a_customer, a_device

from ..table import EVERY, SOFTWARE, Try, Who

MAY = {
    "may_see_customers": Who(any="AMSGDPQ", also=f"concerned receiver {SOFTWARE}"),
    "may_see_customer": Who(any="AMSGDPQ", unit="O", also=f"concerned receiver client {SOFTWARE}"),
    "may_make_customer": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}", everybody=True),
    "may_change_customer": Who(any="AMSGD", also=f"concerned receiver {SOFTWARE}"),
    "may_judge_customer": Who(any="AMS", also=SOFTWARE),
    "may_make_device": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}", everybody=True),
    "may_change_device": Who(any="AMSGDOPE", also=f"concerned receiver {SOFTWARE}"),
    "may_unmask": Who(any="AMSGDQE", also="concerned receiver"),
    "may_merge_customers": Who(any="AMS", also=SOFTWARE),
    "may_erase_customer": Who(any="AM"),
    "may_hold_customer": Who(any="AM"),
    "may_record_consent": Who(any="AMSGD", also=f"concerned receiver client other_client {SOFTWARE}"),
    "may_keep_segment": Who(any="AMS"),
}

ACTIONS = {
    "find_or_make_customer": Try(
        "may_make_customer", lambda world, actor: actions.find_or_make_customer(name="陈伟", phone="13900000001", actor=actor)
    ),
    "find_or_make_customers": Try(
        "may_make_customer", lambda world, actor: find_or_make_customers([Wanted("陈伟", "13900000001")], actor=actor)
    ),
    "make_customer": [
        Try("may_make_customer", lambda world, actor: actions.make_customer(values={"name": "陈伟"}, actor=actor)),
        Try(
            "may_make_customer may_judge_customer",
            lambda world, actor: actions.make_customer(values={"name": "陈伟", "value": 5}, actor=actor),
        ),
    ],
    "change_customer": [
        Try(
            "may_change_customer",
            lambda world, actor: actions.change_customer(world.customer.pk, values={"address": "人民路 8 号"}, actor=actor),
        ),
        Try(
            "may_change_customer may_judge_customer",
            lambda world, actor: actions.change_customer(world.customer.pk, values={"value": 5}, actor=actor),
        ),
    ],
    "rescore_customer": Try(
        "may_judge_customer", lambda world, actor: actions.rescore_customer(world.customer.pk, actor=actor)
    ),
    "record_consent": [
        # the desk for anybody, a customer for himself
        Try(
            "may_change_customer",
            lambda world, actor: actions.record_consent(world.customer.pk, purpose="news", given=True, actor=actor),
            also="client",
        ),
        Try(
            "may_record_consent",
            lambda world, actor: actions.record_consent(
                actor.id if actor.kind == "customer" else world.customer.pk, purpose="news", given=True, actor=actor
            ),
        ),
    ],
    "set_legal_hold": Try(
        "may_hold_customer",
        lambda world, actor: actions.set_legal_hold(world.customer.pk, reason="诉讼", until=None, actor=actor),
    ),
    "lift_legal_hold": Try("may_hold_customer", lambda world, actor: actions.lift_legal_hold(world.customer.pk, actor=actor)),
    "unmask": Try(
        "may_unmask may_see_customer", lambda world, actor: actions.unmask(world.customer.pk, field="phone", actor=actor)
    ),
    "add_contact": Try(
        "may_change_customer", lambda world, actor: actions.add_contact(world.customer.pk, name="陈伟", actor=actor)
    ),
    "change_contact": Try(
        "may_change_customer",
        lambda world, actor: actions.change_contact(world.contact.pk, values={"role": "前台"}, actor=actor),
    ),
    "end_contact": Try("may_change_customer", lambda world, actor: actions.end_contact(world.contact.pk, actor=actor)),
    "add_address": Try(
        "may_change_customer", lambda world, actor: actions.add_address(world.customer.pk, text="人民路 9 号", actor=actor)
    ),
    "end_address": Try("may_change_customer", lambda world, actor: actions.end_address(world.address.pk, actor=actor)),
    "note_special_date": Try(
        "may_change_customer",
        lambda world, actor: actions.note_special_date(world.customer.pk, name="乔迁", on=date(2020, 5, 20), actor=actor),
    ),
    "remove_special_date": Try(
        "may_change_customer", lambda world, actor: actions.remove_special_date(world.special_date.pk, actor=actor)
    ),
    "keep_segment": Try(
        "may_keep_segment", lambda world, actor: actions.keep_segment(name="贵宾", filters={"tier": "vip"}, actor=actor)
    ),
    "remove_segment": Try("may_keep_segment", lambda world, actor: actions.remove_segment(world.segment.pk, actor=actor)),
    "find_or_make_device": Try("may_make_device", lambda world, actor: actions.find_or_make_device(serial="NEU1", actor=actor)),
    "make_device": Try("may_make_device", lambda world, actor: actions.make_device(values={"serial": "NEU1"}, actor=actor)),
    "change_device": Try(
        "may_change_device", lambda world, actor: actions.change_device(world.device.pk, values={"model": "X"}, actor=actor)
    ),
    "move_device": Try(
        "may_change_customer",
        lambda world, actor: actions.move_device(world.device.pk, customer_id=world.double.pk, actor=actor),
    ),
    "erase_customer": Try(
        "may_erase_customer", lambda world, actor: actions.erase_customer(world.double.pk, reason="本人要求", actor=actor)
    ),
    "import_customer": Try(
        "may_change_customer may_judge_customer",
        lambda world, actor: actions.import_customer({"code": "K1", "name": "陈伟"}, actor=actor),
    ),
    "import_device": Try(
        "may_change_customer", lambda world, actor: actions.import_device({"serial": "NEU1", "model": "X"}, actor=actor)
    ),
    "import_customers": Try(
        "may_change_customer may_judge_customer",
        lambda world, actor: import_customers([(2, {"code": "K1", "name": "陈伟"})], actor=actor),
    ),
    "import_devices": Try(
        "may_change_customer", lambda world, actor: import_devices([(2, {"serial": "NEU1", "model": "X"})], actor=actor)
    ),
    "find_or_make_serials": Try(
        "may_make_device", lambda world, actor: find_or_make_serials({"NEU1": ("", None)}, actor=actor)
    ),
    "find_or_make_named": Try("may_change_customer", lambda world, actor: find_or_make_named({"K1": "陈伟"}, actor=actor)),
    "merge_customers": Try(
        "may_merge_customers",
        lambda world, actor: actions.merge_customers(world.customer.pk, merged_id=world.double.pk, actor=actor),
    ),
    "undo_merge": Try("may_merge_customers", lambda world, actor: actions.undo_merge(world.merge.pk, actor=actor)),
}


def rows(world):
    system = world.actors["system"]
    merge = actions.merge_customers(a_customer().pk, merged_id=a_customer().pk, actor=system)
    return {
        "contact": a_contact(world.customer),
        "device": a_device(world.customer),
        "double": a_customer(),
        "merge": merge,
        "address": actions.add_address(world.customer.pk, text="人民路 8 号", actor=system),
        "special_date": actions.note_special_date(world.customer.pk, name="开业", on=date(2020, 1, 1), actor=system),
        "segment": Segment.objects.create(name="旧的", filters={"tier": "gold"}),
    }
