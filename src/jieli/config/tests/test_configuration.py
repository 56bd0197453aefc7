"""Every environment variable is documented as it is."""

import re
from pathlib import Path

import pytest

from jieli.config import environment

ROOT = Path(__file__).resolve().parents[4]


def test_the_page_is_the_table():
    assert environment.as_markdown() in (ROOT / "docs" / "configuration.md").read_text()


def test_every_variable_that_the_code_names_is_a_row():
    rows = {variable.name for variable in environment.VARIABLES}
    named = set()
    for file in (ROOT / "src").rglob("*.py"):
        if "testing" not in file.parts and "tests" not in file.parts:
            named |= set(re.findall(r"""(?:read\(|environ(?:\.get\(|\[))["'](JIELI_\w+|DATABASE_\w+|PORT)""", file.read_text()))
    assert named <= rows


def test_a_wrong_value_names_the_variable(monkeypatch):
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(environment.WrongEnvironment, match="PORT: 'eighty' is not a valid integer"):
        environment.read("PORT")


def test_a_wrong_secret_is_not_repeated(monkeypatch):
    secret = environment.Variable("JIELI_SECRET_KEY", "integer", "", "help", secret=True)
    monkeypatch.setitem(environment._BY_NAME, "JIELI_SECRET_KEY", secret)
    monkeypatch.setenv("JIELI_SECRET_KEY", "hush")
    with pytest.raises(environment.WrongEnvironment) as refused:
        environment.read("JIELI_SECRET_KEY")
    assert "hush" not in str(refused.value)
