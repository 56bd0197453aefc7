"""The proof of a whole machine's way on a clock that runs: each row says the time of its event, not of a moment later."""

import pytest

from jieli.cases.queries.verifying import findings
from jieli.parts.actions.disposing import dispose_machine
from jieli.parts.actions.machines import Asked, ask_for_machine, call_off_machine, decide_machine
from jieli.parts.actions.returning import correct_finding, receive_old_part, record_finding
from jieli.parts.actions.using import use_part
from jieli.parts.tests.factories import a_machine, a_store, a_van, an_engineer, an_order, an_outlet
from jieli.people.tests.factories import a_person, acting

pytestmark = pytest.mark.django_db


def test_the_whole_way_is_told_as_it_was():
    engineer = an_engineer(an_outlet())
    a_machine("WM")
    a_van(engineer, WM=1)
    store, above, lab = a_store(), acting(a_person(roles=("manager",))), acting(a_person(roles=("quality",)))
    order, second, third = (an_order(engineer) for _one in range(3))
    made = ask_for_machine(order.pk, Asked("exchange", machine="WM", old_serial="S1", reason="漏水"), actor=acting(engineer))
    decide_machine(made.pk, approved=True, actor=above)
    used = use_part(order.pk, part_code="WM", new_serial="N1", actor=acting(engineer))
    receive_old_part(used.tag, actor=lab)
    record_finding(used.pk, "no_fault", actor=lab)
    correct_finding(used.pk, "confirmed", reason="复检", actor=lab)
    dispose_machine(used.pk, way="refurbish", place_id=store.pk, reason="换门封", actor=above)
    back = ask_for_machine(second.pk, Asked("return", old_machine="WM", old_serial="S2", reason="退机"), actor=acting(engineer))
    decide_machine(back.pk, approved=True, actor=above)
    call_off_machine(back.pk, reason="客户留用", actor=above)
    no = ask_for_machine(third.pk, Asked("return", old_machine="WM", old_serial="S3", reason="退机"), actor=acting(engineer))
    decide_machine(no.pk, approved=False, reason="可修", actor=above)
    assert [one.as_dict() for one in findings()] == []
