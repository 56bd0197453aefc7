"""Translations without gettext's programs: compile, collect and check, in Python alone.

English is what the code says; each app keeps its Chinese in ``locale/zh_Hans/LC_MESSAGES/django.po``.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
_SKIPPED = {"tests", "migrations", "static", "node_modules"}

# name of the function → what its string arguments are
_FUNCTIONS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), ("id",)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), ("id", "plural")),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ("context", "id")),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ("context", "id", "plural")),
}
_IN_TEMPLATE = re.compile(r"\b(_|gettext|ngettext|pgettext|npgettext)\(")
_STRING = re.compile(r"""\s*(?:u?r?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))\s*[,)]?""", re.DOTALL)

Key = tuple[str, str, str]  # context, text, plural; empty where absent


@dataclass(slots=True)
class Found:
    """A text in the code, and where it stands."""

    key: Key
    places: set[tuple[str, str]] = field(default_factory=set)


def apps() -> list[str]:
    """Return the apps of the package."""
    return sorted(folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists())


def catalogue(app: str) -> Path:
    """Return the path of an app's Chinese."""
    return PACKAGE / app / LOCALE


def compile_stale() -> int:
    """Compile each catalogue that is younger than its compiled form; return how many."""
    made = 0
    for app in apps():
        source = catalogue(app)
        target = source.with_suffix(".mo")
        if source.exists() and (not target.exists() or target.stat().st_mtime < source.stat().st_mtime):
            fresh = target.with_name(f"{target.name}.{id(source)}")
            polib.pofile(str(source)).save_as_mofile(str(fresh))
            fresh.replace(target)
            made += 1
    return made


def texts_of(app: str) -> dict[Key, Found]:
    """Return every text of an app's code and templates."""
    found: dict[Key, Found] = {}
    for file in sorted((PACKAGE / app).rglob("*")):
        inner = file.relative_to(PACKAGE / app).parts
        if _SKIPPED & set(inner[:-1]) or not file.is_file():
            continue
        if file.suffix == ".py":
            texts = _in_python(file.read_text())
        elif "templates" in inner and file.suffix in (".html", ".txt"):
            texts = _in_template(file.read_text())
        else:
            continue
        for key in texts:
            found.setdefault(key, Found(key)).places.add((str(file.relative_to(PACKAGE.parent)), ""))
    return found


def _in_python(source: str) -> Iterator[Key]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        roles = _FUNCTIONS.get(name)
        if roles is None or len(node.args) < len(roles):
            continue
        values = [arg.value for arg in node.args[: len(roles)] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if len(values) == len(roles):
            yield _key(dict(zip(roles, values, strict=True)))


def _in_template(source: str) -> Iterator[Key]:
    code = templatize(source)
    for match in _IN_TEMPLATE.finditer(code):
        values = []
        at = match.end()
        for _role in _FUNCTIONS[match[1]]:
            string = _STRING.match(code, at)
            if string is None:
                break
            values.append(ast.literal_eval(string[1]))
            at = string.end()
        else:
            # templatize doubles the per cent signs; the catalogue holds them as Django looks them up.
            yield _key(dict(zip(_FUNCTIONS[match[1]], values, strict=True)))


def _key(parts: dict[str, str]) -> Key:
    return (parts.get("context", ""), parts["id"], parts.get("plural", ""))


def _entry_key(entry: polib.POEntry) -> Key:
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


def update(app: str) -> int:
    """Take an app's new texts into its catalogue, untranslated, and drop unused ones; return how many are untranslated."""
    found = texts_of(app)
    path = catalogue(app)
    if not found:
        return 0
    old = {_entry_key(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    new = polib.POFile(wrapwidth=120)
    new.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": "zh_Hans",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    for key, text in sorted(found.items()):
        context, singular, plural = key
        entry = old.get(key) or polib.POEntry(msgid=singular, msgctxt=context or None, msgid_plural=plural)
        if plural and not entry.msgstr_plural:
            entry.msgstr_plural = {0: ""}
        entry.occurrences = sorted(text.places)
        if "%(" in singular and "python-format" not in entry.flags:
            entry.flags.append("python-format")
        new.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or str(new) != str(polib.pofile(str(path), wrapwidth=120)):
        new.save(str(path))
    return len(new.untranslated_entries())


def problems(app: str) -> list[str]:
    """Return what is wrong with an app's Chinese: missing, untranslated, fuzzy, unused, or with other placeholders."""
    found = texts_of(app)
    path = catalogue(app)
    entries = {_entry_key(entry): entry for entry in polib.pofile(str(path)) if not entry.obsolete} if path.exists() else {}
    wrong = [f"{app}: not in the catalogue: {key[1]!r} ({_place(found[key])})" for key in sorted(found.keys() - entries.keys())]
    wrong += [f"{app}: no longer in the code: {key[1]!r}" for key in sorted(entries.keys() - found.keys())]
    for key in sorted(entries.keys() & found.keys()):
        entry = entries[key]
        chinese = "".join(entry.msgstr_plural.values()) if entry.msgid_plural else entry.msgstr
        if entry.fuzzy:
            wrong.append(f"{app}: fuzzy: {key[1]!r}")
        if not chinese:
            wrong.append(f"{app}: untranslated: {key[1]!r} ({_place(found[key])})")
        elif _placeholders(chinese) != _placeholders(key[2] or key[1]):
            wrong.append(f"{app}: other placeholders than {key[1]!r}: {chinese!r}")
    return wrong


def conflicts() -> list[str]:
    """Return the texts to which apps give different Chinese.

    Django knows one translation of a text in a context: that of the first app in INSTALLED_APPS, for all. Another meaning has
    another context; the same meaning has the same words.
    """
    said: dict[Key, dict[str, list[str]]] = {}
    for app in apps():
        for entry in polib.pofile(str(catalogue(app))) if catalogue(app).exists() else ():
            chinese = entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
            if chinese and not entry.obsolete and not entry.fuzzy:
                said.setdefault(_entry_key(entry), {}).setdefault(chinese, []).append(app)
    return [
        f"apps differ about {key[1]!r}{f' ({key[0]})' if key[0] else ''}: "
        + ", ".join(f"{chinese!r} in {' and '.join(names)}" for chinese, names in sorted(words.items()))
        for key, words in sorted(said.items())
        if len(words) > 1
    ]


def _place(found: Found) -> str:
    return min(found.places)[0]


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}", text))
