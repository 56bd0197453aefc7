"""The API's operations of dispatch: each translates one request to one action or query."""

from jieli.dispatch.api import answering, appointments, offers, orders
from jieli.dispatch.api.router import router

__all__ = ["answering", "appointments", "offers", "orders", "router"]
