"""What an address says of where it is: its city and district by name, and the district's code as the network knows it."""

import pytest

from jieli.network.queries.coverage import district_named
from jieli.network.rules.places import places_of
from jieli.network.tests.factories import an_area, an_outlet


@pytest.mark.parametrize(
    ("address", "places"),
    [
        ("上海市浦东新区文昌路63号26幢1733室", ["上海市", "上海市浦东新区"]),
        ("广东省深圳市南山区科技园路 8 号", ["深圳市", "深圳市南山区"]),
        ("青岛市市南区香港中路1号", ["青岛市", "青岛市市南区"]),
        ("内蒙古自治区呼和浩特市 新城区", ["呼和浩特市", "呼和浩特市新城区"]),
        ("文三路 123 号", []),
        ("12 High Street, Leeds", []),
        ("", []),
    ],
)
def test_an_address_begins_with_its_city_and_district(address, places):
    assert places_of(address) == places


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "district"),
    [
        ("上海市浦东新区张杨路 500 号", "310115"),
        ("上海浦东新区张杨路 500 号", "310115"),
        ("浦东新区张杨路 500 号", ""),
        ("上海市静安区南京西路 1 号", "310106"),
        ("上海市徐汇区漕溪路 1 号", ""),
        ("广东省东莞市南城街道元美路 8 号", "441900"),
        ("南京市鼓楼区中山北路 1 号", "320106"),
        ("福州市鼓楼区五四路 1 号", ""),
        ("青岛市市南区香港中路 1 号", ""),
        ("12 High Street, Leeds", ""),
    ],
)
def test_the_network_tells_the_district_of_an_address(address, district):
    an_outlet(name="浦东", address="上海市浦东新区花园路 3 号", district="310115")
    an_outlet(name="浦东二", address="上海市 浦东新区世纪大道 100 号", district="310115")
    an_area(an_outlet(name="浦东三"), district="310106", name="上海市静安区")
    an_outlet(name="南城", address="东莞市南城街道鸿福路", district="441900")
    an_outlet(name="鼓楼", address="江苏省南京市鼓楼区湖南路", district="320106")
    for name, code in (("市南", "370202"), ("市南旧", "370299")):
        an_outlet(name=name, address="青岛市市南区东海路", district=code)
    assert district_named(address) == district
