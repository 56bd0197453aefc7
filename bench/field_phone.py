"""The phones of the field's bench: each does what `frontend/field/` does, all of them in one process without Django."""

import asyncio
import hashlib
import json
import re
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

AT_ONCE = 48
POLL = 60.0
REFRESH = 0.4
TELLING = ("part_used", "outcome", "finish")
"""After which the app reads the day at once."""
LOST, OFFLINE = 0.02, 0.25
PICTURES = 6

# A repair in warranty, as the standard asks: minutes since the last one, photos before it, the entry.
VISIT: Sequence[tuple[float, int, str, str]] = (
    (1, 0, "contact", ""), (2, 0, "step", "analyse"), (3, 0, "step", "prepare"), (2, 0, "set_out", ""),
    (20, 0, "arrive", ""), (1, 0, "step", "knock"), (1, 0, "step", "enter"), (0.5, 0, "step", "shoe_covers"),
    (0.5, 0, "step", "toolbox"), (3, 0, "step", "listen"), (2, 1, "step", "genuine"), (5, 0, "diagnosis", ""),
    (16, 1, "step", "repair"), (1, 0, "safety", ""), (8, 1, "step", "test_run"), (2, 0, "step", "instruct"),
    (3, 1, "step", "tidy"), (2, 1, "signature", ""), (1, 0, "step", "goodbye"), (1, 0, "outcome", ""), (0.5, 0, "finish", ""),
)  # fmt: skip
PART_AFTER = 12
"""Before which entry a part is put in, in every fourth visit."""
STROKES = [[[12, 40], [30, 22], [48, 44], [70, 18]], [[80, 20], [96, 46], [120, 24]]]


@dataclass(frozen=True)
class Order:
    """A work order of today: how many entries of its visit are on the server already, and what its device is."""

    number: str
    case_id: int
    done: int
    serial: str
    fault: str
    part: str


@dataclass(frozen=True)
class Engineer:
    """One phone: its session, and the orders of its day in their order."""

    code: str
    name: str
    session: str
    orders: list[Order]


@dataclass
class Told:
    """What the phones say afterwards: milliseconds by kind, what was sent, and what went wrong."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes_of_days: int = 0
    entries: dict[str, int] = field(default_factory=Counter)
    photos: int = 0
    again: int = 0
    states: dict[str, int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0


class Answerless(Exception):
    """The connection broke before the answer came."""


class Phone:
    """One engineer's phone: it polls, records, keeps and sends, as `frontend/field/` does."""

    def __init__(self, engineer: Engineer, net: "Net", random: Random) -> None:
        self.engineer, self.net, self.random = engineer, net, random
        self.csrf, self.version, self.etag = "", 0, ""
        self.kept: list[dict[str, Any]] = []
        self.has_signal = True
        self.day_at = 0.0
        self.reading: asyncio.Task[None] | None = None
        self.sending = asyncio.Lock()
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def live(self, until: float, speed: float) -> None:
        """Poll, and do the visits one after the other."""
        await asyncio.sleep(self.random.uniform(0, min(POLL, (until - time.monotonic()) / 4)))
        await self.refresh()
        polls = asyncio.create_task(self.poll(until))
        for order in self.engineer.orders:
            await self.visit(order, until, speed)
            if time.monotonic() >= until:
                break
        self.has_signal = True
        await self.send()
        await polls
        if self.reading is not None:
            await self.reading

    async def poll(self, until: float) -> None:
        """Read the day each minute, wherever there is a signal."""
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(POLL, left))
            if self.has_signal and time.monotonic() < until:
                await self.refresh()

    async def visit(self, order: Order, until: float, speed: float) -> None:
        """Do what is left of a visit; a quarter of them loses the signal for a while."""
        parts = [(minutes, photos, kind, code) for minutes, photos, kind, code in VISIT]
        if self.random.random() < 0.25:
            parts.insert(PART_AFTER, (4, 0, "part_used", ""))
            done = order.done + (1 if order.done > PART_AFTER else 0)
        else:
            done = order.done
        gone = self.random.randrange(5, 12) if self.random.random() < OFFLINE else len(parts)
        first = True
        for place, (minutes, photos, kind, code) in enumerate(parts):
            if place < done:
                continue
            pause = minutes * 60 / speed * (self.random.random() if first else self.random.uniform(0.7, 1.3))
            first = False
            if time.monotonic() + pause >= until:
                await asyncio.sleep(max(0.0, until - time.monotonic()))
                return
            await asyncio.sleep(pause)
            self.has_signal = not gone <= place < gone + 6
            names = [await self.photograph(order) for _ in range(photos)]
            await self.record(order, kind, code, names)
        self.has_signal = True
        await self.send()

    async def photograph(self, order: Order) -> str:
        """Take a photo; it goes at once."""
        name = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        self.kept.append(
            {"type": "photo", "id": name, "order": order.number, "at": _now(), "seed": self.random.getrandbits(40)}
        )
        await self.send()
        return name

    async def record(self, order: Order, kind: str, code: str, photos: list[str]) -> None:
        """Record an entry; it goes at once."""
        data = data_of(order, kind, code, photos)
        name = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        self.kept.append({"type": "entry", "id": name, "order": order.number, "kind": kind, "at": _now(), "data": data})
        await self.send()

    async def send(self) -> None:
        """Send what is kept, in order: photos one by one, entries in bundles."""
        async with self.sending:
            while self.kept and self.has_signal:
                if self.kept[0]["type"] == "photo":
                    await self.send_photo(self.kept[0])
                    self.kept.pop(0)
                    continue
                count = next((place for place, one in enumerate(self.kept) if one["type"] == "photo"), len(self.kept))
                await self.send_entries(self.kept[:count])
                del self.kept[:count]

    async def send_photo(self, photo: dict[str, Any]) -> None:
        """Send a photo and hear that it is there."""
        picture = self.net.pictures[photo["seed"] % len(self.net.pictures)]
        # A comment after the begin of a JPEG makes each a photo of its own.
        comment = f"{photo['id']}".encode()
        file = picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture[2:]
        digest = hashlib.sha256(file).hexdigest()
        edge = f"----field{photo['id']}"
        values = {"id": photo["id"], "order": photo["order"], "sha256": digest, "taken_at": photo["at"]}
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in values.items()
        ]
        head = (
            "".join(parts)
            + f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{photo["id"]}.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        body = head.encode() + file + f"\r\n--{edge}--\r\n".encode()
        status, answer = await self.post("photo/", body, f"multipart/form-data; boundary={edge}", "photo")
        if status not in (200, 201) or answer.get("sha256") != digest:
            self.net.told.wrong.append(f"photo {status} {answer}")
        else:
            self.net.told.photos += 1

    async def send_entries(self, entries: list[dict[str, Any]]) -> None:
        """Send a bundle and hear what became of each entry."""
        sent = [{name: one[name] for name in ("id", "order", "kind", "at", "data")} for one in entries]
        body = {"device": f"bench-{self.engineer.code}", "sent_at": _now(), "standard": self.version, "entries": sent}
        kind = "finish" if any(one["kind"] == "finish" for one in entries) else "post"
        status, answer = await self.post("bundle/", json.dumps(body).encode(), "application/json", kind)
        results = answer.get("results", [])
        if status != 200 or len(results) != len(entries):
            self.net.told.wrong.append(f"bundle {status} {answer}")
        for one, result in zip(entries, results, strict=False):
            self.net.told.states[result["state"]] += 1
            self.net.told.entries[one["kind"]] += 1
            if result["state"] not in ("done", "repeated"):
                self.net.told.wrong.append(f"{one['kind']} {one['data'].get('code', '')}: {result}")
        if any(one["kind"] in TELLING for one in entries):
            self.answered()

    def answered(self) -> None:
        """Read the day soon after something arrived, once for all that arrives meanwhile."""
        if self.reading is None or self.reading.done():
            self.reading = asyncio.create_task(self.later())

    async def later(self) -> None:
        """Read the day when the sending has paused."""
        await asyncio.sleep(REFRESH)
        while self.kept and self.has_signal:
            await asyncio.sleep(REFRESH)
        if self.has_signal:
            await self.refresh()

    async def refresh(self) -> None:
        """Read the day; what is as it was comes as 304."""
        tag = f"If-None-Match: {self.etag}\r\n" if self.etag else ""
        began = time.perf_counter()
        try:
            async with self.net.turn:
                status, headers, body = await self.ask("GET", "day/", b"", tag)
        except Answerless:
            return
        self.day_at = time.monotonic()
        self.net.told.took["unchanged" if status == 304 else "poll"].append((time.perf_counter() - began) * 1000)
        self.net.told.bytes_of_days += len(body)
        if status == 200:
            day = json.loads(body)
            self.csrf, self.version = day["csrf"], day["standard"]["version"]
            self.etag = headers.get("etag", "")
        elif status != 304:
            self.net.told.wrong.append(f"day {status} {body[:200]!r}")

    async def post(self, address: str, body: bytes, content_type: str, kind: str) -> tuple[int, dict[str, Any]]:
        """Post until an answer comes; one in fifty is lost on its way, and all of it is sent again."""
        headers = (
            f"Content-Type: {content_type}\r\nX-CSRFToken: {self.csrf}\r\nX-Engineer: {quote(self.engineer.code)}\r\n"
            f"Origin: http://{self.net.host}\r\n"
        )
        is_lost = self.random.random() < LOST
        while True:
            began = time.perf_counter()
            try:
                async with self.net.turn:
                    status, _headers, answer = await self.ask("POST", address, body, headers, is_lost=is_lost)
            except Answerless:
                is_lost = False
                self.net.told.again += 1
                await asyncio.sleep(self.random.uniform(0.1, 1.0))
                continue
            self.net.told.took[kind].append((time.perf_counter() - began) * 1000)
            if status == 429:
                await asyncio.sleep(1)
                continue
            try:
                return status, json.loads(answer)
            except ValueError:
                return status, {"text": answer[:300].decode(errors="replace")}

    async def ask(
        self, method: str, address: str, body: bytes, headers: str, *, is_lost: bool = False
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request over the phone's own connection and read its answer."""
        head = (
            f"{method} /field/{address} HTTP/1.1\r\nHost: {self.net.host}\r\nAccept: application/json\r\n"
            f"Accept-Language: zh-CN\r\nCookie: jieli={self.engineer.session}; csrftoken={self.csrf}\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n"
        )
        streams, is_new = (self.idle.pop(), False) if self.idle else (None, True)
        try:
            reader, writer = streams = streams or await asyncio.open_connection(*self.net.address)
            writer.write(head.encode() + body)
            await writer.drain()
            if is_lost:
                await asyncio.sleep(self.random.uniform(0, 0.1))
                raise ConnectionResetError
            answer = (await reader.readuntil(b"\r\n\r\n")).decode()
            said = {name.lower(): value for name, value in re.findall(r"^([^:\r\n]+): *([^\r\n]*)", answer, re.MULTILINE)}
            whole = await reader.readexactly(int(said.get("content-length", 0)))
        except (OSError, asyncio.IncompleteReadError):
            if streams is not None:
                streams[1].close()
            if is_new or is_lost:
                raise Answerless from None
            # The server had closed a connection kept open: another one is opened, as browsers do.
            return await self.ask(method, address, body, headers)
        self.idle.append(streams)
        return int(answer.split(" ", 2)[1]), said, whole


@dataclass
class Net:
    """What all phones share: where the server is, how many may ask at once, what they saw."""

    address: tuple[str, int]
    turn: asyncio.Semaphore
    pictures: list[bytes]
    told: Told

    @property
    def host(self) -> str:
        """Return the host of the requests."""
        return f"{self.address[0]}:{self.address[1]}"


def _now() -> str:
    return datetime.now(UTC).isoformat()


def data_of(order: Order, kind: str, code: str, photos: list[str]) -> dict[str, Any]:
    """Return what an entry says."""
    records: dict[str, dict[str, Any]] = {
        "analyse": {"likely_fault": "排水泵不转", "part_needed": "on_van"},
        "prepare": {"tools": True, "parts": True, "papers": True},
        "knock": {"opened_by": "customer"},
        "enter": {"badge_shown": True},
        "shoe_covers": {"worn": True},
        "toolbox": {"mat": True},
        "listen": {"complaint": "洗完不排水，门打不开"},
        "genuine": {"serial": order.serial, "genuine": "yes"},
        "repair": {"done": "清理并更换排水泵"},
        "test_run": {"minutes": 12, "result": "ok"},
        "instruct": {"shown": True},
        "tidy": {"tools_counted": True},
        "goodbye": {"card": True},
    }
    other: dict[str, dict[str, Any]] = {
        "contact": {"text": "已和用户约好时间"},
        "set_out": {},
        "arrive": {"latitude": 31.2214, "longitude": 121.5447},
        "diagnosis": {"fault_code": order.fault, "note": "排水泵卡死"},
        "safety": {"voltage": 226, "earth_ohm": 0.8, "socket_ok": True},
        "part_used": {"part": order.part, "old_serial": f"O-{order.number}", "new_serial": f"N-{order.number}"},
        "signature": {"strokes": STROKES, "name": "王芳", "comment": "服务很好", "photo": photos[0] if photos else None},
        "outcome": {"result": "fixed", "note": "换泵后正常"},
        "finish": {},
    }
    return {"code": code, "records": records[code], "evidence": photos} if kind == "step" else other[kind]


def pictures(seed: int) -> list[bytes]:
    """Return photos as phones scale them: 1600 × 1200, 200 to 400 kB."""
    from PIL import Image

    made = []
    for number in range(PICTURES):
        chance = Random(seed * 100 + number)
        grain = Image.frombytes("RGB", (320, 240), chance.randbytes(320 * 240 * 3)).resize(
            (1600, 1200), Image.Resampling.BICUBIC
        )
        into = BytesIO()
        grain.save(into, "JPEG", quality=26 + 6 * number)
        made.append(into.getvalue())
    return made


def be_phones(file: Path) -> None:
    """Be all phones until the time is up, and print what they saw as JSON."""
    plan = json.loads(file.read_text())
    told, album = Told(), pictures(plan["seed"])

    async def all_of_them() -> None:
        net = Net(("127.0.0.1", plan["port"]), asyncio.Semaphore(AT_ONCE), album, told)
        until = time.monotonic() + plan["seconds"]
        phones = [
            Phone(
                Engineer(**{**one, "orders": [Order(**order) for order in one["orders"]]}),
                net,
                Random(f"{plan['seed']} {one['code']}"),
            )
            for one in plan["engineers"]
        ]
        await asyncio.gather(*(phone.live(until, plan["speed"]) for phone in phones))

    began = time.monotonic()
    asyncio.run(all_of_them())
    told.seconds, told.cpu = time.monotonic() - began, time.process_time()
    print(json.dumps(vars(told)))
