"""The policy `forbidden_phrases` (服务禁语): what warns before it is sent (spec 1, Conversation)."""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import Field, StringConstraints, model_validator

from jieli.policies.schemas.base import Strict, refuse_doubled

Phrase = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class ForbiddenPhrase(Strict):
    """A phrase and what to say instead; upper and lower case are the same."""

    phrase: Phrase = Field(title=gettext_noop("Phrase"))
    better: Phrase = Field(title=gettext_noop("Better"))
    language: Literal["zh", "en"] = Field(title=gettext_noop("Language"))


class ForbiddenPhrases(Strict):
    """The list."""

    phrases: tuple[ForbiddenPhrase, ...] = Field(default=(), title=gettext_noop("Forbidden phrases"))

    @model_validator(mode="after")
    def _once(self) -> "ForbiddenPhrases":
        refuse_doubled(phrase.phrase.casefold() for phrase in self.phrases)
        return self

    def found_in(self, text: str) -> tuple[ForbiddenPhrase, ...]:
        """Return the forbidden phrases that a text contains, in the policy's order."""
        folded = text.casefold()
        return tuple(phrase for phrase in self.phrases if phrase.phrase.casefold() in folded)
