"""A demo is made anew, so that its today is today: at a start on another day if nobody worked in it, or when asked to."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from django.conf import settings

from jieli.config.database import close
from jieli.events.actor import COMMAND_LINE
from jieli.events.events import DemoMade
from jieli.events.models import Event

_SIZES = [one.name for one in fields(DemoMade) if one.name != "company_id"]


@dataclass(frozen=True, slots=True)
class Made:
    """A demo as it was made: when, and the sizes that `jieli demo` was given."""

    event_id: int
    at: datetime
    sizes: dict[str, int]


def making() -> Made | None:
    """Return how the demo was made, or None where that is not recorded: then it was no demo."""
    made = Event.objects.filter(type=DemoMade.type).order_by("id").last()
    if made is None:
        return None
    sizes = {name: int(made.data[name]) for name in _SIZES if name in made.data}
    return Made(made.pk, made.recorded_at, sizes)


def is_untouched(made: Made) -> bool:
    """Tell whether only the software acted in it since.

    Who signs in, reports by a link, imports, or sets something by a command has worked in it; the worker, who warns and
    reminds, has not. Cost: the events since.
    """
    since = Event.objects.filter(id__gt=made.event_id)
    by_people = since.exclude(actor_kind__in=["system", "rule"])
    return not by_people.exists() and not since.filter(actor_name=COMMAND_LINE.name).exists()


def renew(sizes: Mapping[str, int]) -> bool:
    """Make the company anew in place of the present one; tell whether that succeeded. Nothing is touched until it has."""
    close()
    files = [file for file in Path(settings.MEDIA_ROOT).rglob("*") if file.is_file()]
    arguments = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]
    # In a process of its own: this one has read of the old company.
    if subprocess.run([sys.executable, "-m", "jieli", "demo", "--instead", *arguments], check=False).returncode:
        return False
    for file in files:
        file.unlink(missing_ok=True)
    return True
