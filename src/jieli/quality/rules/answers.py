"""What a customer answers when called back, and what cannot be (spec 4, Call-back); pure."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

RESULTS = ("satisfied", "dissatisfied")
DEGREES = ("thanks", "handshake", "tears", "returns")
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Answers:
    """The short script: solved, on time, charged as shown, manners (null: not asked), what moved, and what was not right."""

    solved: bool | None = None
    on_time: bool | None = None
    charged_as_shown: bool | None = None
    manners: bool | None = None
    moved: str = ""
    story: str = ""
    what: str = ""
    how_bad: int | None = None
    wish: str = ""

    def as_values(self, result: str) -> dict[str, Any]:
        """Return the values to keep with a result: how bad it was only of what was."""
        return {
            "solved": self.solved,
            "on_time": self.on_time,
            "charged_as_shown": self.charged_as_shown,
            "manners": self.manners,
            "moved": self.moved,
            "story": self.story.strip(),
            "what": self.what.strip(),
            "how_bad": self.how_bad if result == "dissatisfied" else None,
            "wish": self.wish.strip(),
        }


def faults_of(result: str, answers: Answers) -> dict[str, str | Lazy]:
    """Return by field what cannot be in an answer."""
    faults: dict[str, str | Lazy] = {}
    if result not in RESULTS:
        faults["result"] = _("Choose satisfied or dissatisfied.")
    if result == "satisfied" and answers.solved is False:
        faults["solved"] = _("What is not solved cannot satisfy: choose dissatisfied, or that it is solved.")
    if result == "dissatisfied" and not answers.what.strip():
        faults["what"] = _("Say what was not right.")
    if answers.how_bad is not None and answers.how_bad not in (1, 2, 3, 4):
        faults["how_bad"] = _("Choose one of the given values.")
    if answers.moved and answers.moved not in DEGREES:
        faults["moved"] = _("Choose one of the given values.")
    if answers.story.strip() and not answers.moved:
        faults["moved"] = _("Say how much it moved the customer.")
    for name in ("story", "what", "wish"):
        if len(getattr(answers, name)) > LONGEST:
            faults[name] = _("This is too long.")
    return faults
