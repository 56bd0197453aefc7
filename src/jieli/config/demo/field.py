"""The service network of the demo company: providers, outlets, engineers with vans, parts, and the customers around them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from math import cos, radians
from random import Random

from jieli.config.demo import words
from jieli.config.demo.company import Company, hire
from jieli.customers.actions.batches import import_customers, import_devices
from jieli.customers.models import Customer, Device
from jieli.events.actor import SYSTEM, import_actor
from jieli.lib import clock
from jieli.lib.geo import haversine_km
from jieli.network.actions.bringing import NewEngineer, NewOutlet, NewProvider, bring_network
from jieli.parts.actions.master import save_part
from jieli.parts.actions.stock import make_place, receive_stock
from jieli.parts.models import Part, Place
from jieli.people import actions as people
from jieli.people.models import Staff, Unit
from jieli.people.queries import local_date

ENGINEERS = 4
"""How many engineers an outlet has."""

# City, district, its code, latitude and longitude, region.
PLACES: Sequence[tuple[str, str, str, float, float, str]] = (
    ("上海市", "浦东新区", "310115", 31.2214, 121.5447, "east"),
    ("杭州市", "西湖区", "330106", 30.2595, 120.1302, "east"),
    ("苏州市", "姑苏区", "320508", 31.3114, 120.6172, "east"),
    ("南京市", "鼓楼区", "320106", 32.0664, 118.7697, "east"),
    ("宁波市", "鄞州区", "330212", 29.8165, 121.5469, "east"),
    ("合肥市", "蜀山区", "340104", 31.8511, 117.2605, "east"),
    ("广州市", "天河区", "440106", 23.1246, 113.3612, "south"),
    ("深圳市", "南山区", "440305", 22.5333, 113.9304, "south"),
    ("佛山市", "禅城区", "440604", 23.0095, 113.1227, "south"),
    ("东莞市", "南城街道", "441900", 23.0207, 113.7518, "south"),
    ("厦门市", "思明区", "350203", 24.4455, 118.0827, "south"),
    ("福州市", "鼓楼区", "350102", 26.0819, 119.3039, "south"),
    ("上海市", "徐汇区", "310104", 31.1883, 121.4365, "east"),
    ("杭州市", "滨江区", "330108", 30.2084, 120.2119, "east"),
    ("无锡市", "梁溪区", "320213", 31.5661, 120.3030, "east"),
    ("常州市", "天宁区", "320402", 31.7796, 119.9747, "east"),
    ("温州市", "鹿城区", "330302", 28.0153, 120.6552, "east"),
    ("嘉兴市", "南湖区", "330402", 30.7478, 120.7830, "east"),
    ("广州市", "海珠区", "440105", 23.0838, 113.3173, "south"),
    ("深圳市", "福田区", "440304", 22.5224, 114.0553, "south"),
    ("珠海市", "香洲区", "440402", 22.2662, 113.5435, "south"),
    ("中山市", "石岐街道", "442000", 22.5286, 113.3846, "south"),
    ("泉州市", "丰泽区", "350503", 24.8911, 118.6052, "south"),
    ("南宁市", "青秀区", "450103", 22.7859, 108.4944, "south"),
    ("绍兴市", "越城区", "330602", 29.9887, 120.5826, "east"),
    ("南通市", "崇川区", "320613", 32.0098, 120.8573, "east"),
    ("徐州市", "云龙区", "320303", 34.2532, 117.2515, "east"),
    ("芜湖市", "镜湖区", "340202", 31.3407, 118.3851, "east"),
    ("济南市", "历下区", "370102", 36.6664, 117.0768, "east"),
    ("青岛市", "市南区", "370202", 36.0755, 120.4124, "east"),
    ("惠州市", "惠城区", "441302", 23.0841, 114.3826, "south"),
    ("汕头市", "龙湖区", "440507", 23.3720, 116.7165, "south"),
    ("海口市", "龙华区", "460106", 20.0310, 110.3286, "south"),
    ("长沙市", "芙蓉区", "430102", 28.1858, 113.0325, "south"),
    ("武汉市", "江汉区", "420103", 30.6015, 114.2709, "south"),
    ("南昌市", "东湖区", "360102", 28.6853, 115.8990, "south"),
    ("台州市", "椒江区", "331002", 28.6736, 121.4425, "east"),
    ("金华市", "婺城区", "330702", 29.0863, 119.5714, "east"),
    ("扬州市", "广陵区", "321002", 32.3947, 119.4318, "east"),
    ("桂林市", "象山区", "450304", 25.2617, 110.2817, "south"),
)
WITH_PART = 0.3
"""In how many orders a part is changed, at most: of each product line the same one."""
AT_ONCE = 2000
"""How many customers are brought in by one import."""
HOUSES = ["诚信", "顺达", "安居", "永泰", "立信", "惠民"]

# Code, Chinese and English name, price; the first of each line is what is changed most.
PARTS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "washing_machine": (
        ("WM-PUMP", "排水泵", "Drain pump", "86.00"),
        ("WM-LOCK", "门锁开关", "Door lock", "45.00"),
        ("WM-BOARD", "洗衣机主控板", "Main board", "260.00"),
    ),
    "refrigerator": (("RF-THERMO", "温控器", "Thermostat", "68.00"), ("RF-FAN", "风扇电机", "Fan motor", "95.00")),
    "air_conditioner": (
        ("AC-BOARD", "空调内机主板", "Indoor board", "320.00"),
        ("AC-CAP", "启动电容", "Start capacitor", "38.00"),
    ),
    "water_heater": (("WH-VALVE", "燃气比例阀", "Gas valve", "180.00"), ("WH-ROD", "镁棒", "Magnesium rod", "58.00")),
    "television": (("TV-POWER", "电源板", "Power board", "150.00"), ("TV-RECV", "遥控接收板", "Receiver board", "25.00")),
    "kitchen": (("KT-MOTOR", "油烟机电机", "Hood motor", "210.00"), ("KT-SWITCH", "触控开关", "Touch switch", "46.00")),
}


@dataclass(slots=True)
class Post:
    """One outlet as the demo lives it: who answers, who goes, where it is, and whose customers live around it."""

    unit: Unit
    owner: Staff
    engineers: list[Staff]
    vans: list[Place]
    place: tuple[str, str, str, float, float, str]
    customers: list[tuple[Customer, Device]] = field(default_factory=list)


@dataclass(slots=True)
class Field:
    """The whole network; `neighbours` says by unit which outlet helps out when one has no room."""

    posts: list[Post]
    neighbours: dict[int, Post]
    central: Place
    parts: dict[str, Part]


def build(company: Company, outlets: int, *, random: Random, orders: int = 0) -> Field:
    """Found the network below the regional centres: outlets with providers, areas and hours, engineers with skills.

    The central store holds what `orders` will take from it, and some more; vans come by `equip`.
    """
    parts = {
        code: save_part(code, name=name, name_en=english, price_amount=Decimal(price), fits=[(line, "")], actor=SYSTEM)
        for line, of_line in PARTS.items()
        for code, name, english, price in of_line
    }
    central = make_place(company.units["parts"].pk, kind="central", code="CENTRAL", name="中央备件库", actor=SYSTEM)
    receive_stock(central.pk, lines=[(code, 100 + orders // 40) for code in parts], actor=SYSTEM, reason="期初入库")
    posts = [_post(company, number, random) for number in range(outlets)]
    neighbours = {post.unit.pk: _nearest(post, posts) for post in posts}
    bring_network(
        at=clock.now(),
        actor=import_actor("demo"),
        providers=[_provider(number, random) for number in range(outlets)],
        outlets=[
            _outlet(company, post, _districts(post, posts, neighbours), number, random) for number, post in enumerate(posts)
        ],
        engineers=[
            _engineer(post, staff, number, turn, random)
            for number, post in enumerate(posts)
            for turn, staff in enumerate(post.engineers)
        ],
    )
    return Field(posts, neighbours, central, parts)


def equip(network: Field, *, orders: int = 0, outlets: int | None = None) -> None:
    """Give vans to the engineers of the first `outlets`, or of all, who have none: with what `orders` will take, and more."""
    taken = orders * WITH_PART / (len(network.posts) * ENGINEERS * len(PARTS))
    on_board = [(code, 12 + round(4 * taken)) for of_line in PARTS.values() for code, *_words in of_line]
    for post in network.posts[:outlets]:
        for engineer in post.engineers[len(post.vans) :]:
            van = make_place(post.unit.pk, kind="van", staff_id=engineer.pk, actor=SYSTEM)
            receive_stock(van.pk, lines=on_board, actor=SYSTEM, reason="随车备件")
            post.vans.append(van)


def _nearest(post: Post, posts: list[Post]) -> Post:
    _city, _district, _code, north, east, _region = post.place
    others = [one for one in posts if one is not post]
    return min(others, key=lambda one: haversine_km(north, east, *one.place[3:5]), default=post)


def _districts(post: Post, posts: list[Post], neighbours: dict[int, Post]) -> list[str]:
    """Return the districts that an outlet serves: its own, and those of whom it helps out."""
    return list(dict.fromkeys([post.place[2], *(one.place[2] for one in posts if neighbours[one.unit.pk] is post)]))


def _post(company: Company, number: int, random: Random) -> Post:
    city, district, _code, _latitude, _longitude, region = place = PLACES[number % len(PLACES)]
    more = f"{number // len(PLACES) + 1}" if number >= len(PLACES) else ""
    unit = people.make_unit(
        code=f"outlet-{number + 1:02d}",
        name=f"{city.removesuffix('市')}{district.removesuffix('新区').removesuffix('区').removesuffix('街道')}服务网点{more}",
        kind="star_centre" if number % 8 == 7 else "outlet",
        parent_id=company.units[region].pk,
        calendar="desk",
        actor=SYSTEM,
    )
    owner = hire(f"owner-{number + 1:02d}", words.a_name(random), unit, ("outlet_manager",), f"137{number:08d}")
    unit = people.change_unit(unit.pk, leader_id=owner.pk, actor=SYSTEM)
    engineers = [
        hire(
            "engineer" if (number, turn) == (0, 0) else f"engineer-{number + 1:02d}-{turn + 1}",
            words.a_name(random),
            unit,
            ("engineer",),
            f"136{number:04d}{turn:04d}",
        )
        for turn in range(ENGINEERS)
    ]
    return Post(unit, owner, engineers, [], place)


def _provider(number: int, random: Random) -> NewProvider:
    city = PLACES[number % len(PLACES)][0].removesuffix("市")
    return NewProvider(
        {
            "code": f"provider-{number + 1:02d}",
            "name": f"{city}{random.choice(HOUSES)}电器服务有限公司",
            "legal_person": words.a_name(random),
            "contract_number": f"HT-2024-{number + 1:03d}",
            "capital_amount": Decimal(random.choice((500_000, 1_000_000, 2_000_000))),
            "bank_name": "中国工商银行",
            "bank_account": f"62220210{random.randint(10**10, 10**11 - 1)}",
        }
    )


def _outlet(company: Company, post: Post, districts: list[str], number: int, random: Random) -> NewOutlet:
    city, district, code, latitude, longitude, region = post.place
    return NewOutlet(
        unit_id=post.unit.pk,
        provider=f"provider-{number + 1:02d}",
        districts=districts,
        values={
            "type": ("flagship", "core", "standard", "standard", "satellite")[number % 5],
            "tier": "star_centre" if number % 8 == 7 else "outlet",
            "region": company.units[region].name,
            "address": f"{city}{district}{random.choice(words.ROADS)}{random.randint(1, 300)}号",
            "district": code,
            "latitude": Decimal(f"{latitude:.6f}"),
            "longitude": Decimal(f"{longitude:.6f}"),
            "capacity_per_day": 4 * ENGINEERS,
            "product_lines": list(words.LINES),
            "contract_number": f"HT-2024-{number + 1:03d}",
        },
    )


def _engineer(post: Post, staff: Staff, number: int, turn: int, random: Random) -> NewEngineer:
    city, district, _code, latitude, longitude, _region = post.place
    return NewEngineer(
        staff_id=staff.pk,
        outlet_id=post.unit.pk,
        issued_on=local_date(clock.now()) - timedelta(days=random.randint(10, 200)),
        values={
            "level": ("gold", "senior", "engineer", "technician")[turn % 4],
            "licence_number": f"JL-{number + 1:03d}-{turn + 1}",
            "home_address": f"{city}{district}",
            "home_latitude": Decimal(f"{latitude + random.uniform(-0.05, 0.05):.6f}"),
            "home_longitude": Decimal(f"{longitude + random.uniform(-0.05, 0.05):.6f}"),
            "capacity_per_day": 6,
        },
        skills=[(line, random.choice((1, 2, 3)), None) for line in words.LINES],
    )


def settle_customers(network: Field, customers: int, *, random: Random, until: date) -> None:
    """Let customers with a device each live around the outlets, brought in as an import would, until there are so many."""
    numbers = range(sum(len(post.customers) for post in network.posts), customers)
    rows: list[tuple[int, dict[str, str]]] = []
    devices: list[tuple[int, dict[str, str]]] = []
    for number in numbers:
        customer, device = _household(network.posts[number % len(network.posts)], number, random, until)
        rows.append((number + 2, customer))
        devices.append((number + 2, device))
    by = import_actor("demo")
    for begin in range(0, len(rows), AT_ONCE):
        _all_good(import_customers(rows[begin : begin + AT_ONCE], actor=by).findings)
        _all_good(import_devices(devices[begin : begin + AT_ONCE], actor=by).findings)
    known = {one.code: one for one in Customer.objects.filter(code__in=[customer["code"] for _line, customer in rows])}
    owned = {one.serial: one for one in Device.objects.filter(serial__in=[device["serial"] for _line, device in devices])}
    for number, (_row, customer), (_line, device) in zip(numbers, rows, devices, strict=True):
        network.posts[number % len(network.posts)].customers.append((known[customer["code"]], owned[device["serial"]]))


def _household(post: Post, number: int, random: Random, until: date) -> tuple[dict[str, str], dict[str, str]]:
    city, district, _code, latitude, longitude, _region = post.place
    north, east = random.uniform(-14, 14), random.uniform(-14, 14)
    line = random.choice(list(words.LINES))
    bought = until - timedelta(days=random.choice((200, 500, 900, 1500)) + random.randint(0, 180))
    customer = {
        "code": f"KH{number + 1:06d}",
        "name": words.a_name(random),
        "phone": f"139{number:08d}",
        "address": f"{city}{district}{words.a_house(random)}",
        "latitude": f"{latitude + north / 111.2:.6f}",
        "longitude": f"{longitude + east / (111.2 * cos(radians(latitude))):.6f}",
        "value": str(random.randint(5, 100)),
        "importance": str(random.randint(5, 100)),
        "potential": str(random.randint(5, 100)),
    }
    device = {
        "serial": f"DM{line[:2].upper()}{number + 1:08d}",
        "product_line": line,
        "model": random.choice(words.LINES[line][1]),
        "customer": customer["code"],
        "bought_on": bought.isoformat(),
        "warranty_until": (bought + timedelta(days=1095)).isoformat(),
        "genuine": random.choices(("true", "false", ""), (980, 8, 12))[0],
    }
    return customer, device


def _all_good(found: Sequence[object]) -> None:
    if found:
        raise RuntimeError(f"the demo's own rows are refused: {found[:3]}")
