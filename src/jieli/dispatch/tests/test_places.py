"""Without a place on the map an address still says where it is: outlets of the same city come first, and a person decides."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from jieli.dispatch.actions.offering import offer_to_outlet
from jieli.dispatch.models import Appointment
from jieli.dispatch.queries.candidates import outlets_for
from jieli.dispatch.queries.portal import appointment_words
from jieli.dispatch.tests.factories import a_ready_case, a_window, an_engineer, an_outlet, sent
from jieli.dispatch.tests.test_pages import a_dispatcher, client_of
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.network.tests.factories import an_area
from jieli.people.tests.factories import MONDAY, acting


@pytest.mark.django_db
def test_outlets_of_the_same_district_and_city_come_first_and_say_so(frozen):
    frozen(MONDAY)
    nowhere = {"latitude": None, "longitude": None}
    for name, address in (
        ("远网点", "深圳市南山区"),
        ("城网点", "上海市静安区"),
        ("近网点", "上海市浦东新区花园路"),
    ):
        an_engineer(an_outlet(name, address=address, **nowhere))
    case = a_ready_case(address="上海市浦东新区文昌路63号", **nowhere)
    found = outlets_for(case, clock.now())
    assert [one.outlet.unit.name for one in found] == ["近网点", "城网点", "远网点"]
    with translation.override("en"):
        assert [why.words for why in found[0].reasons][:1] == ["is in 上海市浦东新区, too"]
    assert not any(one.is_proposed for one in found)


@pytest.mark.django_db
def test_who_serves_the_district_that_an_address_names_is_proposed(frozen):
    frozen(MONDAY)
    nowhere = {"latitude": None, "longitude": None}
    for name, address, district in (("静安", "上海市静安区", "310106"), ("浦东", "上海市浦东新区花园路", "310115")):
        an_engineer(an_outlet(name, address=address, district=district, **nowhere))
    case = a_ready_case(address="上海浦东新区张杨路 500 号", **nowhere)
    an_area(Outlet.objects.get(unit__name="静安"), district="310115")
    found = outlets_for(case, clock.now())
    assert [(one.outlet.unit.name, one.is_proposed) for one in found] == [("浦东", True), ("静安", True)]
    with translation.override("en"):
        here, beside = ([why.words for why in one.reasons][:2] for one in found)
    assert here == ["serves 上海浦东新区 and the product line", "is in 上海浦东新区, too"]
    assert beside == ["serves 上海浦东新区 and the product line", "the distance is not known"]


@pytest.mark.django_db
def test_a_person_may_ask_who_does_not_serve_the_place_the_nearest_first_and_the_rule_asks_none_of_them(frozen):
    frozen(MONDAY)
    here = {"latitude": Decimal("31.2300"), "longitude": Decimal("121.5400")}
    serves = an_outlet("本区网点", **here)
    far, near = (an_outlet(name, latitude=Decimal(north), longitude=Decimal("121.5400")) for name, north in FAR_AND_NEAR)
    for outlet in (serves, far, near):
        an_engineer(outlet)
    case = a_ready_case(**here)
    assert [one.outlet.pk for one in outlets_for(case, clock.now())] == [serves.pk]
    found = outlets_for(case, clock.now(), others=True)
    assert [(one.outlet.pk, one.is_proposed, one.can_be_asked) for one in found] == [
        (serves.pk, True, True),
        (near.pk, False, True),
        (far.pk, False, True),
    ]
    assert [why.code for why in found[1].against] == ["not_covering"]
    assert found[1].distance_km is not None
    page = client_of(dispatcher := a_dispatcher()).get(reverse("dispatch:case", args=[case.pk])).content.decode()
    assert page.index(serves.unit.name) < page.index("不在已知服务范围内的其他网点") < page.index(near.unit.name)

    offer = offer_to_outlet(case.pk, outlet_id=far.pk, actor=acting(dispatcher))

    assert (offer.outlet_id, offer.reasons["against"]) == (far.pk, [{"code": "not_covering"}])


FAR_AND_NEAR = (("远网点", "33.9000"), ("近网点", "32.8000"))


@pytest.mark.django_db
def test_the_customer_reads_the_day_before_the_hours(frozen):
    frozen(MONDAY)
    outlet = an_outlet()
    sent(case := a_ready_case(), outlet, an_engineer(outlet), a_window(14, day=MONDAY))
    with translation.override("en"):
        assert appointment_words(Appointment.objects.get(case=case)).startswith("Your appointment: today 14:00–16:00, ")
    with translation.override("zh-hans"):
        assert "今天 14:00–16:00" in appointment_words(Appointment.objects.get(case=case))
