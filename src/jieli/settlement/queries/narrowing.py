"""The month's one calculation, seeing only some of the work orders: a name in ``with`` hides the table of that name.

So the gates stay in one place, and a statement of one outlet does not have to look at the whole month.
"""

_OF_OUTLET = """materialized (
  select o.* from orders_workorder o
  where o.id in (
    select m.id from orders_workorder m where m.outlet_id = %(outlet)s
    union
    select p.id from orders_workorder m
    join orders_workorder p on p.device_id = m.device_id and p.fault_group = m.fault_group
    where m.outlet_id = %(outlet)s and m.service_type = 'repair' and m.fault_group <> '' and m.device_id is not null
      and p.service_type = 'repair' and p.fault_group <> '' and p.device_id is not null and p.finished_at is not null
  )
)"""

_LIKE_ORDERS = """materialized (
  select o.* from orders_workorder o
  where o.id in (
    select m.id from orders_workorder m where m.id = any(%(orders)s)
    union
    select p.id from orders_workorder m
    join orders_workorder p on p.device_id = m.device_id and p.fault_group = m.fault_group
    where m.id = any(%(orders)s) and m.service_type = 'repair' and m.fault_group <> '' and m.device_id is not null
      and p.service_type = 'repair' and p.fault_group <> '' and p.device_id is not null and p.finished_at is not null
  )
)"""

_KNOWN_TO_RUN = """not materialized (
  select o.* from orders_workorder o
  where o.finished_at is null or o.finished_at >= %(until)s
    or exists (select from settlement_line l where l.order_id = o.id and l.run_id <= %(run)s)
)"""


def _seeing(statement: str, orders: str) -> str:
    head, _with, rest = statement.partition("with ")
    assert not head.strip(), "a statement begins with its parts"
    return f"with orders_workorder as {orders}, {rest}"


def around_outlet(statement: str) -> str:
    """Return a statement that sees the orders of `outlet`, and of any outlet those on the same device with the same fault.

    The verdicts on the outlet's own orders, and on those which repeat them, are those of the whole month: only orders of the
    same device and fault group look at each other.
    """
    return _seeing(statement, _OF_OUTLET)


def around_orders(statement: str) -> str:
    """Return a statement that sees the `orders`, a list of ids, and those on the same device with the same fault.

    As `around_outlet`: the verdicts on these orders are those of the whole month.
    """
    return _seeing(statement, _LIKE_ORDERS)


def known_to_run(statement: str) -> str:
    """Return a statement that sees no finished order which `run` did not know."""
    return _seeing(statement, _KNOWN_TO_RUN)
