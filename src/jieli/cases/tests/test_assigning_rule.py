"""The pure rule of assignment: who is asked first, whatever the people, the loads and the order of input."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jieli.cases.rules.assigning import Asked, Candidate, Step, choose, turn_after
from jieli.policies.codes import Role
from jieli.policies.schemas.assignment import AssignmentRule
from jieli.policies.schemas.base import Label

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NEEDS = ("skill", "language", "area")
CODES = st.frozensets(st.sampled_from(["a", "b", "c"]))
LOADS = st.integers(0, 4).map(Decimal)


def a_rule(**values):
    return AssignmentRule(name="r", label=Label(zh="规则", en="Rule"), automatic=True, roles=(Role.AGENT,), **values)


RULES = st.builds(
    lambda needs, prefers, most, earlier: a_rule(
        needs=tuple(needs), prefers=tuple(prefers), most_load=most, earlier_owner_first=earlier
    ),
    st.lists(st.sampled_from(NEEDS), unique=True),
    st.lists(st.sampled_from(NEEDS), unique=True),
    st.none() | st.integers(1, 4),
    st.booleans(),
)
PEOPLE = st.lists(
    st.builds(
        Candidate,
        staff_id=st.integers(1, 12),
        load=LOADS,
        skills=CODES,
        languages=CODES,
        areas=CODES,
        served_at=st.none() | st.integers(0, 3).map(lambda hours: MORNING + timedelta(hours=hours)),
        stands_in_for=st.none() | st.integers(20, 22),
        is_present=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: (one.staff_id, one.stands_in_for, one.is_present),
)
CASES = st.builds(
    Asked,
    weight=st.sampled_from([Decimal(1), Decimal(2), Decimal(4)]),
    skill=st.sampled_from(["", "a", "b"]),
    language=st.sampled_from(["", "a", "b"]),
    area=st.sampled_from(["", "a", "b"]),
    earlier_owner_id=st.none() | st.integers(1, 12),
)
AGAIN = st.frozensets(st.integers(1, 12), max_size=3)


def has(one, asked, need):
    wanted, there = {
        "skill": (asked.skill, one.skills),
        "language": (asked.language, one.languages),
        "area": (asked.area, one.areas),
    }[need]
    return wanted == "" or wanted in there


@given(PEOPLE, CASES, RULES, st.integers(1, 12), AGAIN)
def test_whoever_is_asked_is_there_meets_every_need_and_is_not_asked_again(people, asked, rule, duty_id, again):
    choice = choose(people, asked, rule, duty_id=duty_id, not_again=again)
    assert len(set(choice.order)) == len(choice.order)
    assert {one.staff_id for one in choice.considered} == {one.staff_id for one in people}
    for staff_id in choice.order:
        rows = [one for one in people if one.staff_id == staff_id]
        assert any(
            one.is_present
            and all(has(one, asked, need) for need in rule.needs)
            and (rule.most_load is None or one.load + asked.weight <= rule.most_load)
            for one in rows
        )
        assert staff_id != duty_id
        assert staff_id not in again


@given(st.data(), PEOPLE, CASES, RULES)
def test_the_order_of_input_does_not_matter(data, people, asked, rule):
    other = data.draw(st.permutations(people))
    assert choose(people, asked, rule) == choose(other, asked, rule)


@given(PEOPLE, CASES, RULES)
def test_nobody_who_may_be_asked_is_better_than_the_first(people, asked, rule):
    people = list({one.staff_id: one for one in people}.values())
    choice = choose(people, asked, rule)
    by_id = {one.staff_id: one for one in people}
    for staff_id in choice.order[1:]:
        first, other = by_id[choice.order[0]], by_id[staff_id]
        if rule.earlier_owner_first and asked.earlier_owner_id in (first.staff_id, other.staff_id):
            assert first.staff_id == asked.earlier_owner_id
            continue
        met, others = ([has(one, asked, need) for need in rule.prefers] for one in (first, other))
        assert met >= others
        if met == others:
            assert first.load <= other.load


@given(st.integers(2, 6), st.integers(1, 30))
def test_with_equal_load_the_turns_go_round(number, cases):
    served = dict.fromkeys(range(1, number + 1))
    turns = []
    for place in range(cases):
        people = [Candidate(pk, Decimal(3), served_at=at) for pk, at in served.items()]
        chosen = choose(people, Asked(Decimal(1)), a_rule()).order[0]
        served[chosen] = MORNING + timedelta(minutes=place)
        turns.append(chosen)
    for place in range(cases - number + 1):
        assert len(set(turns[place : place + number])) == number


@given(PEOPLE, CASES, RULES)
def test_the_explanation_counts_everybody_once(people, asked, rule):
    choice = choose(people, asked, rule, duty_id=1)
    reasons = choice.reasons(rule, "assignment v2")
    assert reasons["able"] + sum(reasons["out"].values()) == reasons["count"]
    assert (reasons["rule"], reasons["policy"]) == ("r", "assignment v2")
    assert bool(reasons["decided_by"]) == bool(choice.order)


def test_what_decides_is_named():
    two = [Candidate(1, Decimal(2)), Candidate(2, Decimal(1))]
    assert choose(two, Asked(Decimal(1)), a_rule()).decided_by == "load"
    assert choose(two[:1], Asked(Decimal(1)), a_rule()).decided_by == "only"
    again = [Candidate(1, Decimal(1), served_at=MORNING), Candidate(2, Decimal(1))]
    choice = choose(again, Asked(Decimal(1)), a_rule())
    assert (choice.order, choice.decided_by) == ((2, 1), "turn")
    earlier = choose(two, Asked(Decimal(1), earlier_owner_id=1), a_rule(earlier_owner_first=True))
    assert (earlier.order, earlier.decided_by) == ((1, 2), "earlier_owner")
    skilled = [Candidate(1, Decimal(9), skills=frozenset({"tv"})), Candidate(2, Decimal(1))]
    chosen = choose(skilled, Asked(Decimal(1), skill="tv"), a_rule(prefers=("skill",)))
    assert (chosen.order, chosen.decided_by) == ((1, 2), "skill")


def test_somebody_who_stands_in_for_others_counts_for_himself():
    choice = choose(
        [Candidate(1, Decimal(1), stands_in_for=5), Candidate(1, Decimal(1)), Candidate(2, Decimal(0), is_present=False)],
        Asked(Decimal(1)),
        a_rule(),
    )
    assert [(one.staff_id, one.stands_in_for, one.out) for one in choice.considered] == [(1, None, ""), (2, None, "absent")]


# --- when a rule acts


CAME, OFFERED = Step(1, "came"), Step(2, "offered", pass_id=7, staff_id=1, is_by_rule=True)


def test_a_rule_acts_once_on_each_event():
    assert turn_after([CAME], 1).is_due
    assert not turn_after([CAME, OFFERED], 1).is_due
    assert not turn_after([CAME, Step(2, "nobody")], 1).is_due
    refused = [CAME, OFFERED, Step(3, "refused", pass_id=7)]
    assert turn_after(refused, 3) == turn_after([*refused], 3)
    assert turn_after(refused, 3).is_due
    assert turn_after(refused, 3).not_again == {1}
    assert not turn_after([*refused, Step(4, "offered", pass_id=8, staff_id=2, is_by_rule=True)], 3).is_due


def test_a_rule_leaves_alone_what_a_person_offered():
    by_hand = [CAME, Step(2, "offered", pass_id=7, staff_id=1), Step(3, "refused", pass_id=7)]
    assert not turn_after(by_hand, 1).is_due
    assert not turn_after(by_hand, 3).is_due
    assert not turn_after(by_hand, 9).is_due


def test_after_a_reopening_all_are_asked_again_but_not_the_last_one_who_refused():
    first_round = [
        CAME,
        OFFERED,
        Step(3, "refused", pass_id=7),
        Step(4, "offered", pass_id=8, staff_id=2, is_by_rule=True),
    ]
    refused = turn_after([*first_round, Step(5, "refused", pass_id=8), Step(6, "nobody"), Step(7, "came")], 7)
    assert (refused.is_due, refused.not_again) == (True, {2})
    accepted = turn_after([*first_round, Step(5, "accepted", pass_id=8), Step(6, "came")], 6)
    assert (accepted.is_due, accepted.not_again) == (True, frozenset())
