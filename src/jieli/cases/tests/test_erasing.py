"""A certified erasure blanks every word of a customer's cases, and the chains stay whole."""

import pytest
from django.db import connection

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.models import Case, Message, Pass
from jieli.cases.queries.verifying import findings
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.customers.actions import erase_customer
from jieli.events.models import EventText
from jieli.people.tests.factories import acting, an_administrator

pytestmark = pytest.mark.django_db


def test_an_erasure_blanks_every_word_and_leaves_the_chains_whole():
    owner, other = an_agent("李雷"), an_agent("韩梅")
    case = a_taken_case(owner)
    write_message(case.pk, body="王芳女士您好", visible=True, actor=acting(owner))
    offer = offer_pass(case.pk, to=other, done="王芳来过电话", next="回电", actor=acting(owner))
    accept_pass(offer.pk, restatement="王芳的洗衣机", actor=acting(other))
    erase_customer(case.customer_id, reason="本人要求", actor=an_administrator())
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    case = Case.objects.get(pk=case.pk)
    assert (case.subject, case.description, case.address) == ("", "", "")
    assert not Message.objects.filter(case=case).exclude(body="").exists()
    assert "王芳" not in str(Pass.objects.filter(case=case).values())
    assert not EventText.objects.filter(event__stream="case", event__stream_id=case.pk).exclude(body="").exists()
    assert case.owner_id == other.pk
    assert list(findings()) == []
