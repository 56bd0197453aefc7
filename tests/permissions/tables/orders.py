"""Work orders."""

from jieli.orders.actions.importing import import_orders

from ..table import INSIDE, Try, Who

MAY = {
    "may_import_orders": Who(also="import"),
}

ACTIONS = {
    "import_orders": Try("may_import_orders", lambda world, actor: import_orders([(2, {"number": "R1"})], actor=actor)),
    "make_order": INSIDE,
    "learn": INSIDE,
    "cancel_order": INSIDE,
    "cancel_orders_of": INSIDE,
}
