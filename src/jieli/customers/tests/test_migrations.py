"""What migrations do to rows that are there."""

from importlib import import_module

import pytest
from django.db import connection

from jieli.customers.models import Customer
from jieli.customers.tests.factories import a_customer
from jieli.lib.text import normalise_phone

pytestmark = pytest.mark.django_db


def test_an_extension_that_was_kept_after_a_hyphen_is_found_again() -> None:
    written = "010-62345678-801"
    found = a_customer(phone=written)
    Customer.objects.filter(pk=found.pk).update(phone_digits="01062345678-801")
    (anew,) = import_module("jieli.customers.migrations.0002_extension_after_x").Migration.operations
    with connection.cursor() as cursor:
        for sql in anew.sql:
            cursor.execute(sql)
    assert Customer.objects.get(phone_digits=normalise_phone(written)) == found
