"""Case lists, the case page and search in a small and a large database: what each costs in the server, and whether it grows.

Run ``jieli bench pages`` or ``python bench/pages.py [--small 10000] [--large 1000000] [--rounds 20]``. Each page is answered by
Django's test client as in the web server: session, middleware, rights, queries, template; only the socket is left out. The
people are a manager of the whole company, a supervisor of a region, an agent of the desk through which every case went, and an
agent of an outlet. The same person sees as many rows on a list in both databases, because the company grows with its cases.
Sentences are made of 8,000 words after Zipf; searched are common and rare words, parts of sentences, names, ends of phone
numbers, case numbers, serial numbers and what is nowhere. Exit code 1 when a goal is missed.
"""

import argparse
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Any

from ground import FIRST_CASE, Company, found_company, ground, say, words
from history import write_history

GOALS_MS = {"list": (40.0, 100.0), "page": (40.0, 100.0), "search": (50.0, 300.0)}
GROWTH = 1.3
LISTS = {
    "manager": ("all", "complaints", "risk", "queue", "unit"),
    "supervisor": ("all", "unit", "risk", "complaints"),
    "desk agent": ("mine", "queue", "risk", "unit", "all", "passed", "stewarded"),
    "outlet agent": ("mine", "unit", "risk", "all", "mentioned"),
}
URL_NAMES = {"risk": "at_risk"}


@dataclass
class Times:
    """Milliseconds of one kind of answer, and how many rows or bytes it had."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self, act: Callable[[], Any]) -> Any:
        """Do something and keep how long it took."""
        began, cpu = perf_counter(), process_time()
        result = act()
        self.wall.append((perf_counter() - began) * 1000)
        self.cpu.append((process_time() - cpu) * 1000)
        return result

    def share(self, percent: int) -> float:
        """Return the time within which this share of the answers came."""
        ordered = sorted(self.wall)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


@dataclass
class Measured:
    """Everything measured in one database, by group (list, page, search) and within it by name."""

    times: dict[str, dict[str, Times]] = field(default_factory=dict)

    def of(self, group: str, name: str) -> Times:
        """Return where the times of one kind are kept."""
        return self.times.setdefault(group, {}).setdefault(name, Times())

    def whole(self, group: str) -> Times:
        """Return all times of a group together."""
        whole = Times()
        for one in self.times[group].values():
            whole.wall += one.wall
            whole.cpu += one.cpu
        return whole


def clients(company: Company) -> dict[str, Any]:
    """Return a logged-in test client for each kind of person."""
    from django.test import Client

    from jieli.people.models import Staff

    found = {}
    for name in ("manager", "supervisor", "desk agent", "outlet agent"):
        found[name] = Client()
        found[name].force_login(Staff.objects.get(pk=getattr(company, name.replace(" ", "_"))))
    return found


def texts(chance: random.Random, cases: int, count: int) -> list[tuple[str, str]]:
    """Return what people type into the search, with the name of its kind."""
    from jieli.cases.models import Message
    from jieli.cases.rules.numbers import case_number
    from jieli.customers.models import Customer

    made, _weights = words()
    found: list[tuple[str, str]] = []
    for _ in range(count):
        body = Message.objects.get(pk=chance.randrange(cases) * 5 + 1).body
        customer = Customer.objects.get(pk=1 + chance.randrange(max(10, cases * 6 // 10)))
        at = chance.randrange(len(body) - 8)
        found += [
            ("very common word", made[chance.randrange(8)][:2]),
            ("common word", made[chance.randrange(20, 400)][:2]),
            ("rare word", chance.choice(made[4000:])[:3]),
            ("part of a sentence", body[at : at + chance.choice((4, 5, 6))]),
            ("two words", f"{made[chance.randrange(50)]}{made[chance.randrange(50)]}"),
            ("name", customer.name),
            ("end of a phone", customer.phone[-4:]),
            ("phone", customer.phone),
            ("number", case_number(FIRST_CASE + chance.randrange(cases))),
            ("serial", f"SN{1 + chance.randrange(max(10, cases * 6 // 10)):09d}"),
            ("nowhere", "".join(chance.sample("齉龘靐龖爩麤鱻灪", 3))),
        ]
    return found


def measure(company: Company, cases: int, rounds: int) -> Measured:
    """Measure everything once warm: the first answer of each kind is thrown away."""
    from django.urls import reverse

    from jieli.cases.rules.numbers import case_number

    chance = random.Random(cases)
    people = clients(company)
    measured = Measured()

    def get(client: Any, url: str) -> Any:
        response = client.get(url)
        if response.status_code not in (200, 302):
            raise SystemExit(f"{url}: {response.status_code}")
        return response

    for who, views in LISTS.items():
        for view in views:
            url = reverse(f"cases:{URL_NAMES.get(view, view)}")
            following = re.search(r'[?&;]after=([^"&]+)', get(people[who], url).content.decode())
            kept = measured.of("list", f"{view}, {who}")
            for turn in range(rounds):
                address = f"{url}?after={following[1]}" if following and turn % 4 == 3 else url
                kept.measure(partial(get, people[who], address))
    for who in LISTS:
        numbers = _visible(company, who, chance, rounds * 4 + 1)
        kept = measured.of("page", who)
        get(people[who], reverse("cases:case", args=[case_number(numbers.pop())]))
        for case_id in numbers:
            url = reverse("cases:case", args=[case_number(case_id)])
            kept.measure(partial(get, people[who], url))
    url = reverse("cases:search")
    for name, text in texts(chance, cases, max(3, rounds // 2)):
        for who in LISTS:
            kept = measured.of("search", f"{name}, {who}")
            kept.measure(partial(people[who].get, url, {"q": text}))
    return measured


def _visible(company: Company, who: str, chance: random.Random, count: int) -> list[int]:
    from jieli.cases.models import Case
    from jieli.people.models import Staff
    from jieli.people.queries import actor_for

    actor = actor_for(Staff.objects.get(pk=getattr(company, who.replace(" ", "_"))))
    newest = list(Case.objects.visible_to(actor).order_by("-id").values_list("pk", flat=True)[: count * 5])
    return chance.sample(newest, min(count, len(newest)))


def show(measured: Measured, cases: int) -> None:
    """Print every kind."""
    print(f"{cases:,} cases")
    for group, kinds in measured.times.items():
        for name, kept in kinds.items():
            print(
                f"  {group:7} {name:34} p50 {kept.share(50):7.1f} ms  p95 {kept.share(95):7.1f} ms"
                f"  web process {median(kept.cpu):6.1f} ms"
            )


def judge(small: Measured, large: Measured) -> bool:
    """Print each limit and whether it was kept; tell whether all were."""
    is_well = True
    for group, (middle, most) in GOALS_MS.items():
        kept, before = large.whole(group), small.whole(group)
        p50, p95, grown = kept.share(50), kept.share(95), kept.share(50) / before.share(50)
        good = p50 < middle and p95 < most and (group == "search" or grown <= GROWTH)
        is_well = is_well and good
        limit = "" if group == "search" else f" (limit {GROWTH})"
        print(
            f"{group:7} p50 {p50:6.1f} ms (limit {middle:.0f})  p95 {p95:6.1f} ms (limit {most:.0f})"
            f"  large / small {grown:5.2f}{limit}  {'reached' if good else 'MISSED'}"
        )
    return is_well


def main() -> int:
    """Fill, measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--scale", type=float, default=1.0, help="of the large database")
    parser.add_argument("--only", type=int, help="fill and measure one database, print JSON")
    args = parser.parse_args()
    if args.only:
        with ground() as place:
            with place.admin() as connection:
                company = found_company(connection, args.only)
                write_history(connection, company, args.only)
            say("measuring")
            measured = measure(company, args.only, args.rounds)
        print(json.dumps(measured.times, default=vars))
        return 0
    found = [_apart(cases, args.rounds) for cases in (args.small, int(args.large * args.scale))]
    show(found[0], args.small)
    show(found[1], int(args.large * args.scale))
    return 0 if judge(*found) else 1


def _apart(cases: int, rounds: int) -> Measured:
    """Measure in a process of its own: Django keeps one database for its life."""
    command = [sys.executable, __file__, "--only", str(cases), "--rounds", str(rounds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    times = json.loads(done.stdout)
    return Measured({group: {name: Times(**kept) for name, kept in kinds.items()} for group, kinds in times.items()})


if __name__ == "__main__":
    sys.exit(main())
