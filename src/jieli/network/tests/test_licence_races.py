"""A ledger is written by one at a time, and a fact posts once, however many try."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from jieli.cases.tests.factories import a_case
from jieli.cases.tests.racing import waiting
from jieli.events.actor import SYSTEM
from jieli.network.actions.licence import annul_postings, appeal_posting, decide_appeal, post_points
from jieli.network.models import Engineer, LicenceAppeal
from jieli.network.queries.standing import ledger
from jieli.network.tests.factories import an_engineer
from jieli.people.tests.factories import a_person, acting

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 8


def race(act: Callable[[int], object]) -> list[object]:
    """Run `act` in threads that begin together, each with a connection of its own."""
    start, done = Barrier(RACERS), []

    def run(number: int) -> None:
        try:
            start.wait()
            done.append(act(number))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[number]) for number in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def post(engineer, case, source):
    return post_points(engineer.pk, kind="standard_not_followed", case_id=case.pk, source=source, actor=SYSTEM)


def test_one_fact_posts_once_among_eight():
    engineer, case = an_engineer(), a_case()
    done = race(lambda _number: post(engineer, case, "step 3 of visit 8"))
    assert len(done) == RACERS
    assert len([one for one in done if one is not None]) == 1
    assert Engineer.objects.get(pk=engineer.pk).points == 11


def test_eight_facts_at_once_all_count_and_each_balance_is_one_lower():
    engineer, case = an_engineer(), a_case()
    done = race(lambda number: post(engineer, case, f"step {number} of visit 8"))
    assert None not in done
    assert [one.balance for one in ledger(engineer)] == [12, 11, 10, 9, 8, 7, 6, 5, 4]
    assert Engineer.objects.get(pk=engineer.pk).points == 4


def test_one_fact_of_two_engineers_posts_once():
    first, second, case = an_engineer(), an_engineer(), a_case()
    done = race(lambda number: post((first, second)[number % 2], case, "visit 8"))
    assert len([one for one in done if one is not None]) == 1
    assert sorted(Engineer.objects.values_list("points", flat=True)) == [11, 12]


def test_an_appeal_that_is_refused_meanwhile_stays_refused():
    engineer, lab, judge = an_engineer(), acting(a_person(roles=("quality",))), acting(a_person(roles=("manager",)))
    posting = post(engineer, a_case(), "used part 8")
    appeal = appeal_posting(posting.pk, reason="是好件", actor=acting(engineer.staff))
    annulled = []

    def annul() -> None:
        annulled.append(annul_postings(posting.kind, sources=["used part 8"], reason="复检", actor=lab))

    with transaction.atomic():
        decide_appeal(appeal.pk, upheld=False, reason="录像证实", actor=judge)
        other = waiting(annul)
    other.join()
    assert annulled == [0]
    assert LicenceAppeal.objects.get().decision == "refused"
    assert Engineer.objects.get(pk=engineer.pk).points == 11
