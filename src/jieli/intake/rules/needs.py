"""The doors of the portal: what people come for, in their own words, and which kind of case that is (spec 2, portal)."""

from dataclasses import dataclass

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Need:
    """One choice on the first page; `asks_device` and `asks_address` say which questions follow."""

    code: str
    kind: str
    service_type: str
    icon: str
    title: Lazy
    hint: Lazy
    question: Lazy
    example: Lazy
    asks_device: bool = True
    asks_address: bool = False


NEEDS: tuple[Need, ...] = (
    Need(
        "repair",
        "service",
        "repair",
        "tool",
        _("Something is broken"),
        _("We come and repair it"),
        _("What happened?"),
        _("For example: the washing machine does not drain, the display shows E30."),
        asks_address=True,
    ),
    Need(
        "installation",
        "service",
        "installation",
        "package",
        _("Install or move a device"),
        _("Choose a day that suits you"),
        _("What is to be installed or moved?"),
        _("For example: a new water heater, third floor, the old one must be taken away."),
        asks_address=True,
    ),
    Need(
        "maintenance",
        "service",
        "maintenance",
        "sparkles",
        _("Cleaning or check-up"),
        _("Care for a device that works"),
        _("What shall we look after?"),
        _("For example: clean two air conditioners before the summer."),
        asks_address=True,
    ),
    Need(
        "question",
        "enquiry",
        "",
        "help-circle",
        _("Ask a question"),
        _("Use, price, warranty, invoice"),
        _("What would you like to know?"),
        _("For example: how long does the warranty of my refrigerator last?"),
    ),
    Need(
        "complaint",
        "complaint",
        "",
        "message-exclamation",
        _("Complain"),
        _("We look into it and tell you what we do"),
        _("What went wrong?"),
        _("Say what happened and when. If you have a case number, name it."),
    ),
    Need(
        "suggestion",
        "suggestion",
        "",
        "bulb",
        _("Make a suggestion"),
        _("Somebody reads it and answers"),
        _("What should we do better?"),
        _("The more exact, the sooner we can do it."),
        asks_device=False,
    ),
    Need(
        "praise",
        "praise",
        "",
        "thumb-up",
        _("Praise somebody"),
        _("We pass it on to the person"),
        _("Who did well, and what?"),
        _("A name, a date or a case number helps us to find the person."),
        asks_device=False,
    ),
)


def need_of(code: str) -> Need | None:
    """Return the door of this name, or None."""
    return next((need for need in NEEDS if need.code == code), None)


SUBJECT_LENGTH = 60
_ENDS = "。！？!?;；\n"


def subject_of(description: str) -> str:
    """Return the first sentence of what somebody wrote, at most 60 characters: customers are not asked for a title."""
    text = description.strip()
    end = min((place for sign in _ENDS if (place := text.find(sign)) >= 0), default=len(text))
    for stop in (place for place in range(len(text) - 1) if text[place] == "." and text[place + 1] == " "):
        end = min(end, stop)
        break
    first = " ".join(text[:end].split()) or " ".join(text.split())
    return first if len(first) <= SUBJECT_LENGTH else f"{first[: SUBJECT_LENGTH - 1]}…"
