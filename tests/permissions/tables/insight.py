"""Figures."""

from ..table import DESK, SOFTWARE, Who

MAY = {
    "may_see_indicators": Who(unit="AMSOQF", also=SOFTWARE),
    "may_see_histories": Who(root=DESK, also=SOFTWARE),
}

ACTIONS = {}
