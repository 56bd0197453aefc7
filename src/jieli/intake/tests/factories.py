"""Files of foreign histories for tests, and the real ones where they are."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from jieli.events.actor import import_actor
from jieli.intake.actions.histories import import_history
from jieli.intake.rules.reports import FileReport

REPOSITORY = Path(__file__).resolve().parents[4]
MAPPINGS = REPOSITORY / "docs" / "how-to" / "mappings"
ACTOR = import_actor("test")

SMALL_MAPPING = """
form = "events"
source = "small"
title = "Small desk"
time_zone = "UTC"
times = ["iso"]
unknown = ["?"]

[columns]
case = "case"
at = "at"
activity = "activity"
actor = "who"
group = "queue"
customer = "customer"
attributes = ["level"]

[values]
opens = ["open", "work"]
pauses = ["wait"]
resolves = ["answer"]
closes = ["close"]
"""

SMALL_HEADER = ("case", "at", "activity", "who", "queue", "customer", "level")
SMALL_ROWS = (
    ("1", "2020-01-01T08:00:00Z", "open", "Ann", "first", "Firm A", "2"),
    ("1", "2020-01-01T09:00:00Z", "work", "Ben", "first", "Firm A", "2"),
    ("1", "2020-01-02T08:00:00Z", "answer", "Ben", "second", "Firm A", "3"),
    ("1", "2020-01-03T08:00:00Z", "close", "Ben", "second", "Firm A", "3"),
    ("2", "2020-01-01T08:30:00Z", "open", "?", "first", "Firm B", "1"),
    ("2", "2020-01-05T08:30:00Z", "work", "Ann", "first", "Firm B", "1"),
)


def data_folder() -> Path:
    """Return the folder of the real data; the test is skipped where it is missing."""
    folder = Path(os.environ.get("SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the real data are not here: {folder}")
    return folder


def mapping(name: str) -> str:
    """Return a shipped mapping."""
    return (MAPPINGS / f"{name}.toml").read_text(encoding="utf-8")


def a_file(path: Path, rows: Iterable[Sequence[str]] = SMALL_ROWS, header: Sequence[str] = SMALL_HEADER) -> Path:
    """Write a CSV file and return its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def imported(path: Path, mapping_text: str = SMALL_MAPPING, **options: bool) -> FileReport:
    """Bring a file in."""
    return import_history(path, mapping_text=mapping_text, actor=ACTOR, **options)  # type: ignore[arg-type]
