"""What `jieli doctor` finds of a company at work."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from jieli.cases.actions.sweeping import sweep
from jieli.cases.tests.factories import a_case
from jieli.config.commands import doctor
from jieli.config.database import Addresses
from jieli.config.models import Heartbeat
from jieli.people.tests.factories import MONDAY

pytestmark = pytest.mark.django_db


def test_alarms_that_a_living_worker_does_not_notice_are_wrong(
    database_urls: Addresses, frozen: Callable[[datetime], None]
) -> None:
    frozen(MONDAY)
    promise = a_case().promises.unended().order_by("next_alarm_at").first()
    assert promise is not None
    assert promise.next_alarm_at is not None
    Heartbeat.objects.create(worker="a")
    frozen(promise.next_alarm_at + timedelta(minutes=4))
    assert _promises(database_urls) == "ok"
    frozen(promise.next_alarm_at + timedelta(minutes=6))
    assert _promises(database_urls) == "wrong"
    sweep()
    assert _promises(database_urls) == "ok"
    Heartbeat.objects.all().delete()
    assert _promises(database_urls) is None  # that no worker lives is said already


def _promises(addresses: Addresses) -> str | None:
    return {one.what: one.state for one in doctor._database(addresses.app, addresses.app, assumed="")}.get("promises")
