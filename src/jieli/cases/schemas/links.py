"""The customer's link."""

from typing import Literal

from jieli.lib.http import In, Out

Proof = Literal["call_back", "email", "counter"]


class TrackingIn(In):
    """How it was checked that the customer asks for a new link."""

    proof: Proof


class TrackingOut(Out):
    """The customer's new link to a case."""

    number: str
    tracking_url: str
