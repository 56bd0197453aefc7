"""The API's operations on cases: each translates one request to one action or query."""

from jieli.cases.api import acting, passing, promising, reading, receiving
from jieli.cases.api.router import router

__all__ = ["acting", "passing", "promising", "reading", "receiving", "router"]
