"""The days of the company: its zone, and where a day begins."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings


def company_zone() -> ZoneInfo:
    """Return the time zone in which the company counts its days."""
    return ZoneInfo(settings.TIME_ZONE)


def local_date(at: datetime) -> date:
    """Return the company's calendar day of an instant."""
    return at.astimezone(company_zone()).date()


def local_midnight(on: date) -> datetime:
    """Return the instant at which a day begins for the company."""
    return datetime.combine(on, time(), tzinfo=company_zone())
