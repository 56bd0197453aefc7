"""Refusals: why an act did not happen, in words for the person who tried.

`config` turns them once into a page message or an API answer ``{"code", "message", "fields"}``.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """An act that cannot happen now; `code` is stable, `message` is for people, `fields` names the wrong inputs."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: str | Lazy = _("This cannot be done now.")

    def __init__(
        self,
        message: str | Lazy | None = None,
        *,
        fields: Mapping[str, str | Lazy] | None = None,
    ) -> None:
        if message is not None:
            self.message = message
        self.fields: dict[str, str | Lazy] = dict(fields or {})
        super().__init__(str(self.code))

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(Refused):
    """The actor has no right to do this."""

    code = "not_allowed"
    status = 403
    message = _("You are not allowed to do this.")


class NotFound(Refused):
    """The row does not exist, or is hidden from the actor."""

    code = "not_found"
    status = 404
    message = _("There is nothing here that you may see.")


class Invalid(Refused):
    """The input cannot be accepted; `fields` says which and why."""

    code = "invalid"
    status = 422
    message = _("Please check what you entered.")


def require(allowed: bool) -> None:
    """Raise NotAllowed unless `allowed`."""
    if not allowed:
        raise NotAllowed
