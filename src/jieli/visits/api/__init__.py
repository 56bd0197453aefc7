"""The API's operations of visits: what was done on site, what phones sent in vain, what the field has learnt."""

from jieli.visits.api import deciding, reading
from jieli.visits.api.router import router

__all__ = ["deciding", "reading", "router"]
