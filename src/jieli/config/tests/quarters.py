"""A small demo company with its quarter, for tests that ask what was woven."""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import translation

from jieli.cases.models import Case
from jieli.config.demo.company import Company, found, plan_rota, set_landing
from jieli.config.demo.field import Field, build, equip, settle_customers
from jieli.config.demo.quarter import Quarter
from jieli.config.demo.telling import Helper, Nobody
from jieli.lib import clock
from jieli.people.queries import local_date


def a_quarter(
    random: Random,
    *,
    now: datetime,
    founded: int,
    outlets: int,
    customers: int,
    orders: int,
    days: int,
    helper: Helper | None = None,
) -> tuple[Company, Field]:
    """Found a company `founded` days before `now` and weave the orders of its last `days`; as the owner.

    Without a `helper` in a transaction, with one outside any.
    """
    with translation.override("zh-hans"):
        with clock.frozen(now - timedelta(days=founded)):
            set_landing()
            company = found()
            network = build(company, outlets, random=random)
            equip(network)
            plan_rota(company, from_at=clock.now(), days=founded + 14)
        with clock.frozen(now):
            settle_customers(network, customers, random=random, until=local_date(now))
            quarter = Quarter(company, network, random, now=now)
            with (helper or Nobody()).apart(quarter.others) as others, transaction.atomic():
                quarter.live(orders, days=days, progress=lambda *_: None, others=others)
    return company, network


def told_of_company() -> list[tuple[object, ...]]:
    """Return who is served by whom with what, when and in which words, without the ids of this database."""
    rows = Case.objects.order_by("opened_at", "subject").values_list(
        "opened_at", "subject", "customer__name", "customer__phone", "device__model", "steward__code", "stage"
    )
    return list(rows)
