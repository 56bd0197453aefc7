"""What every test of evidence needs: a folder of its own, and a case app that answers who sees what."""

from pathlib import Path
from typing import Any

import pytest

from jieli.events.actor import Actor
from jieli.files import access


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """Keep the files of each test apart."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture(autouse=True)
def cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever holds a role over everything see all cases, customer 7 case 1 alone, by the token ``open``."""

    def may_see(actor: Actor, case_id: int) -> bool:
        if actor.kind == "customer":
            return actor.id == 7 and case_id == 1
        return actor.has_role("agent", "manager", unit_path="/1/")

    def opened_by(token: str) -> tuple[Actor, int] | None:
        return (Actor("customer", 7, "王芳"), 1) if token == "open" else None

    monkeypatch.setattr(access, "_may_see", [may_see])
    monkeypatch.setattr(access, "_may_add", [may_see])
    monkeypatch.setattr(access, "_tracking", [opened_by])
