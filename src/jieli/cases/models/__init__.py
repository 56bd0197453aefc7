"""The rows of a case and what the database refuses about them."""

from jieli.cases.models.case import Case, CaseQuerySet, HeldBy, Mention, Presence, SavedView
from jieli.cases.models.conversation import Message
from jieli.cases.models.passes import Pass
from jieli.cases.models.promises import Alarm, Promise, Segment
from jieli.cases.models.relations import Relation

__all__ = [
    "Alarm",
    "Case",
    "CaseQuerySet",
    "HeldBy",
    "Mention",
    "Message",
    "Pass",
    "Presence",
    "Promise",
    "Relation",
    "SavedView",
    "Segment",
]
