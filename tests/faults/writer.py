"""A writer for the fault test: opens cases, takes, writes, promises and passes them, and keeps what was acknowledged.

Each operation has an Idempotency-Key of its own and is sent until it is answered. Only what was acknowledged is appended to
the file, with fsync, before the next operation begins. A refusal ends it: all it asks for is
allowed. Usage: writer.py PORT TOKENS.json NUMBER SEED ACKNOWLEDGED STOP [goes-on], the last for a build known to be broken.
"""

import http.client
import json
import os
import random
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Refused(Exception):
    """An operation that must succeed was refused: a fault of its own."""


class Writer:
    def __init__(self, port, people, number, seed, acknowledged, stop, *, goes_on):
        self.goes_on = goes_on
        self.port, self.people, self.me = port, people, people[number]
        self.dice = random.Random(f"{seed} {number}")
        self.file = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.stop = Path(stop)
        self.connection = None

    def run(self):
        while not self.stop.exists():
            try:
                self.one_case()
            except Refused:
                if not self.goes_on:
                    raise

    def one_case(self):
        key = self.new_key()
        need = {
            "kind": "enquiry",
            "subject": key,
            "customer": {"name": "王芳", "phone": f"139{self.dice.randrange(10**8):08d}"},
        }
        number = self.act("open", key, "/cases", need)["number"]
        case = f"/cases/{number}"
        self.act("take", self.new_key(), f"{case}/take", None, number=number)
        for _ in range(self.dice.randrange(1, 4)):
            key = self.new_key()
            self.act("message", key, f"{case}/messages", {"body": key, "visible": self.dice.random() < 0.5}, number=number)
        due_at = datetime.now(UTC) + timedelta(seconds=self.dice.uniform(2, 5))
        given = {"kind": "part_delivery", "due_at": due_at.isoformat(), "told": True}
        self.act("promise", self.new_key(), f"{case}/promises", given, number=number)
        other = self.dice.choice([one for one in self.people if one != self.me])
        key = self.new_key()
        offer = self.act("offer", key, f"{case}/passes", {"to": other["code"], "done": key, "next": "约上门"}, number=number)
        key = self.new_key()
        path = f"/passes/{offer['id']}/accept"
        self.act("accept", key, path, {"restatement": key}, number=number, token=other["token"])

    def new_key(self):
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def act(self, what, key, path, body, *, number="", token=""):
        end = time.monotonic() + 120
        while time.monotonic() < end:
            status, answer = self.send(path, body, key, token or self.me["token"])
            if status in (200, 201):
                line = {"what": what, "key": key, "number": number or answer["number"], "id": answer.get("id", 0)}
                os.write(self.file, (json.dumps(line) + "\n").encode())
                os.fsync(self.file)
                return answer
            if status == 404 and self.goes_on and time.monotonic() < end - 118:
                time.sleep(0.2)
                continue
            if status in (0, 429) or status >= 500 or answer.get("code") == "in_progress":
                time.sleep(self.dice.uniform(0.02, 0.2))
                continue
            if status == 422 and "due_at" in answer.get("fields", {}):
                return answer  # the promised time passed while nobody answered
            raise Refused(f"{what} {path}: {status} {answer}")
        raise Refused(f"{what} {path}: no answer for two minutes")

    def send(self, path, body, key, token):
        """Return status and answer; 0 when nothing came back, which says nothing about whether it happened."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"}
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            self.connection.request("POST", f"/api/v1{path}", b"" if body is None else json.dumps(body).encode(), headers)
            answer = self.connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content)
        except (OSError, http.client.HTTPException, ValueError):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return 0, {}


if __name__ == "__main__":
    port, people, number, seed, acknowledged, stop, *goes_on = sys.argv[1:]
    everyone = json.loads(Path(people).read_text())
    Writer(int(port), everyone, int(number), seed, acknowledged, stop, goes_on=bool(goes_on)).run()
