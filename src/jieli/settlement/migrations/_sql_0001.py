"""The repeat chain of a device and fault group as an aggregate over its repairs (spec 6, gate `repeat`)."""

CHAIN = r"""
-- The state: the latest payable repair so far (order, outlet, microseconds of finishing), and the verdict on the repair that
-- came last: 0 first of its kind or too late, 1 a repeat of the same outlet, 2 a repeat of another outlet's; and of which.
create function settlement_next_repair(state bigint[], order_id bigint, outlet bigint, finished bigint, is_clean boolean,
  is_decided boolean, within bigint) returns bigint[] language plpgsql immutable parallel safe as $$
declare
  verdict bigint := 0;
begin
  if is_decided then
    return array[order_id, outlet, finished, 0, 0, 0];
  end if;
  if state is not null and state[1] <> 0 and finished - state[3] <= within then
    verdict := case when state[2] = outlet then 1 else 2 end;
  end if;
  if is_clean and verdict <> 1 then
    return array[order_id, outlet, finished, verdict, coalesce(state[1], 0), coalesce(state[2], 0)];
  end if;
  return array[coalesce(state[1], 0), coalesce(state[2], 0), coalesce(state[3], 0), verdict, coalesce(state[1], 0),
    coalesce(state[2], 0)];
end $$;
comment on function settlement_next_repair(bigint[], bigint, bigint, bigint, boolean, boolean, bigint) is
  'One step along the repairs of a device and fault group, in the order of finishing';

create aggregate settlement_repeat(order_id bigint, outlet bigint, finished bigint, is_clean boolean, is_decided boolean,
  within bigint) (sfunc = settlement_next_repair, stype = bigint[], parallel = safe);
"""

DROP_CHAIN = """
drop aggregate settlement_repeat(bigint, bigint, bigint, boolean, boolean, bigint);
drop function settlement_next_repair(bigint[], bigint, bigint, bigint, boolean, boolean, bigint);
"""
