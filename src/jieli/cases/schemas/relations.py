"""How cases belong together."""

from typing import Annotated, Literal

from pydantic import Field

from jieli.cases.models import Relation
from jieli.cases.rules.numbers import case_number
from jieli.lib.http import In, Instant, Out, kept


class RelationIn(In):
    """How the case belongs to another."""

    to: Annotated[str, kept(40, 1)] = Field(description="The other case's number.")
    kind: Literal["child_of", "follow_up_of", "member_of", "improvement_of", "split_from"]


class MergeIn(In):
    """The case in which this one goes on."""

    into: Annotated[str, kept(40, 1)] = Field(description="The other case's number.")


class SplitIn(In):
    """The messages with which a new case of the same customer begins."""

    subject: Annotated[str, kept(200, 1)]
    message_ids: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(min_length=1, max_length=200)


class RelationOut(Out):
    """A tie from one case to another."""

    id: int
    number: str
    to: str
    kind: str
    at: Instant
    ended_at: Instant | None


def relation_out(relation: Relation) -> RelationOut:
    """Return a tie."""
    return RelationOut(
        id=relation.pk,
        number=case_number(relation.case_id),
        to=case_number(relation.other_id),
        kind=relation.kind,
        at=relation.at,
        ended_at=relation.ended_at,
    )
