"""Many events in one statement: the same chains as one by one, and no way past the chain for the application."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from django.db import DatabaseError, connection, connections, transaction

from jieli.events.actions import Batch, Happened, append_batch, append_history, record
from jieli.events.actor import import_actor
from jieli.events.anchors import breaks
from jieli.events.facts import Fact, Text
from jieli.events.models import Event, Head
from jieli.lib import clock

IMPORT = import_actor("test")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ZEROS = "decode(repeat('00', 32), 'hex')"


@dataclass(frozen=True, slots=True)
class UnitNamed(Fact):
    """A fact with a text."""

    type: ClassVar[str] = "tests.unit_named"
    stream: ClassVar[str] = "unit"
    sentence: ClassVar = "%(name)s"

    unit_id: int
    name: Text


def a_batch(*stream_ids: int) -> Batch:
    batch = Batch()
    for place, stream_id in enumerate(stream_ids):
        batch.add("case", stream_id, LONG_AGO, "cases.noted", f'{{"place":{place},"text":"“引号”\\\\ \\""}}')
    return batch


@pytest.mark.django_db
def test_a_batch_is_chained_as_one_by_one() -> None:
    with transaction.atomic():
        ids = append_batch(a_batch(901, 902, 901), actor=IMPORT)
        ids += append_batch(a_batch(902, 903), actor=IMPORT)
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into events_event (stream, stream_id, sequence, actor_kind, actor_name, type, data, previous, hash) "
                "values ('case', 901, 0, 'system', 'x', 'cases.noted', '{}', '', '')"
            )
    assert list(breaks()) == []
    found = Event.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "stream_id", "sequence", "data__place")
    assert [row[1:] for row in found] == [(901, 1, 0), (902, 1, 1), (901, 2, 2), (902, 2, 0), (903, 1, 1)]
    assert [row[0] for row in found] == ids
    assert dict(Head.objects.filter(stream="case").values_list("stream_id", "sequence")) == {901: 3, 902: 2, 903: 1}
    one = Event.objects.get(pk=ids[0])
    assert (one.at, one.actor_kind, one.actor_name, one.data["text"]) == (LONG_AGO, "import", "test", '“引号”\\ "')


@pytest.mark.django_db
def test_an_event_of_a_batch_never_lies_in_the_future() -> None:
    batch = Batch()
    batch.add("case", 901, datetime(2999, 1, 1, tzinfo=UTC), "cases.noted", "{}")
    with transaction.atomic():
        (event_id,) = append_batch(batch, actor=IMPORT)
    assert Event.objects.get(pk=event_id).at <= clock.now()


@pytest.mark.django_db
def test_facts_with_texts_keep_their_digest() -> None:
    fact = UnitNamed(unit_id=901, name="网点")
    with transaction.atomic():
        append_history([Happened(fact, LONG_AGO), Happened(fact, LONG_AGO)], actor=IMPORT)
        record(fact, actor=IMPORT)
    assert Head.objects.get(stream="unit", stream_id=901).sequence == 3
    assert list(breaks()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("previous", ["''", ZEROS])
def test_a_hash_that_the_application_brings_along_is_not_taken(previous: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into events_event (stream, stream_id, sequence, at, recorded_at, actor_kind, actor_name, type, data, "
            f"previous, hash) values ('case', 901, 7, company_now(), '2020-01-01', 'system', 'x', 'cases.noted', '{{}}', "
            f"{previous}, {ZEROS})"
        )
    event = Event.objects.get(stream="case", stream_id=901)
    assert (event.sequence, bytes(event.previous)) == (1, b"")
    assert bytes(event.hash) != bytes(32)
    assert event.recorded_at.year > 2020
    assert list(breaks()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "attack",
    [
        "set role {owner}",
        "set session authorization {owner}",
        "create or replace function events_inserts_as_owner() returns boolean language sql as 'select true'",
        "alter function events_append owner to current_user",
        "alter table events_event disable trigger events_chain",
        "drop trigger events_chain on events_event",
        "set session_replication_role = replica",
        "insert into events_head (stream, stream_id, sequence, hash, xact) values ('case', 901, 9, '', 0)",
        "update events_head set sequence = 0",
        "create temporary table events_head (stream text, stream_id bigint, sequence int, hash bytea, xact bigint)",
        "create function pg_temp.sha256(bytea) returns bytea language sql as 'select $1'",
    ],
)
def test_the_application_cannot_go_past_the_chain(attack: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_userbyid(relowner), current_user from pg_class where oid = 'events_event'::regclass")
        owner, me = cursor.fetchone()
    assert owner != me
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack.format(owner=owner))


@pytest.mark.django_db(transaction=True)
def test_batches_that_begin_the_same_chains_at_once_wait_for_each_other() -> None:
    faults: list[BaseException] = []
    together = threading.Barrier(4)

    def append() -> None:
        try:
            together.wait()
            for _round in range(5):
                with transaction.atomic():
                    append_batch(a_batch(*range(950, 900, -1), *range(900, 950)), actor=IMPORT)
        except BaseException as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert list(breaks()) == []
    assert set(Head.objects.filter(stream="case").values_list("sequence", flat=True)) == {20, 40}
