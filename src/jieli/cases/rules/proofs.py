"""How it is proved that somebody who lost a link is the customer."""

from typing import Any

from django.utils.translation import gettext_lazy as _

PROOFS: dict[str, Any] = {
    "call_back": _("called back on the number on record"),
    "email": _("written from the e-mail address on record"),
    "counter": _("in person, with a paper"),
}


def proof_choices() -> list[tuple[str, Any]]:
    """Return the ways of proof, for forms and the API."""
    return list(PROOFS.items())
