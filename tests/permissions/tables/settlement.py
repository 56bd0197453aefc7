"""The month end."""

from ..table import SOFTWARE, Who

MAY = {
    "may_settle": Who(root="AMF", also=SOFTWARE),
    "may_see_month": Who(unit="AMSF", also=SOFTWARE),
    "may_see_statement": Who(unit="AMSFO", also=SOFTWARE),
    "may_record_incentive": Who(also="import"),
    "may_bring_rates": Who(also="import"),
    "may_see_settlement_of": Who(any="AMSFO", also=SOFTWARE),
    "may_ask_preview": Who(any="AMSFO", also=SOFTWARE),
    "may_try_month": Who(root="AMF", also=SOFTWARE),
}


def rows(world):
    """Return the unit as an outlet; the case has come to its settlement."""
    world.case.stage = "settlement"
    return {"outlet": world.unit}


ACTIONS = {
    "decide_month": "may_settle",
    "import_incentives": "may_record_incentive",
    "import_rates": "may_bring_rates",
    "ask_preview": "may_ask_preview",
    "ask_decision": "may_settle",
    "ask_trial": "may_try_month",
}
