"""What dispatch asks of the month end: the last grade of each outlet."""

import pytest

from jieli.dispatch.grades import grades_of
from jieli.lib import clock
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import Result
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests.factories import FINANCE, a_rate_table, an_order, an_outlet, at

pytestmark = pytest.mark.django_db


def test_dispatch_knows_the_last_grade_of_an_outlet() -> None:
    with clock.frozen(at("2026-04-08 09:00")):
        a_rate_table("washer repair true 0 - 82.00")
        graded, new = an_outlet("A"), an_outlet("B")
        for day in range(1, 13):
            an_order(graded, f"2026-03-{day:02d} 10:00")
        decide_month(month_of("2026-03"), actor=FINANCE)
        expected = Result.objects.get(outlet=graded).grade
        assert expected in "ABC"
        assert grades_of([graded.pk, new.pk]) == {graded.pk: expected}
        assert grades_of([]) == {}
