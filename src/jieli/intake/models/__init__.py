"""The rows of intake."""

from jieli.intake.models.imports import ImportRun, StagedStep
from jieli.intake.models.uploads import Upload

__all__ = ["ImportRun", "StagedStep", "Upload"]
