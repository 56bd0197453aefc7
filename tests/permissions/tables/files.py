"""Evidence."""

from ..table import DESK, SOFTWARE, Who

MAY = {
    "may_see": Who(unit=DESK, also=f"concerned receiver {SOFTWARE}"),
    "may_keep": Who(unit=DESK, also=f"concerned receiver client {SOFTWARE}"),
    "may_seal": Who(unit=DESK, also=f"concerned receiver client {SOFTWARE}"),
    "may_erase": Who(any="AM", also=SOFTWARE),
}

ACTIONS = {
    "keep": "may_keep",
    "show_to_customer": "may_see may_keep",
    "seal_case_evidence": "may_seal",
    "erase_evidence_of_cases": "may_erase",
}
