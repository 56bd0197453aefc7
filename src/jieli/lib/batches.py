"""What taking many rows of a table at once comes to; no domain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jieli.lib.tabular import Finding

BatchRow = tuple[int, Mapping[str, str]]
"""A row with the line on which it begins; cells by column, as written."""


@dataclass(slots=True)
class BatchOutcome:
    """What came of some rows: how many were written and how many were there already, what was refused, what to say.

    A row with a finding was refused, whatever the number of its findings. `warnings` are about rows that were taken all the
    same; many with the same column and reason become one note with their lines. `notes` are whole sentences, said once.
    `cases` and `events` count what was made.
    """

    imported: int = 0
    unchanged: int = 0
    cases: int = 0
    events: int = 0
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, line: int, row: Mapping[str, str], faults: Mapping[str, object]) -> None:
        """Refuse a row: the reason by column, "" for the whole row."""
        self.findings.extend(_found(line, row, faults))

    def warn(self, line: int, row: Mapping[str, str], faults: Mapping[str, object]) -> None:
        """Say something about a row that is taken: the reason by column."""
        self.warnings.extend(_found(line, row, faults))

    @property
    def rejected(self) -> int:
        """Return how many rows were refused."""
        return len({finding.line for finding in self.findings})


def _found(line: int, row: Mapping[str, str], faults: Mapping[str, object]) -> Iterable[Finding]:
    return (Finding(line, column, row.get(column, "").strip()[:200], str(reason)) for column, reason in faults.items())
