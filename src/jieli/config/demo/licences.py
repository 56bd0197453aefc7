"""The licences of the demo's engineers: what their orders cost and earned, some appeals, and the few who may go no more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from jieli.config.demo import words
from jieli.config.demo.company import Company
from jieli.config.demo.field import Field
from jieli.events.actor import rule_actor
from jieli.network.actions.bringing import NewAppeal, NewPosting, bring_postings
from jieli.people.models import Staff
from jieli.policies.queries import current
from jieli.visits.models import Visit

DAY = timedelta(days=1)
ONE_IN = 40
"""Of so many engineers one has cheated a customer, and his licence is revoked."""
APPEALED = 5
"""Of so many postings one is appealed."""


class Ledgers:
    """How many points each engineer has lost while stories are given out, so that nobody works on who may not."""

    def __init__(self, network: Field) -> None:
        engineers = sum(len(post.engineers) for post in network.posts)
        weakest = sorted(range(len(network.posts)), key=lambda number: (-(number % 6), number))
        wanted = max(1, engineers // ONE_IN)
        self.barred: list[Staff] = [network.posts[number].engineers[-1] for number in weakest][:wanted]
        self._most = current("licence").data.full_points - 1
        self._lost: dict[int, int] = {}

    def bears(self, engineer: Staff, points: int) -> bool:
        """Tell whether an engineer can lose so many points and still be sent."""
        return not points or self._lost.get(engineer.pk, 0) + points <= self._most

    def lose(self, engineer: Staff, points: int) -> None:
        """Note that an engineer loses points."""
        self._lost[engineer.pk] = self._lost.get(engineer.pk, 0) + points

    def is_barred(self, engineer: Staff) -> bool:
        """Tell whether an engineer is not sent any more."""
        return any(engineer.pk == one.pk for one in self.barred)


def settle_licences(
    ledgers: Ledgers, postings: Sequence[NewPosting], company: Company, random: Random, *, now: datetime
) -> None:
    """Bring what the orders posted to the ledgers, with appeals; and who cheated in his last order loses all."""
    places = list(range(0, len(postings), APPEALED))
    appealed = list(postings)
    for turn, place in enumerate(places):
        appealed[place] = _appealed(postings[place], turn, company, random, now)
    appealed += [_fraud(engineer, now) for engineer in ledgers.barred if Visit.objects.filter(engineer_id=engineer.pk).exists()]
    bring_postings(appealed, actor=rule_actor("licence"))


def _appealed(one: NewPosting, turn: int, company: Company, random: Random, now: datetime) -> NewPosting:
    """Return a posting with the appeal of whom it concerns; what was appealed a day ago may still be open."""
    at, decided_at = one.at + DAY, one.at + DAY + timedelta(hours=20)
    if at >= now or not current("licence").data.points.of(one.kind) < 0:
        return one
    made = NewAppeal(by_id=one.engineer_id, reason=random.choice(words.APPEALS), at=at)
    if decided_at < now:
        made = replace(
            made,
            upheld=turn % 3 == 0,
            decided_by_id=company.staff["quality"].pk,
            decided_at=decided_at,
            decision_reason=random.choice(words.VERDICTS),
        )
    return replace(one, appeal=made)


def _fraud(engineer: Staff, now: datetime) -> NewPosting:
    """Return what ends a licence: it came out in the engineer's last order."""
    case_id = Visit.objects.filter(engineer_id=engineer.pk).latest("number", "pk").case_id
    source = f"case {case_id} {engineer.pk}"
    return NewPosting(engineer.pk, "insult_or_fraud", now - timedelta(hours=3), source, case_id=case_id, note=words.FRAUD)
