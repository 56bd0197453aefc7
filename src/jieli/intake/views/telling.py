"""What is said on the next page."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest


def tell_later(request: HttpRequest, problems: Iterable[str]) -> None:
    """Say on the next page what did not work."""
    for text in problems:
        messages.warning(request, text)
