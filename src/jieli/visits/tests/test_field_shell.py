"""The shell of the engineer's phone: the same for everybody, complete for a phone without a network, in both languages."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jieli.people.tests.factories import a_person
from jieli.ui import assets
from jieli.visits.views import shell

SOURCE = Path(__file__).parents[4] / "frontend" / "field"
WORDS = (SOURCE / "words.js").read_text()
SCRIPTS = "\n".join(path.read_text() for path in SOURCE.glob("*.js") if path.name != "words.js")


def listed() -> dict[str, Any]:
    """Return what the service worker is told to keep."""
    text = Client().get(reverse("visits:field_worker")).content.decode()
    told: dict[str, Any] = json.loads(text.splitlines()[0].removeprefix("const FIELD = ").removesuffix(";"))
    return told


def words_of(language: str) -> dict[str, str]:
    """Return the texts of a language by their keys."""
    begin = WORDS.index(f"  {language}: {{")
    return dict(re.findall(r'(?:^|[ ,{])(\w+): "((?:[^"\\]|\\.)*)"', WORDS[begin : WORDS.index("\n  },", begin)]))


@pytest.mark.django_db
def test_the_page_holds_nothing_of_anybody() -> None:
    stranger, signed_in = Client(), Client()
    signed_in.force_login(a_person(roles=("engineer",), name="周强"))
    first, second = (one.get(reverse("visits:field")) for one in (stranger, signed_in))
    assert first.status_code == 200
    assert first.content == second.content
    assert first.headers["Cache-Control"] == "no-cache"


def test_the_pages_policy_allows_the_barcode_reader_and_still_no_eval() -> None:
    policy = Client().get(reverse("visits:field")).headers["Content-Security-Policy"]
    [scripts] = [part for part in policy.split("; ") if part.startswith("script-src")]
    assert scripts == "script-src 'self' 'wasm-unsafe-eval'"


def test_the_worker_is_told_of_every_file_that_the_page_names() -> None:
    page = Client().get(reverse("visits:field")).content.decode()
    told = listed()
    named = set(re.findall(r'"(/static/[^"]+)"', page))
    assert named == {*told["files"], *told["scanner"]}
    assert told["shell"] == reverse("visits:field")
    assert f'data-version="{told["version"]}"' in page


def test_the_worker_may_keep_the_phones_pages_and_is_asked_for_anew_each_time() -> None:
    answer = Client().get(reverse("visits:field_worker"))
    assert answer.headers["Service-Worker-Allowed"] == "/field/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Type"].startswith("text/javascript")


def test_another_file_makes_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shell.build()
    monkeypatch.setattr(assets, "built_name", lambda name: f"other-{name}")
    assert shell.build() != before


def test_the_manifest_puts_the_page_on_the_home_screen() -> None:
    manifest = Client().get(reverse("visits:field_manifest")).json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/field/", "/field/", "standalone")
    built = assets.MANIFEST.parent
    assert all((built / icon["src"].rpartition("/")[2]).exists() for icon in manifest["icons"])


def test_every_text_of_the_phone_is_there_in_both_languages() -> None:
    chinese, english = words_of("zh"), words_of("en")
    assert chinese.keys() == english.keys()
    assert len(chinese) > 150
    assert [key for key, text in (chinese | english).items() if not text] == []
    asked = set(re.findall(r'\bt\("(\w+)"', SCRIPTS))
    assert asked - chinese.keys() == set()


def test_both_languages_fill_in_the_same_values() -> None:
    chinese, english = words_of("zh"), words_of("en")
    names = re.compile(r"\{(\w+)\}")
    assert [key for key in chinese if set(names.findall(chinese[key])) != set(names.findall(english[key]))] == []


def test_every_icon_of_the_phone_is_drawn() -> None:
    sprite = (assets.MANIFEST.parent / assets.built_name("icons.svg")).read_text()
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    named = set(re.findall(r'\bicon\("([a-z0-9-]+)"', SCRIPTS)) | set(re.findall(r'icon: "([a-z0-9-]+)"', SCRIPTS))
    assert named - drawn == set()


def test_no_text_of_anybody_becomes_markup_on_the_phone() -> None:
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(", SCRIPTS) == []
