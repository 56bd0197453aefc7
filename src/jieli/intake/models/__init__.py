"""The rows of intake."""

from jieli.intake.models.imports import ImportRun, StagedStep

__all__ = ["ImportRun", "StagedStep"]
