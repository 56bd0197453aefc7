"""The one router of dispatch: operations of one address must be known to it together."""

from ninja import Router

router = Router(tags=["dispatch"])
