"""The pay slip of an engineer whose ticket people walked by their actions: commission and both bonuses, each from its act."""

from datetime import timedelta
from decimal import Decimal

import pytest

from jieli.insight.tests.factories import ARRIVAL, CALLED, SETTLED, an_intake, called, dispatched, returned, settled, visited
from jieli.lib import clock
from jieli.network.actions.licence import post_points_by_hand
from jieli.people.tests.factories import acting
from jieli.policies.tests.factories import changed, make_version
from jieli.quality.actions.judging import confirm_delight
from jieli.quality.models import CallBack
from jieli.settlement.models import PaySlip
from jieli.settlement.queries.pay import slip_lines

pytestmark = pytest.mark.django_db


def test_a_moved_customer_and_an_adopted_improvement_pay_both_bonuses():
    source = changed("pay", "delight_amount = 0.00", "delight_amount = 20.00")
    make_version("pay", source.replace("licence_amount = 0.00", "licence_amount = 200.00", 1))
    walked = an_intake()
    dispatched(walked)
    with clock.frozen(ARRIVAL + timedelta(hours=1, minutes=30)):
        visited(walked)
    with clock.frozen(CALLED):
        called(walked, moved="handshake", story="雨天还把水扫干净了")
        returned(walked)
        callback = CallBack.objects.get(case=walked.case)
        confirm_delight(callback.pk, moved="handshake", actor=acting(walked.quality))
        post_points_by_hand(
            walked.engineer.pk,
            kind="adopted_improvement",
            case_number=walked.case.number,
            note="排水泵的新装法",
            actor=acting(walked.quality),
        )
    with clock.frozen(SETTLED):
        settled()
    slip = PaySlip.objects.get(staff=walked.engineer.staff)
    assert (slip.orders, slip.valid, slip.delighted) == (1, 1, 1)
    assert (slip.licence_points, slip.licence_additions) == (12, 2)
    assert (slip.commission_amount, slip.delight_amount, slip.licence_amount) == (18, 20, 200)
    lines = slip_lines(slip)
    assert [one.number for one in lines] == [walked.order.number]
    parts = slip.base_amount + slip.licence_amount + sum((one.amount for one in lines), Decimal(0))
    assert parts == slip.total_amount
