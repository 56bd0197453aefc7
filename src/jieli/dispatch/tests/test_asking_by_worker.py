"""The worker writes in the company's language, whatever the shell speaks that started it."""

import os
import subprocess
import sys
import time

import pytest

from jieli.config.database import Addresses
from jieli.dispatch.actions.answering import refuse_offer
from jieli.dispatch.models import Offer
from jieli.dispatch.tests.factories import FARTHER, a_ready_case, an_outlet, manager_of, offered
from jieli.people.tests.factories import acting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_what_a_job_writes_to_the_next_outlet_is_in_the_language_of_the_company(database_urls: Addresses) -> None:
    first, second = an_outlet("近网点"), an_outlet("远网点", **FARTHER)
    case = a_ready_case()
    refuse_offer(offered(case, first).pk, reason="no_part", actor=acting(manager_of(first)))
    environment = {
        **os.environ,
        "LC_ALL": "en_US.UTF-8",
        "DATABASE_URL": database_urls.app,
        "DATABASE_OWNER_URL": database_urls.owner,
    }
    worker = subprocess.Popen([sys.executable, "-m", "jieli", "work"], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 60
        offers = Offer.objects.filter(case=case, outlet_id=second.pk).select_related("baton")
        while not (found := offers.first()) and time.monotonic() < end and worker.poll() is None:
            time.sleep(0.1)
    finally:
        worker.terminate()
        _out, errors = worker.communicate(timeout=60)
    assert found is not None, errors
    assert (found.baton.next, found.baton.explanation) == ("上门：时间待约", "远网点 的上门工单，时间待约")
