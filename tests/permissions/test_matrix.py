"""Who may do what: permissions by role and place, and every action tried for real (spec, Who uses it; see the package)."""

import inspect

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction

from jieli.customers.actions.customers import make_customer
from jieli.events.refusals import NotAllowed, NotFound, Refused
from jieli.people.models import Role
from jieli.people.policy import may_grant

from . import discovery
from .table import LETTERS, ONLY_SOFTWARE, SOFTWARE, Try, Who
from .world import PLACES, a_world

pytestmark = pytest.mark.long(60)
TABLES = discovery.tables()
PERMISSIONS = discovery.permissions()
MAY = {f"{app}.{name}": who for app, table in TABLES.items() for name, who in getattr(table, "MAY", {}).items()}
ACTIONS = {f"{app}.{name}": said for app, table in TABLES.items() for name, said in getattr(table, "ACTIONS", {}).items()}


@pytest.fixture
def world(db, settings, tmp_path):
    settings.DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    world = a_world()
    world.folder = tmp_path
    return world


def prepare(world, app):
    """Add an app's own rows to the world."""
    vars(world).update(getattr(TABLES[app], "rows", lambda _world: {})(world))


def full(app, name):
    return name if "." in name else f"{app}.{name}"


# --- completeness


def test_every_permission_is_in_a_table():
    missing, gone = set(PERMISSIONS) - set(MAY), set(MAY) - set(PERMISSIONS)
    assert (missing, gone) == (set(), set()), "see the package's docstring"
    assert sorted(LETTERS.values()) == sorted(Role.values)


def test_every_action_is_in_a_table_and_asks_what_it_says():
    found = discovery.actions()
    missing, gone = set(found) - set(ACTIONS), set(ACTIONS) - set(found)
    assert (missing, gone) == (set(), set()), "see the package's docstring"
    assert {name: called - named(ACTIONS[name]) for name, called in found.items() if called - named(ACTIONS[name])} == {}
    # What is tried may ask more, by way of other functions; of what is only said, the source must ask just that.
    assert {name: said for name, said in ACTIONS.items() if isinstance(said, str) and found[name] != named(said)} == {}


def named(said):
    """Return the permissions that an entry names, without their apps."""
    texts = [said] if isinstance(said, str) else [one.asks for one in tries(said)]
    return {name.rpartition(".")[2] for text in texts if not text.startswith("(") for name in text.split()}


def tries(said):
    if isinstance(said, Try):
        return [said]
    return [] if isinstance(said, str) else said


# --- permissions


@pytest.mark.parametrize("app", [app for app in TABLES if getattr(TABLES[app], "MAY", {})])
def test_each_role_may_what_the_table_says_and_nothing_else(app, world, subtests):
    prepare(world, app)
    for name in TABLES[app].MAY:
        function, who = PERMISSIONS[f"{app}.{name}"], MAY[f"{app}.{name}"]
        targets = [getattr(world, one) for one in inspect.signature(function).parameters if one != "actor"]
        for place in PLACES:
            with subtests.test(f"{name}, role held at {place}"):
                found = {letter for letter, role in LETTERS.items() if function(world.with_role(role, place), *targets)}
                assert found == set(who.roles(place))
        with subtests.test(f"{name}, without a role"):
            assert {one for one, actor in world.actors.items() if function(actor, *targets)} == set(who.also.split())
        with subtests.test(f"{name}, a person without any role"):
            assert bool(function(world.roleless(), *targets)) == who.everybody


def test_nobody_gives_more_than_he_has(world):
    for letter, role in LETTERS.items():
        assert may_grant(world.with_role(role, "own"), "administrator", world.unit) == (letter == "A")


def test_a_judgement_on_a_customer_is_not_slipped_in_with_a_new_one(world):
    with pytest.raises(Refused):
        make_customer(values={"name": "李四", "value": 5}, actor=world.with_role("agent", "own"))


# --- actions


@pytest.mark.parametrize("app", [app for app in TABLES if any(map(tries, getattr(TABLES[app], "ACTIONS", {}).values()))])
def test_each_action_is_done_for_whom_the_table_says_and_refused_to_all_others(app, world, subtests):
    prepare(world, app)
    for name, said in TABLES[app].ACTIONS.items():
        for one in tries(said):
            needs = allowing(app, one.asks)
            for place in PLACES:
                with subtests.test(f"{name} ({one.asks}), role held at {place}"):
                    ends = {letter: end_of(one, world, world.with_role(role, place)) for letter, role in LETTERS.items()}
                    allowed = set(LETTERS).intersection(*(who.roles(place) for who in needs))
                    assert ends == {letter: one.ends if letter in allowed else "refused" for letter in LETTERS}
            with subtests.test(f"{name} ({one.asks}), without a role"):
                ends = {who: end_of(one, world, actor) for who, actor in world.actors.items()}
                allowed = set(world.actors).intersection(*(who.also.split() for who in needs)) | set(one.also.split())
                assert ends == {who: one.ends if who in allowed else "refused" for who in world.actors}
            with subtests.test(f"{name} ({one.asks}), a person without any role"):
                allowed = all(who.everybody for who in needs)
                assert end_of(one, world, world.roleless()) == (one.ends if allowed else "refused")


def allowing(app, asks):
    """Return who may by each permission asked."""
    return [Who(also=SOFTWARE)] if asks == ONLY_SOFTWARE else [MAY[full(app, name)] for name in asks.split()]


class Undone(Exception):
    """Takes back what a try did."""


def end_of(one, world, actor):
    """Try and take it back; return ``done``, ``refused``, the code of another refusal, or the error."""
    try:
        with transaction.atomic():
            one.act(world, actor)
            raise Undone
    except Undone:
        return "done"
    except (NotAllowed, NotFound, ObjectDoesNotExist):
        return "refused"
    except Refused as refused:
        return f"{refused.code} {refused.fields or refused}" if one.ends == "done" else refused.code
    except DatabaseError as error:
        return f"{type(error).__name__}: {error}"
