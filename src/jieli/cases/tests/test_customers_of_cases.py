"""Cases follow their customer through a merge and back."""

import pytest
from django.db import connection

from jieli.cases.models import Case
from jieli.cases.tests.factories import a_case, a_customer
from jieli.customers.actions import merge_customers, undo_merge
from jieli.events.anchors import breaks
from jieli.people.tests.factories import an_administrator

pytestmark = pytest.mark.django_db


def test_cases_follow_a_merge_of_customers_and_come_back():
    case = a_case(customer=a_customer("王芳"))
    old_id = case.customer_id
    kept = a_customer("王 芳")
    admin = an_administrator()
    merge = merge_customers(kept.pk, merged_id=old_id, actor=admin)
    assert Case.objects.get(pk=case.pk).customer_id == kept.pk
    undo_merge(merge.pk, actor=admin)
    assert Case.objects.get(pk=case.pk).customer_id == old_id
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert list(breaks()) == []
