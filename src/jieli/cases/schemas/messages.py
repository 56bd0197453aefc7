"""What is said on a case."""

from typing import Annotated, Literal

from pydantic import Field

from jieli.cases.models import Message
from jieli.cases.schemas.codes import Words
from jieli.customers.models import Customer
from jieli.lib.http import In, Instant, Out, kept


class MessageIn(In):
    """Something said: to the customer when visible, else a note between colleagues (@code or @name mentions somebody)."""

    body: Words
    visible: bool
    next_reply_at: Instant | None = Field(None, description="The time promised for the next reply; otherwise by the policy.")
    in_spite_of_phrases: bool = Field(
        True, description="False: a phrase that customers should not hear is refused with better words."
    )


class QuestionIn(In):
    """A question to the escort."""

    question: Annotated[str, kept(5_000, 1)]


class MessageOut(Out):
    """A message of the conversation, or a note."""

    id: int
    direction: Literal["in", "out", "note"]
    visible: bool
    author_kind: str
    author: str
    author_name: str
    body: str
    channel: str
    at: Instant
    read_at: Instant | None
    phrases: list[str]


def message_out(message: Message, names: dict[int, tuple[str, str]], customer: Customer | None = None) -> MessageOut:
    """Return a message; `names` has code and name of staff by id."""
    author, author_name = "", message.author_kind
    if message.author_kind == "staff":
        author, author_name = names.get(message.author_id or 0, ("", ""))
    elif message.author_kind == "customer" and customer is not None:
        author_name = customer.name
    return MessageOut(
        id=message.pk,
        direction=message.direction,  # type: ignore[arg-type]
        visible=message.is_visible,
        author_kind=message.author_kind,
        author=author,
        author_name=author_name,
        body=message.body,
        channel=message.channel,
        at=message.at,
        read_at=message.read_at,
        phrases=list(message.phrases),
    )
