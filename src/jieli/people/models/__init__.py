"""The rows of people: units, staff, duty and tokens, with the rules the database itself keeps."""

from jieli.people.models.duty import Absence, CompanyDuty, Deputy, DutyShift
from jieli.people.models.staff import Grant, Role, SignInAttempts, Staff
from jieli.people.models.tokens import Token
from jieli.people.models.units import Unit, UnitClosure

__all__ = [
    "Absence",
    "CompanyDuty",
    "Deputy",
    "DutyShift",
    "Grant",
    "Role",
    "SignInAttempts",
    "Staff",
    "Token",
    "Unit",
    "UnitClosure",
]
