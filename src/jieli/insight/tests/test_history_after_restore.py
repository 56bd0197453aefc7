"""The figures of a history come from its chained events alone: without the file, from a backup, by the command."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from jieli.config import dumping
from jieli.config.database import Addresses
from jieli.config.testing.server import TestServer
from jieli.embedded.cluster import make_database, prepare_database
from jieli.embedded.connection import ADMIN, APP, OWNER
from jieli.intake.models import StagedStep
from jieli.intake.tests.factories import data_folder, imported, mapping
from jieli.people.tests.factories import a_company

pytestmark = [pytest.mark.long(15), pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_the_help_desk_without_its_file_and_from_a_backup(
    tmp_path: Path, database_urls: Addresses, test_server: TestServer
) -> None:
    a_company()
    copy = tmp_path / "log.csv.gz"
    shutil.copy(data_folder() / "processes" / "helpdesk.csv.gz", copy)
    imported(copy, mapping("helpdesk"))
    copy.unlink()
    assert not StagedStep.objects.exists()
    before = _figures(database_urls)
    backup = tmp_path / "backup"
    manifest = dumping.back_up(backup, url=database_urls.owner, files=tmp_path / "none", key=tmp_path / "none")
    name = f"{test_server.name}_restored"
    known = test_server.known
    with psycopg.connect(known.url(ADMIN, "postgres"), autocommit=True) as admin:
        make_database(admin, name)
        try:
            prepare_database(known.url(ADMIN, name))
            restored = Addresses(known.url(APP, name), known.url(OWNER, name))
            dumping.restore_into(backup, url=restored.owner, manifest=manifest)
            _jieli(["migrate", "--quiet"], restored)
            after = _figures(restored)
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    assert after == before
    assert (after["events"], after["cases"], after["actors"], after["passes"]) == (21348, 4580, 22, 8648)
    assert (round(after["duration_mean_days"], 3), round(after["duration_median_days"], 3)) == (40.858, 39.859)


def _figures(database: Addresses) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_jieli(["history", "helpdesk", "--json"], database))
    return found


def _jieli(arguments: list[str], database: Addresses) -> str:
    environment = {**os.environ, "DATABASE_URL": database.app, "DATABASE_OWNER_URL": database.owner}
    done = subprocess.run(
        [sys.executable, "-m", "jieli", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
