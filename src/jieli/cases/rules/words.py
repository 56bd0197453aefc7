"""Words in notes: who is mentioned (spec 1, Conversation)."""

import re

# Chinese is written without spaces, so only what makes an e-mail address may not stand before the @.
_MENTION = re.compile(r"(?:^|[^A-Za-z0-9_.@-])@([\w.\-]{1,64})")


def mentions(text: str) -> list[str]:
    """Return the names and codes that a note mentions with @, each once."""
    return list(dict.fromkeys(name for found in _MENTION.findall(text) if (name := found.rstrip(".-"))))
