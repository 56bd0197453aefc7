"""The API's operations on parts: the master and stock, part orders, old parts and findings, whole machines."""

from jieli.parts.api import machines, stock
from jieli.parts.api.router import router

__all__ = ["machines", "router", "stock"]
