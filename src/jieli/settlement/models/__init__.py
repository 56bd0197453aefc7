"""The rows of the month end: what is calculated and decided, what is sealed and disputed, what engineers are paid."""

from jieli.settlement.models.disputes import Dispute, Ruling
from jieli.settlement.models.months import (
    Charge,
    Incentive,
    LeftOpen,
    Line,
    Outcome,
    ReckonedLine,
    ReckonedResult,
    Reckoning,
    Result,
    Run,
)
from jieli.settlement.models.pay import PayLine, PayRun, PaySlip
from jieli.settlement.models.sealing import Approval, Confirmation, Statement, StatementCopy

__all__ = [
    "Approval",
    "Charge",
    "Confirmation",
    "Dispute",
    "Incentive",
    "LeftOpen",
    "Line",
    "Outcome",
    "PayLine",
    "PayRun",
    "PaySlip",
    "ReckonedLine",
    "ReckonedResult",
    "Reckoning",
    "Result",
    "Ruling",
    "Run",
    "Statement",
    "StatementCopy",
]
