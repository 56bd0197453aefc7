"""A small demo company with its quarter, for tests that ask what was woven."""

from datetime import datetime, timedelta
from random import Random

from django.utils import translation

from jieli.config.demo.company import Company, found, plan_rota, set_landing
from jieli.config.demo.field import Field, build, settle_customers
from jieli.config.demo.quarter import Quarter
from jieli.lib import clock
from jieli.people.queries import local_date


def a_quarter(
    random: Random, *, now: datetime, founded: int, outlets: int, customers: int, orders: int, days: int
) -> tuple[Company, Field]:
    """Found a company `founded` days before `now` and weave the orders of its last `days`; in a transaction, as the owner."""
    with translation.override("zh-hans"):
        with clock.frozen(now - timedelta(days=founded)):
            set_landing()
            company = found()
            network = build(company, outlets, random=random)
            plan_rota(company, from_at=clock.now(), days=founded + 14)
        with clock.frozen(now):
            settle_customers(network, customers, random=random, until=local_date(now))
            Quarter(company, network, random, now=now).live(orders, days=days, progress=lambda *_: None)
    return company, network
