"""Texts are found in code and templates, and what is missing in Chinese is told."""

import polib
import pytest

from jieli.config import messages


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "PACKAGE", tmp_path)
    folder = tmp_path / "sample"
    (folder / "templates" / "sample").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "code.py").write_text(
        'x = _("One " "text")\ny = ngettext("%(n)s case", "%(n)s cases", 2)\nz = pgettext("month", "May")\n'
    )
    (folder / "templates" / "sample" / "page.html").write_text(
        '{% load i18n %}{% translate "It\'s mine" %}'
        "{% blocktranslate trimmed with name=who %}\n  Dear {{ name }},\n  100% yours\n{% endblocktranslate %}"
    )
    return "sample"


def test_every_kind_of_text_is_found(app):
    assert set(messages.texts_of(app)) == {
        ("", "One text", ""),
        ("", "%(n)s case", "%(n)s cases"),
        ("month", "May", ""),
        ("", "It's mine", ""),
        ("", "Dear %(name)s, 100%% yours", ""),
    }


def test_new_texts_are_taken_in_and_told_until_translated(app):
    assert messages.update(app) == 5
    path = messages.catalogue(app)
    catalogue = polib.pofile(str(path))
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: "%(n)s 件"}
        else:
            entry.msgstr = "中文 %(name)s" if "name" in entry.msgid else "中文"
    catalogue.save()
    assert messages.problems(app) == []
    assert messages.compile_stale() == 1
    assert messages.compile_stale() == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda entry: entry.flags.append("fuzzy"), "fuzzy"),
        (lambda entry: setattr(entry, "msgstr", ""), "untranslated"),
        (lambda entry: setattr(entry, "msgid", "Gone"), "no longer in the code"),
        (lambda entry: setattr(entry, "msgstr", "%(other)s"), "other placeholders"),
    ],
)
def test_a_spoiled_text_is_told(app, spoil, said):
    messages.update(app)
    catalogue = polib.pofile(str(messages.catalogue(app)))
    entry = catalogue.find("One text")
    entry.msgstr = "一段文字"
    spoil(entry)
    catalogue.save()
    assert any(said in line and ("One text" in line or "Gone" in line) for line in messages.problems(app))


def spoken(folder, app, chinese, context=None):
    """Let an app of a package say a word in Chinese."""
    path = folder / app / messages.LOCALE
    path.parent.mkdir(parents=True)
    (folder / app / "__init__.py").touch()
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="Name", msgctxt=context, msgstr=chinese))
    catalogue.save(str(path))


def test_apps_that_differ_about_a_word_are_named_unless_it_has_another_context(tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "PACKAGE", tmp_path)
    spoken(tmp_path, "first", "名称")
    spoken(tmp_path, "second", "名称")
    spoken(tmp_path, "third", "姓名", context="a person")
    assert messages.conflicts() == []
    spoken(tmp_path, "fourth", "名字")
    (told,) = messages.conflicts()
    assert told == "apps differ about 'Name': '名字' in fourth, '名称' in first and second"


def test_the_apps_of_the_package_say_each_thing_one_way():
    assert messages.conflicts() == []
