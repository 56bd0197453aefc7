"""What every test of notices needs: two kinds of its own, and where a case is found."""

import pytest
from django.utils.translation import gettext_lazy as _

from jieli.notify import kinds


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register a quiet kind and one that mails."""
    monkeypatch.setattr(kinds, "_kinds", {})
    monkeypatch.setattr(kinds, "_case_link", [])
    kinds.register("test.told", "Case %(number)s was passed to you", label="Passed to me")
    kinds.register("test.mailed", "Case %(number)s is overdue", label="Overdue", by_email=True)
    kinds.register("test.translated", _("Mark all as read"))
    kinds.register_case_link(lambda case_id: f"/cases/{case_id}/")
