"""One convention: the address of a page ends with a slash, that of a file to take away with its kind."""

from collections.abc import Iterable, Iterator

from django.urls import URLPattern, URLResolver, get_resolver

# Read aloud and typed by customers; asked by machines.
WITHOUT = ("t/", "healthz", "readyz", "api/")


def addresses(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for one in patterns:
        here = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, here)
        else:
            yield here


def is_file(address: str) -> bool:
    return "." in address.rpartition("/")[2].split("<")[0] or ".<" in address


def test_the_address_of_every_page_ends_with_a_slash() -> None:
    found = [one for one in addresses(get_resolver().url_patterns) if one and not one.startswith(WITHOUT) and not is_file(one)]
    assert len(found) > 100
    assert [one for one in found if not one.rstrip("$").rstrip("\\Z").endswith("/")] == []
