"""Who sees the case sees its work order; and what happened reads as sentences."""

from pathlib import Path

import pytest
from django.utils import translation

from jieli.cases.models import Case
from jieli.cases.queries.timeline import entries
from jieli.events.models import Event
from jieli.orders.models import WorkOrder
from jieli.orders.tests.factories import an_order, an_outlet, imported
from jieli.people.tests.factories import a_person, acting

pytestmark = pytest.mark.django_db


def test_an_order_is_seen_by_whom_its_case_is_seen(tmp_path: Path) -> None:
    mine, other = an_outlet("P"), an_outlet("Q")
    imported(tmp_path, "orders", [an_order("R1"), an_order("R2", outlet="Q")])
    here = a_person(unit=mine.unit, roles=("outlet_manager",))
    there = a_person(unit=other.unit, roles=("engineer",))
    above = a_person(roles=("supervisor",))
    assert list(WorkOrder.objects.visible_to(acting(here)).values_list("number", flat=True)) == ["R1"]
    assert list(WorkOrder.objects.visible_to(acting(there))) == []
    assert WorkOrder.objects.visible_to(acting(above)).count() == 2


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (
            "zh-hans",
            [
                "工单 R1 已派给 P",
                "已上门（工单 R1）",
                "工单 R1 已完工",
                "工单 R1 的服务结果已回传",
                "工单 R1 回访：满意",
                "换下的旧件 P7 已返回（工单 R1）",
                "工单 R1 旧件的检测结论：故障属实",
                "工单 R1 有变更：一次修复、回访",
            ],
        ),
        (
            "en",
            [
                "Work order R1 was dispatched to P",
                "Arrived on site (work order R1)",
                "Work order R1 was finished",
                "The results of work order R1 came back",
                "Call-back on work order R1: satisfied",
                "The changed part P7 came back (work order R1)",
                "The lab's finding on the part of work order R1: confirmed",
                "Changed in work order R1: fixed on first arrival, call-back",
            ],
        ),
    ],
)
def test_the_timeline_of_an_order_reads_as_sentences(tmp_path: Path, language: str, wanted: list[str]) -> None:
    an_outlet()
    imported(tmp_path, "orders", [an_order()])
    imported(tmp_path, "orders", [an_order(callback_result="dissatisfied", fixed_first="false")])
    case = Case.objects.get()
    with translation.override(language):
        told = entries(Event.objects.of_case(case.pk).prefetch_related("texts"), {})
    assert sorted(one.text for one in told[1:]) == sorted(wanted)
    assert {one.icon for one in told} >= {"truck", "map-pin", "microscope"}
