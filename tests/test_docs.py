"""The documents say what is there: links, commands, variables and apps."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from jieli.config import cli, environment

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TEXTS = sorted([*PAGES, *ROOT.glob("docs/**/*.toml"), ROOT / "Makefile"])

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```(?!sql)\w*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
_JIELI = re.compile(r"(?:^|[\s;&|(]|bin/)jieli +([a-z][a-z-]*)")
_MAKE = re.compile(r"(?:^|[\s;&|(])make +([a-z][a-z-]*)")
_VARIABLE = re.compile(r"\b(JIELI_[A-Z_]+|DATABASE_[A-Z_]+)\b")
_FORBIDDEN = re.compile(
    r"/work\b|/root\b|registry\.npmjs|pypi\.org|files\.pythonhosted|--index-url|npmmirror|tuna\.tsinghua", re.IGNORECASE
)
_ROLES = {"jieli_owner", "jieli_app"}


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code_of(page: Path) -> str:
    return "\n".join(block or piece for block, piece in _CODE.findall(page.read_text()))


@cache
def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_link_leads_somewhere(document):
    links = [link for link in _LINK.findall(document.read_text()) if not re.match(r"[a-z]+:", link)]
    broken = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_command_exists(document):
    code = code_of(document)
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {name for name, command in cli.COMMANDS.items() if cli._exists(command.module)}
    assert set(_JIELI.findall(code)) - commands == set()
    assert set(_MAKE.findall(code)) - targets == set()


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_variable_exists(document):
    known = {variable.name for variable in environment.VARIABLES}
    assert set(_VARIABLE.findall(document.read_text())) - known == set()


@pytest.mark.parametrize("document", TEXTS, ids=name_of)
def test_nothing_names_one_machine_or_one_registry(document):
    assert _FORBIDDEN.findall(document.read_text()) == []


def test_every_page_of_help_is_reached_from_the_readme():
    seen: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        links = (link.partition("#")[0] for link in _LINK.findall(page.read_text()) if ":" not in link)
        todo += [(page.parent / link).resolve() for link in links if link]
    help_pages = [page for page in PAGES if page.parent.name in ("how-to", "rules", "decisions")]
    assert [name_of(page) for page in help_pages if page not in seen] == []


def test_the_architecture_lists_the_installed_apps():
    section = (ROOT / "docs" / "architecture.md").read_text().partition("## Apps, top to bottom")[2].partition("\n## ")[0]
    first_cells = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    listed = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}
    installed = {app.removeprefix("jieli.") for app in settings.INSTALLED_APPS if app.startswith("jieli.")}
    assert listed == installed | {"lib"}  # lib has no models, so Django does not know it


def test_every_decision_is_in_the_index():
    folder = ROOT / "docs" / "decisions"
    listed = set(_LINK.findall((folder / "README.md").read_text()))
    assert {page.name for page in folder.glob("*.md")} - {"README.md"} == listed


def test_the_demo_logins_of_the_tour_are_those_of_the_demo():
    from jieli.config.demo.company import DEMO_LOGINS
    from jieli.people.rules import DEMO_PASSWORD

    tour = (ROOT / "README.md").read_text().partition("## A tour")[2].partition("\n1. ")[0]
    assert f"`{DEMO_PASSWORD}`" in tour
    assert {name for name in DEMO_LOGINS if f"`{name}`" not in tour} == set()
