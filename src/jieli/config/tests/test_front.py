"""The front door leads each to the work of the day."""

import pytest
from django.test import Client

from jieli.people.tests.factories import a_company, a_person, a_unit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("agent", "/cases/mine/"),
        ("finance", "/settlement/"),
        ("outlet_manager", "/dispatch/offers/"),
        ("engineer", "/field/"),
        ("customer", "/me/"),
    ],
)
def test_staff_come_to_the_first_page_of_their_menu(role: str, page: str) -> None:
    a_company()
    client = Client()
    client.force_login(a_person(unit=a_unit(), roles=[role]))
    assert client.get("/").headers["Location"] == page


def test_everybody_else_comes_to_the_portal() -> None:
    assert Client().get("/").status_code == 200
