"""Logging in: right and wrong passwords, the lock, and guesses made at the same time."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client

from jieli.events.models import Event
from jieli.events.refusals import Invalid, NotAllowed
from jieli.people import actions
from jieli.people.models import SignInAttempts
from jieli.people.tests.factories import MONDAY, PASSWORD, a_company, a_person, acting, an_administrator

WRONG = "not the password"


def _fails(code: str, times: int, address: str = "10.0.0.1") -> None:
    for _time in range(times):
        with pytest.raises(actions.SignInRefused):
            actions.sign_in(code, password=WRONG, address=address)


@pytest.mark.django_db
def test_the_right_password_lets_in_and_is_recorded() -> None:
    person = a_person(password=PASSWORD)
    _fails(person.code, 4)
    assert actions.sign_in(person.code, password=PASSWORD, address="10.0.0.1") == person
    assert Event.objects.filter(type="people.signed_in", stream_id=person.pk).exists()
    assert not SignInAttempts.objects.filter(key=f"staff:{person.pk}").exists()


@pytest.mark.django_db
def test_five_wrong_passwords_lock_the_name_for_a_quarter_of_an_hour(frozen) -> None:  # type: ignore[no-untyped-def]
    frozen(MONDAY)
    person = a_person(password=PASSWORD)
    _fails(person.code, 5)
    with pytest.raises(actions.SignInLockedOut) as locked:
        actions.sign_in(person.code, password=PASSWORD, address="10.0.0.9")
    assert locked.value.until == MONDAY + timedelta(minutes=15)
    with pytest.raises(actions.SignInLockedOut):
        actions.sign_in(person.code, password=PASSWORD, address="10.0.0.9")
    assert Event.objects.filter(type="people.sign_in_locked").count() == 1
    frozen(MONDAY + timedelta(minutes=15, seconds=1))
    assert actions.sign_in(person.code, password=PASSWORD, address="10.0.0.9") == person


@pytest.mark.django_db
def test_failures_long_ago_do_not_count(frozen) -> None:  # type: ignore[no-untyped-def]
    frozen(MONDAY)
    person = a_person(password=PASSWORD)
    _fails(person.code, 4)
    frozen(MONDAY + timedelta(minutes=16))
    _fails(person.code, 5)


@pytest.mark.django_db
def test_an_address_that_tries_many_names_is_locked_too() -> None:
    for number in range(50):
        _fails(f"nobody{number}", 1)
    with pytest.raises(actions.SignInLockedOut):
        actions.sign_in("nobody", password=WRONG, address="10.0.0.1")


@pytest.mark.django_db
def test_colleagues_behind_one_address_do_not_lock_each_other_out() -> None:
    person = a_person(password=PASSWORD)
    for _time in range(60):
        actions.sign_in(person.code, password=PASSWORD, address="10.0.0.1")


@pytest.mark.django_db
def test_who_has_left_cannot_log_in() -> None:
    person = a_person(password=PASSWORD)
    actions.deactivate_staff(person.pk, actor=an_administrator())
    _fails(person.code, 1)
    with pytest.raises(actions.SignInRefused):
        actions.sign_in(person.code, password=PASSWORD, address="10.0.0.1")


@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_the_same_time_do_not_slip_past_the_lock() -> None:
    person = a_person(password=PASSWORD)
    outcomes: list[str] = []

    def guess() -> None:
        try:
            actions.sign_in(person.code, password=WRONG, address="10.0.0.1")
        except (actions.SignInRefused, actions.SignInLockedOut) as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes.count("sign_in_refused") == 5
    assert outcomes.count("sign_in_locked") == 11


@pytest.mark.django_db
def test_a_new_password_must_be_good_and_the_old_one_known() -> None:
    person = a_person(password=PASSWORD)
    with pytest.raises(Invalid) as refused:
        actions.change_own_password(person.pk, old=WRONG, new="quite another one", actor=acting(person))
    assert set(refused.value.fields) == {"old"}
    with pytest.raises(Invalid) as refused:
        actions.change_own_password(person.pk, old=PASSWORD, new="short", actor=acting(person))
    assert set(refused.value.fields) == {"password"}
    actions.change_own_password(person.pk, old=PASSWORD, new="quite another one", actor=acting(person))
    person.refresh_from_db()
    assert person.check_password("quite another one")


@pytest.mark.django_db
def test_only_an_administrator_sets_the_password_of_another() -> None:
    person = a_person(password=PASSWORD)
    with pytest.raises(NotAllowed):
        actions.set_password(person.pk, password="quite another one", actor=acting(a_person(roles=("manager",))))
    actions.set_password(person.pk, password="quite another one", actor=an_administrator())


@pytest.mark.django_db
def test_the_login_page_opens_a_session_and_the_logout_closes_it(client: Client) -> None:
    person = a_company(password=PASSWORD)
    refused = client.post("/login/", {"username": person.code, "password": WRONG})
    assert refused.status_code == 401
    done = client.post("/login/", {"username": person.code, "password": PASSWORD, "next": "/me/"})
    assert (done.status_code, done.headers["Location"]) == (302, "/me/")
    assert client.get("/me/").status_code == 200
    client.post("/logout/")
    assert client.get("/me/").status_code == 302


@pytest.mark.django_db
def test_the_login_page_never_sends_people_to_another_site(client: Client) -> None:
    person = a_company(password=PASSWORD)
    done = client.post("/login/", {"username": person.code, "password": PASSWORD, "next": "https://evil.example/"})
    assert done.headers["Location"] == "/"


@pytest.mark.django_db
def test_demo_logins_are_shown_in_demo_mode_only(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    person = actions.hire(
        code="demo",
        name="演示员",
        unit_id=a_company().unit_id,
        roles=["agent"],
        custom={"demo_login": True},
        actor=an_administrator(),
    )
    assert person.name not in client.get("/login/").content.decode()
    settings.DEMO = True
    assert person.name in client.get("/login/").content.decode()
