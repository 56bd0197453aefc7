"""The page on security names only tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_test_that_the_page_on_security_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text()))
    tests = [*ROOT.glob("src/jieli/*/tests/test_*.py"), *ROOT.glob("tests/test_*.py")]
    known = {name for file in tests for name in re.findall(r"def (test_\w+)", file.read_text())}
    assert named
    assert named <= known, sorted(named - known)
