"""The one router of the cases: operations of one address must be known to it together."""

from ninja import Router

router = Router(tags=["cases"])
