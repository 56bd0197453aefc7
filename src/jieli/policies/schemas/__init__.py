"""What each policy may say: one strict model per name, and the registry by which the apps above add theirs."""

from jieli.policies.schemas.assignment import Assignment
from jieli.policies.schemas.base import Label, Strict
from jieli.policies.schemas.calendars import Calendars
from jieli.policies.schemas.dispatch import Dispatch
from jieli.policies.schemas.faults import Faults
from jieli.policies.schemas.fields import Fields
from jieli.policies.schemas.grade import Grade
from jieli.policies.schemas.landing import Landing
from jieli.policies.schemas.licence import Licence
from jieli.policies.schemas.network import Network
from jieli.policies.schemas.numbers import Numbers
from jieli.policies.schemas.pay import Pay
from jieli.policies.schemas.prices import Prices
from jieli.policies.schemas.promises import PromiseRule, Promises
from jieli.policies.schemas.rates import Rates
from jieli.policies.schemas.registry import Registered, register, register_shipped, registered, registered_names
from jieli.policies.schemas.routes import Route, Routes, RouteStage
from jieli.policies.schemas.settlement import Settlement
from jieli.policies.schemas.tiers import Tiers
from jieli.policies.schemas.visit_standard import VisitStandard
from jieli.policies.schemas.words import ForbiddenPhrases

__all__ = [
    "Assignment",
    "Calendars",
    "Dispatch",
    "Faults",
    "Fields",
    "ForbiddenPhrases",
    "Grade",
    "Label",
    "Landing",
    "Licence",
    "Network",
    "Numbers",
    "Pay",
    "Prices",
    "PromiseRule",
    "Promises",
    "Rates",
    "Registered",
    "Route",
    "RouteStage",
    "Routes",
    "Settlement",
    "Strict",
    "Tiers",
    "VisitStandard",
    "register",
    "register_shipped",
    "registered",
    "registered_names",
]
