"""The policy `faults`: the tree of fault codes per product line, and the groups that repeats are judged by (spec 3, 6)."""

from functools import cached_property

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator

from jieli.policies.schemas.base import Code, Label, Name, Strict, refuse_doubled


class Fault(Strict):
    """One fault code; `group` is the fault group that the work order keeps."""

    code: Name = Field(title=gettext_noop("Code"))
    label: Label = Field(title=gettext_noop("Label"))


class FaultGroup(Strict):
    """Faults of one cause: two repairs of a device within the policy's days count as a repeat when their group is the same."""

    code: Name = Field(title=gettext_noop("Group"))
    label: Label = Field(title=gettext_noop("Label"))
    product_line: Code = Field(title=gettext_noop("Product line"))
    faults: tuple[Fault, ...] = Field(title=gettext_noop("Faults"), min_length=1)


class Faults(Strict):
    """All groups; a code stands once."""

    groups: tuple[FaultGroup, ...] = Field(title=gettext_noop("Fault groups"))

    @model_validator(mode="after")
    def _codes_once(self) -> "Faults":
        refuse_doubled(group.code for group in self.groups)
        refuse_doubled(fault.code for group in self.groups for fault in group.faults)
        return self

    @cached_property
    def _groups(self) -> dict[str, FaultGroup]:
        found = {fault.code: group for group in self.groups for fault in group.faults}
        return {group.code: group for group in self.groups} | found

    def group_of(self, code: str) -> FaultGroup | None:
        """Return the group of a fault code; a group's own code is itself one, for who knows no more."""
        return self._groups.get(code)

    def of_lines(self, lines: set[str]) -> tuple[FaultGroup, ...]:
        """Return the groups of some product lines."""
        return tuple(group for group in self.groups if group.product_line in lines)
