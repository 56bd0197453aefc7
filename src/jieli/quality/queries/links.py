"""The links by which customers answer in writing."""

import hashlib

from django.conf import settings
from django.urls import reverse

from jieli.quality.models import TextLink
from jieli.quality.refusals import LinkUnknown

LONGEST_CODE = 60


def digest_of(code: str) -> str:
    """Return what is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def link_url(code: str, base: str = "") -> str:
    """Return the address of a link; `base` such as ``https://service.example`` stands in for a missing public URL."""
    return f"{settings.PUBLIC_URL or base.rstrip('/')}{reverse('quality:answer', args=[code])}"


def opened_link(code: str) -> TextLink:
    """Return the link of a code with its call-back, case and customer; raises LinkUnknown. One query."""
    if not code or len(code) > LONGEST_CODE or not code.isascii():
        raise LinkUnknown
    related = TextLink.objects.select_related("callback__case__customer", "callback__case__device")
    link = related.filter(digest=digest_of(code)).first()
    if link is None or link.callback.case.erased_at is not None:
        raise LinkUnknown
    return link
