"""What dispatch can tell: candidates, free windows, days, offers, the backlog."""

from jieli.dispatch.queries.days import engineers_day

__all__ = ["engineers_day"]
