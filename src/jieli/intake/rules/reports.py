"""What an import says of one file (interfaces, `jieli import`)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from jieli.intake.rules.reasons import in_words
from jieli.intake.rules.rows import Seen
from jieli.lib.tabular import Finding


@dataclass(slots=True)
class FileReport:
    """One file: rows read, written, there already, refused with line and reason; values that mean nothing to the mapping.

    `rejected` counts the refused rows; `bad` lists what is wrong with them, as far as the limit of the reader goes.
    """

    file: str
    kind: str
    source: str = ""
    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    rejected: int = 0
    bad: list[dict[str, Any]] = field(default_factory=list)
    columns_unknown: list[str] = field(default_factory=list)
    unknown: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cases: int = 0
    events: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, without what belongs to the whole import."""
        values = asdict(self)
        del values["cases"], values["events"]
        return values

    def refuse(self, findings: Iterable[Finding]) -> None:
        """Add what is wrong with rows."""
        self.bad.extend({**asdict(finding), "reason": in_words(finding.reason)} for finding in findings)


def unknown_values(seen: Sequence[Seen]) -> list[dict[str, Any]]:
    """Return the values nothing could be made of, with their number and lines."""
    return [
        {"column": one.column, "value": one.value, "reason": one.reason, "count": one.count, "lines": one.ranges()}
        for one in seen
    ]
