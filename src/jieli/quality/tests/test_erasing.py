"""A certified erasure blanks every word of call-backs and recoveries; results, times and amounts stay."""

from decimal import Decimal

import pytest

from jieli.customers.actions import erase_customer
from jieli.events.anchors import breaks, make_anchor
from jieli.people.tests.factories import acting, an_administrator
from jieli.quality.actions.recovering import record_recovery, spend
from jieli.quality.models import Attempt, CallBack, Recovery, Spending
from jieli.quality.tests.factories import a_recovery

pytestmark = pytest.mark.django_db


def test_words_are_blanked_and_figures_stay():
    visited, recovery = a_recovery()
    agent = acting(visited.agent)
    spend(recovery.pk, amount=Decimal("20.00"), purpose="给王芳的花", actor=agent)
    record_recovery(recovery.pk, restored="换泵", personal="给王芳的卡", answer="已换泵", actor=agent)
    erase_customer(visited.case.customer_id, reason="本人要求", actor=an_administrator())
    callback = CallBack.objects.get(pk=recovery.callback_id)
    assert (callback.result, callback.what, callback.wish, callback.story) == ("dissatisfied", "", "", "")
    assert set(Attempt.objects.values_list("note", flat=True)) == {""}
    assert list(Recovery.objects.values_list("restored", "personal")) == [("", "")]
    assert list(Spending.objects.values_list("amount", "purpose")) == [(Decimal("20.00"), "—")]
    make_anchor()
    assert list(breaks()) == []
