"""The record."""

from ..table import INSIDE, Who

MAY = {
    "may_move_clock": Who(any="A"),
}

ACTIONS = {
    "record": INSIDE,
    "record_many": INSIDE,
    "append_history": INSIDE,
    "move_clock": "may_move_clock",
}
