"""Labels of devices: serials typed, as a range or from the list; the code opens the portal with the serial filled in."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jieli.cases.models import Case
from jieli.customers.tests.factories import a_device
from jieli.intake.queries.labels import report_url
from jieli.intake.rules.serials import MOST, read_serials
from jieli.people.tests.factories import a_person, the_root


@pytest.mark.parametrize(
    ("text", "serials"),
    [
        ("sn 1\nSN2", ["SN1", "SN2"]),
        ("A1, a1；B2、C-3/4", ["A1", "B2", "C-3/4"]),
        ("SN098..SN101", ["SN098", "SN099", "SN100", "SN101"]),
        ("SN1 – SN3\nSN2", ["SN1", "SN2", "SN3"]),
        ("WM7A01 至 WM7A02", ["WM7A01", "WM7A02"]),
        ("7..7", ["7"]),
        (" \n,", []),
    ],
)
def test_serials_are_read_one_by_one_and_as_ranges(text, serials):
    read = read_serials(text)
    assert (read.serials, read.unread, read.too_many) == (serials, [], False)


@pytest.mark.parametrize("text", ["SN1..SN12", "A1..B2", "SN9..SN1", "SN..SNX", "<b>", "SN1..", "号码"])
def test_what_is_no_serial_and_no_range_is_named(text):
    read = read_serials(f"OK1,{text}")
    assert read.serials == ["OK1"]
    assert read.unread == [text.upper()]


def test_a_range_of_billions_costs_no_more_than_a_full_sheet():
    read = read_serials("SN000000000000001..SN999999999999999")
    assert len(read.serials) == MOST
    assert read.too_many


@given(st.integers(0, 99_000), st.integers(0, MOST - 1))
def test_a_range_counts_up_with_its_zeros(first, more):
    read = read_serials(f"X{first:06d}..X{first + more:06d}")
    assert read.serials == [f"X{number:06d}" for number in range(first, first + more + 1)]
    assert not read.too_many


def signed_in(*roles):
    client = Client(headers={"accept-language": "en"})
    client.force_login(a_person(unit=the_root(), roles=roles))
    client.post("/language/", {"language": "en"})
    return client


def labelled(page):
    return re.findall(r'class="j-tag-code j-code">([^<]*)<', html.unescape(page))


@pytest.mark.django_db
def test_the_desk_makes_labels_of_typed_serials_known_or_not():
    a_device(serial="SN0002", model="XQG100")
    client = signed_in("agent")
    page = client.post(reverse("intake:device_labels"), {"serials": "SN0001..SN0003"}).content.decode()
    assert labelled(page) == ["SN0001", "SN0002", "SN0003"]
    assert page.count('class="j-qr"') == 3
    assert "washing machine XQG100" in page


@pytest.mark.django_db
def test_the_filter_of_the_list_of_devices_goes_along():
    for number in (1, 2):
        a_device(serial=f"AB{number}", line="washing_machine")
    a_device(serial="CD1", line="refrigerator")
    client = signed_in("agent")
    answer = client.get(reverse("customers:devices"), {"product_line": "washing_machine"}).content.decode()
    (link,) = re.findall(r'href="(/labels/devices/[^"]*)"', answer)
    assert labelled(client.get(html.unescape(link)).content.decode()) == ["AB1", "AB2"]
    assert labelled(client.get(reverse("intake:device_labels")).content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "at least one"), ("OK1\nSN1..SN22", "SN1..SN22"), ("SN001..SN999", "At most 480 labels")],
)
def test_bad_input_is_said_beside_the_field_and_stays(typed, said):
    answer = signed_in("agent").post(reverse("intake:device_labels"), {"serials": typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert typed in page
    assert labelled(page) == []


@pytest.mark.django_db
def test_who_does_not_work_at_the_desk_gets_no_labels():
    assert signed_in("engineer").get(reverse("intake:device_labels")).status_code == 404
    assert Client().get(reverse("intake:device_labels")).status_code == 302


@pytest.mark.django_db
def test_the_address_in_the_code_leads_a_customer_to_a_case_of_this_device(settings):
    the_root()
    settings.PUBLIC_URL = "https://service.example"
    device = a_device(serial="SN/7+A")
    url = report_url("SN/7+A", "http://inside:8000/")
    assert url.startswith("https://service.example/")
    split = urlsplit(url)
    assert parse_qs(split.query) == {"serial": ["SN/7+A"]}
    client = Client(headers={"accept-language": "en"})
    choose = client.get(f"{split.path}?{split.query}").content.decode()
    href = next(one for one in re.findall(r'href="([^"]*)"', choose) if "/report/" in one and "serial=" in one)
    form = client.get(html.unescape(href))
    assert form.context["form"]["serial"].value() == "SN/7+A"
    assert form.context["form"]["product_line"].value() == "washing_machine"
    once = form.context["form"]["once"].value()
    sent = {
        "once": once,
        "serial": "SN/7+A",
        "name": "王芳",
        "phone": "13800001234",
        "description": "漏水",
        "address": "中山路 1 号",
    }
    sent |= {"product_line": "washing_machine"}
    answer = client.post(html.unescape(href), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    case = Case.objects.get()
    assert (case.device_id, case.channel) == (device.pk, "qr")
