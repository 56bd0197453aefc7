"""Texts of people: two-character pieces for the search index, telephone numbers, masking, likeness, cleaning."""

import re
import unicodedata

# U+0130 is the one letter whose full lower case has two characters; PostgreSQL's lower() maps one to one.
_DOTTED_I = "\u0130"


def lowered(text: str) -> str:
    """Return the text in lower case, letter by letter, as PostgreSQL's ``lower()`` does under the locale C.UTF-8.

    Python's own ``str.lower`` may lengthen a text and knows the final sigma; the index knows neither.
    """
    if text.isascii():
        return text.lower()
    return "".join("i" if letter == _DOTTED_I else letter.lower() for letter in text)


def pairs(query: str) -> list[str]:
    """Return the distinct two-character pieces of a query in lower case, in order: what ``bigrams()`` indexes in SQL.

    A query of one character or none has no pieces: the caller must refuse it or search without the index.
    """
    low = lowered(query)
    return list(dict.fromkeys(low[at : at + 2] for at in range(len(low) - 1)))


# Bidirectional controls can make a text read differently from what it says; the byte order mark is invisible.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def strip_control(text: str) -> str:
    """Return the text without characters that nobody can read or PostgreSQL cannot store; lines end in a line feed."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


_EXTENSION = re.compile(r"(?:\s*(?:转|轉|分机|ext\.?|x|#|,|;|-)\s*)(?P<extension>[0-9]{1,6})$", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}")
_FREE = re.compile(r"[48]00[0-9]{7}")
_SHORT = re.compile(r"1[0-9]{2}|1[02][0-9]{3}|9[56][0-9]{3,4}|[2-9][0-9]{6,7}")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{5,14}")


def normalise_phone(text: str) -> str:
    """Return one way of writing a telephone number, so that equal numbers are equal texts; "" when there is no digit.

    A Chinese number is its national digits (mobile ``13800138000``, landline ``01012345678``), one of another country
    ``+`` and its digits; an extension follows after ``x``, which never groups digits, so that what was normalised stays as
    it is. What is no known kind of number keeps its digits: see `is_phone`.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", plain)
    extension = ""
    found = _EXTENSION.search(plain)
    if found:
        # A hyphen also groups the digits of one number: it opens an extension only when the number before is complete.
        before = _national(plain[: found.start()])
        hyphen = found.group().strip().startswith("-")
        complete = any(kind.fullmatch(before) for kind in (_MOBILE, _LANDLINE, _FREE))
        known = complete or any(kind.fullmatch(before) for kind in (_SHORT, _INTERNATIONAL))
        if known and (not hyphen or (complete and not _LANDLINE.fullmatch(_national(plain)))):
            plain, extension = plain[: found.start()], f"x{found['extension']}"
    number = _national(plain)
    return number + extension if number else ""


def is_phone(text: str) -> bool:
    """Say whether a text is a telephone number: Chinese mobile, landline or service number, or an international one."""
    number = normalise_phone(text).partition("x")[0]
    unwanted = re.sub(r"[0-9+()\s.\-转轉分机extEXT#,;/]", "", unicodedata.normalize("NFKC", text))
    return not unwanted and any(kind.fullmatch(number) for kind in (_MOBILE, _LANDLINE, _FREE, _SHORT, _INTERNATIONAL))


def _national(text: str) -> str:
    digits = re.sub(r"[^0-9]", "", text)
    if not digits:
        return ""
    abroad = text.lstrip(" (").startswith("+")
    if not abroad and digits.startswith("00") and len(digits) > 7:
        abroad, digits = True, digits[2:]
    if abroad and not digits.startswith("86"):
        return f"+{digits}"
    grouped = re.match(r"\s*\(?86\)?[\s-]", text)
    if abroad or grouped or (len(digits) == 13 and digits.startswith("86") and _MOBILE.fullmatch(digits[2:])):
        national = digits[2:].removeprefix("0")
        if _LANDLINE.fullmatch(f"0{national}") and not _MOBILE.fullmatch(national):
            return f"0{national}"
        return _national(national)
    if len(digits) == 12 and digits[0] == "0" and _MOBILE.fullmatch(digits[1:]):
        return digits[1:]
    return digits


def mask_phone(phone: str) -> str:
    """Return a telephone number for eyes that may not call it: ``138****8000``; always at least four digits are hidden."""
    number = phone if "*" in phone else normalise_phone(phone)
    if not number or "*" in number:
        return number
    number = number.partition("x")[0]
    if len(number) >= 11:
        return f"{number[:3]}****{number[-4:]}"
    if len(number) >= 7:
        return f"****{number[-(len(number) - 5) :]}"
    return "*" * len(number)


_DISTRICT = re.compile(
    r"\s*(?:[^\s,，0-9]{2,8}?(?:省|自治区|特别行政区))?"
    r"(?:[^\s,，0-9]{2,8}?(?<![超菜夜门])(?:市|自治州|地区|盟))?"
    r"(?:[^\s,，0-9]{1,8}?(?<![小社园街厂校院库超菜夜门])(?:区|县|旗|市))?"
)


def mask_address(address: str) -> str:
    """Return an address down to its district only: ``北京市海淀区****``; without a known district, the first part of it."""
    plain = address.strip()
    if not plain or plain.endswith("****"):
        return plain
    found = _DISTRICT.match(plain)
    if found and found.group().strip():
        return f"{found.group()}****"
    if plain.isascii() and "," in plain:
        return f"****, {plain.rpartition(',')[2].strip()}"
    return f"{plain[: min(3, len(plain) // 4)]}****"


def trigrams(text: str) -> set[str]:
    """Return the three-character pieces of a text's words as ``pg_trgm`` makes them: padded by two blanks before, one after."""
    pieces: set[str] = set()
    for word in re.split(r"[\W_]+", lowered(text)):
        if word:
            padded = f"  {word} "
            pieces.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return pieces


def similarity(a: str, b: str) -> float:
    """Return the share of trigrams that two texts have in common, 0 to 1: ``similarity()`` of ``pg_trgm``."""
    ours, theirs = trigrams(a), trigrams(b)
    if not ours or not theirs:
        return 0.0
    common = len(ours & theirs)
    return common / (len(ours) + len(theirs) - common)


def main_language(code: str) -> str:
    """Return the language of a code without script and country: ``zh-hans`` and ``zh_CN`` are ``zh``."""
    return re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
