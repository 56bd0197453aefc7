"""The record."""

from jieli.events.actions import move_clock

from ..table import INSIDE, Try, Who

MAY = {
    "may_move_clock": Who(any="A"),
}

ACTIONS = {
    "record": INSIDE,
    "record_many": INSIDE,
    "append_history": INSIDE,
    "append_batch": INSIDE,
    "move_clock": Try("may_move_clock", lambda world, actor: move_clock(seconds=60, actor=actor)),
}
