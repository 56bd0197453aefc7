"""Components as templates use them: marked up for everyone, in both languages."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.http import HttpResponse, QueryDict
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.utils import translation
from django.utils.safestring import SafeString

from jieli.lib import clock
from jieli.ui import assets
from jieli.ui.middleware import SentDrafts

NOW = datetime(2026, 11, 23, 6, 48, tzinfo=UTC)


@pytest.fixture(autouse=True)
def company_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the clock without a database."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def drawn(source: str, **context: Any) -> str:
    """Render a piece of a template."""
    return Template("{% load ui %}" + source).render(Context(context))


class Wish(forms.Form):
    """A form with one required and one free field."""

    subject = forms.CharField(label="Subject", help_text="In your words")
    day = forms.ChoiceField(label="Day", choices=[("1", "Mon")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False)


def test_a_fixed_part_is_drawn_once_for_each_language_and_value() -> None:
    part = Template("{% load i18n fixed %}{% fixed place %}{% translate 'Close' %} {{ place }} {{ turn }}{% endfixed %}")

    def shown(turn: int, **context: Any) -> str:
        return part.render(Context({"turn": turn, **context}))

    with translation.override("en"):
        assert shown(1, place="<a>") == shown(2, place="<a>") == "Close &lt;a&gt; 1"
        assert shown(3, place="b") == "Close b 3"
        assert shown(4) != shown(5), "nothing is kept while a value is missing"
    with translation.override("zh-hans"):
        assert shown(6, place="b") == "关闭 b 6"
    with translation.override("en"), override_settings(DEBUG=True):
        assert shown(7, place="b") == "Close b 7"


def test_names_made_in_a_fixed_part_stay_inside() -> None:
    part = Template(
        "{% load fixed %}{% fixed place %}{% regroup links by group as groups %}{{ groups|length }}{% endfixed %} {{ groups }}"
    )
    links = [{"group": "a"}, {"group": "b"}]
    for place in ("one", "one", None):
        assert part.render(Context({"links": links, "groups": "of the page", "place": place})) == "2 of the page"


def test_what_was_drawn_of_a_safe_text_is_not_given_for_the_same_text_of_a_person() -> None:
    assert "<b>" in drawn("{% badge text %}", text=SafeString("<b>!</b>"))
    assert "<b>" not in drawn("{% badge text %}", text="<b>!</b>")


def test_a_broken_promise_says_so_by_word_and_icon() -> None:
    with translation.override("zh-hans"):
        html = drawn('{% promise_bar due_at=at what="回复" %}', at=NOW - timedelta(minutes=8))
    assert 'data-state="broken"' in html
    assert "已超 8 分" in html
    assert 'aria-label="已超时"' in html
    assert "#flame" in html


def test_a_time_is_relative_and_exact_on_hover() -> None:
    with translation.override("en"):
        html = drawn("{% when at %}", at=NOW - timedelta(minutes=5))
    assert html == ('<time datetime="2026-11-23T14:43:00+08:00" title="Mon 23 Nov 14:43" data-when="relative">5 min ago</time>')


@pytest.mark.parametrize(("language", "written"), [("zh-hans", "原因：缺件"), ("en", "原因: 缺件")])
def test_the_colon_after_a_label_is_that_of_the_language(language: str, written: str) -> None:
    with translation.override(language):
        assert drawn("原因{% colon %}{{ why }}", why="缺件") == written


def test_no_template_writes_the_colon_of_one_language() -> None:
    """What stands in a translated sentence is its translator's."""
    folders = [Path(app.path) / "templates" for app in apps.get_app_configs() if app.name.startswith("jieli.")]
    pages = [page for folder in folders for page in folder.rglob("*.html") if page.name != "gallery.html"]
    assert len(pages) > 100
    sentence = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}", re.DOTALL)
    wrong = [page.name for page in pages if re.search(r"[%}]}(</\w+>)?: ", sentence.sub("", page.read_text()))]
    assert wrong == []


def test_names_are_escaped_everywhere() -> None:
    html = drawn(
        "{% person who %}{% face who %}{% badge who %}{% baton owner=who steward=who pending_to=who %}", who="<script>x"
    )
    assert "<script>" not in html


def test_a_wrong_field_is_tied_to_its_hint_and_its_error() -> None:
    form = Wish({"note": "kept"})
    html = drawn("{% form_fields form %}", form=form)
    assert 'aria-describedby="id_subject-hint id_subject-error"' in html
    assert 'id="id_subject-error"' in html
    assert 'href="#id_day"' in html
    assert 'value="kept"' in html
    assert html.count('role="alert"') == 1


def test_a_right_form_has_no_summary() -> None:
    assert "role=" not in drawn("{% error_summary form %}", form=Wish({"subject": "x", "day": "1"}))


def test_a_column_sorts_up_then_down_and_leaves_the_page() -> None:
    request = RequestFactory().get("/cases", QueryDict("sort=due&after=abc&stage=visit").dict())
    html = drawn('{% sort_header "due" "Due" %}{% sort_header "owner" "Owner" %}', request=request)
    assert 'aria-sort="ascending"' in html
    assert "?sort=-due&amp;stage=visit" in html
    assert "?sort=owner&amp;stage=visit" in html
    assert "after=" not in html


def test_paging_keeps_the_filter() -> None:
    request = RequestFactory().get("/cases", {"stage": "visit", "before": "x"})
    html = drawn('{% paging next_cursor="n" previous_cursor="p" shown=3 %}', request=request)
    assert "?stage=visit&amp;after=n" in html
    assert "?stage=visit&amp;before=p" in html


def test_a_masked_value_does_not_reach_the_page() -> None:
    html = drawn('{% masked "13812348000" reveal_url="/reveal" label="phone" %}')
    assert "138****8000" in html
    assert "13812348000" not in html


def test_no_component_carries_style_or_script() -> None:
    html = drawn(
        '{% promise_bar due_at=at %}{% sparkline values %}{% stage_line stages "a" %}{% diff_view "a" "b" %}{% money None %}',
        at=NOW,
        values=[1, 2],
        stages=[("a", "A")],
    )
    assert "style=" not in html
    assert "<script" not in html


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "409", "429", "500", "refused"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_error_page_stands_without_any_context(name: str, language: str) -> None:
    from django.template.loader import render_to_string

    with translation.override(language):
        html = render_to_string(f"{name}.html", {})
    assert "<h1>" in html
    assert "style=" not in html


@pytest.mark.parametrize(
    ("status", "location", "is_told"),
    [(302, "/cases/1", True), (204, "", True), (302, "/login/?next=/", False), (200, "", False), (422, "", False)],
)
@override_settings(LOGIN_URL="/login/")
def test_a_draft_is_forgotten_only_after_its_text_arrived(status: int, location: str, is_told: bool) -> None:
    headers = {"Location": location} if location else {}
    request = RequestFactory().post("/reply", {"_draft": "d-1", "body": "text"})
    response = SentDrafts(lambda _: HttpResponse(status=status, headers=headers))(request)
    assert ("sent_draft" in response.cookies) is is_told


def test_built_files_carry_a_hash_or_their_plain_name() -> None:
    assert assets.built_name("nothing.css") == "nothing.css"
