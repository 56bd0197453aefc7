"""The rows of visits and what the database refuses about them."""

from jieli.visits.models.information import Information
from jieli.visits.models.phone import FieldEntry, Photo
from jieli.visits.models.visit import Charge, SafetyTest, Signature, StepRecord, Visit, VisitOrder

__all__ = [
    "Charge",
    "FieldEntry",
    "Information",
    "Photo",
    "SafetyTest",
    "Signature",
    "StepRecord",
    "Visit",
    "VisitOrder",
]
