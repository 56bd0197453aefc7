"""Words in notes: who is mentioned (spec 1, Conversation)."""

import re

_MENTION = re.compile(r"(?:^|[^\w@])@([\w.\-]{1,64})")


def mentions(text: str) -> list[str]:
    """Return the names and codes that a note mentions with @, each once."""
    return list(dict.fromkeys(_MENTION.findall(text)))
