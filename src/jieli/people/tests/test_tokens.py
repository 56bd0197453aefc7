"""API tokens: a person narrowed to a role, shown once, revoked at once."""

import pytest

from jieli.config.cli import main
from jieli.events.actor import SYSTEM
from jieli.events.refusals import Invalid, NotAllowed, NotFound
from jieli.people import actions, queries
from jieli.people.models import Grant, Staff, Token
from jieli.people.tests.factories import MONDAY, PASSWORD, a_person, a_unit, acting, an_administrator, the_root

pytestmark = pytest.mark.django_db


def test_a_token_acts_as_its_person_narrowed_to_one_role_unit_and_scope() -> None:
    unit = a_unit()
    person = a_person(unit=the_root(), roles=("manager", "agent"))
    _token, plain = actions.issue_token(
        person.pk, name="script", role="agent", unit_id=unit.pk, scopes=["read"], actor=acting(person)
    )
    actor = queries.actor_for_token(plain)
    assert actor is not None
    assert (actor.kind, actor.id, actor.scopes) == ("staff", person.pk, frozenset({"read"}))
    assert actor.has_role("agent", unit_path=unit.path)
    assert not actor.has_role("agent", unit_path=the_root().path)
    assert not actor.has_role("manager")


def test_only_the_digest_is_stored() -> None:
    person = a_person()
    token, plain = actions.issue_token(person.pk, name="t", role="agent", unit_id=person.unit_id, actor=acting(person))
    assert plain not in str(Token.objects.filter(pk=token.pk).values().get())
    assert queries.actor_for_token(plain + "x") is None


def test_a_revoked_token_or_that_of_a_lost_role_or_person_opens_nothing() -> None:
    admin = an_administrator()
    people = [a_person() for _number in range(3)]
    issued = [
        actions.issue_token(person.pk, name="t", role="agent", unit_id=person.unit_id, actor=acting(person))
        for person in people
    ]
    actions.revoke_token(issued[0][0].pk, actor=acting(people[0]))
    actions.revoke_role(Grant.objects.get(staff=people[1]).pk, actor=admin)
    actions.deactivate_staff(people[2].pk, actor=admin)
    assert [queries.actor_for_token(plain) for _token, plain in issued] == [None, None, None]


def test_a_role_that_the_person_does_not_hold_is_refused() -> None:
    person = a_person()
    with pytest.raises(Invalid) as refused:
        actions.issue_token(person.pk, name="t", role="manager", unit_id=person.unit_id, actor=acting(person))
    assert set(refused.value.fields) == {"role"}
    with pytest.raises(NotAllowed):
        actions.issue_token(person.pk, name="t", role="agent", unit_id=person.unit_id, actor=acting(a_person()))


def test_the_tokens_of_others_are_hidden() -> None:
    person = a_person()
    token, _plain = actions.issue_token(person.pk, name="t", role="agent", unit_id=person.unit_id, actor=acting(person))
    with pytest.raises(NotFound):
        actions.revoke_token(token.pk, actor=acting(a_person(roles=("manager",))))
    assert token in queries.tokens_to_see(an_administrator())
    assert queries.tokens_to_see(acting(a_person())) == []


def test_finding_the_actor_of_a_token_costs_three_queries_the_first_time(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    person = a_person()
    _token, plain = actions.issue_token(person.pk, name="t", role="agent", unit_id=person.unit_id, actor=acting(person))
    with django_assert_num_queries(3):
        queries.actor_for_token(plain)


def test_the_last_use_is_kept() -> None:
    person = a_person()
    token, plain = actions.issue_token(person.pk, name="t", role="agent", unit_id=person.unit_id, actor=acting(person))
    actions.note_token_use(plain)
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_a_program_gets_a_person_without_a_login_and_may_get_more_roles() -> None:
    unit = a_unit(code="EAST")
    token, plain = actions.token_for_program("importer", role="agent", unit_code="EAST", actor=SYSTEM)
    program = Staff.objects.get(code="importer")
    assert (token.staff, program.unit, program.has_usable_password()) == (program, unit, False)
    actions.token_for_program("importer", role="finance", actor=SYSTEM)
    actor = queries.actor_for_token(plain)
    assert actor is not None
    assert not actor.has_role("finance")


@pytest.mark.parametrize("password", [PASSWORD, None])
def test_a_real_person_keeps_to_the_roles_held(password: str | None) -> None:
    person = a_person(password=password)
    with pytest.raises(Invalid):
        actions.token_for_program(person.code, role="administrator", actor=SYSTEM)
    actions.token_for_program(person.code, role="agent", actor=SYSTEM)


def test_a_token_can_be_made_on_an_empty_database_and_somebody_is_on_duty_from_then_on() -> None:
    _token, plain = actions.token_for_program("importer", role="agent", actor=SYSTEM)
    assert queries.actor_for_token(plain) is not None
    assert queries.duty_officer(the_root().pk, MONDAY).code == "admin"


def test_only_the_system_makes_people_for_programs() -> None:
    with pytest.raises(NotAllowed):
        actions.token_for_program("importer", role="agent", actor=an_administrator())


def test_the_command_knows_its_usage(capsys) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SystemExit) as wrong:
        main(["token", "importer", "--role", "king"])
    assert wrong.value.code == 2
    assert capsys.readouterr().out == ""
