"""Two clicks at once, two phones at once: one need is one case."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from jieli.cases.models import Case, Message
from jieli.intake.actions.reporting import Received, Report, receive_report
from jieli.intake.rules.needs import NEEDS
from jieli.people.tests.factories import the_root

pytestmark = pytest.mark.django_db(transaction=True)


def a_report(once: str) -> Report:
    """Return the same need, on a form of this mark."""
    return Report(NEEDS[0], "洗衣机不排水", "王芳", "13800138000", once, product_line="洗衣机", address="文三路 123 号")


def received_at_once(reports: list[Report]) -> list[Received]:
    """Receive reports at the same time, each on a connection of its own."""

    def one(report: Report) -> Received:
        try:
            return receive_report(report)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(reports)) as pool:
        return list(pool.map(one, reports))


def test_one_form_clicked_four_times_at_once_is_one_case_with_one_link() -> None:
    the_root()
    once = str(uuid.uuid4())
    received = received_at_once([a_report(once)] * 4)
    assert Case.objects.count() == 1
    assert Message.objects.count() == 1
    assert len({one.code for one in received}) == 1
    assert received[0].code


def test_four_forms_of_one_need_at_once_are_one_case_and_only_the_first_has_the_link() -> None:
    the_root()
    received = received_at_once([a_report(str(uuid.uuid4())) for _ in range(4)])
    assert Case.objects.count() == 1
    assert Message.objects.count() == 4
    assert sum(bool(one.code) for one in received) == 1
