"""The worker writes in the company's language, whatever the shell speaks that started it."""

import os
import subprocess
import sys
import time

import pytest

from jieli.cases.models import Pass
from jieli.config.database import Addresses
from jieli.quality.tests.factories import a_visited_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_the_reason_of_an_offer_by_a_job_is_in_the_language_of_the_company(database_urls: Addresses) -> None:
    visited = a_visited_case()
    environment = {
        **os.environ,
        "LC_ALL": "en_US.UTF-8",
        "DATABASE_URL": database_urls.app,
        "DATABASE_OWNER_URL": database_urls.owner,
    }
    worker = subprocess.Popen([sys.executable, "-m", "jieli", "work"], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 60
        offers = Pass.objects.filter(case=visited.case, state="offered")
        while not (found := offers.first()) and time.monotonic() < end and worker.poll() is None:
            time.sleep(0.1)
    finally:
        worker.terminate()
        _out, errors = worker.communicate(timeout=60)
    assert found is not None, errors
    assert found.explanation == "回访客户"
