"""Bulk requests to Elasticsearch: what they hold, and what each item of an answer makes of its record."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.targets.envelopes.elastic_bulk import BulkRequests, ElasticBulk
from tests.support.collectors import Document, Elasticsearch
from tests.support.machines import Spec
from tests.support.records import rendered
from tests.support.sending import Sending, run, to
from tests.support.servers import HttpServer, Reply

BULK: Spec = {"type": "elastic_bulk", "index": "logs-{emitter}"}


def documents(*texts: str, ids: Any) -> Rendered:
    """Return records with ids."""
    labels = {"id": ids, "index": ["x"] * len(texts)}
    return rendered([text.encode() + b"\n" for text in texts], labels=labels)


def numbered(count: int, first: int = 0) -> Rendered:
    """Return so many records, whose ids are their numbers."""
    numbers = [str(n) for n in range(first, first + count)]
    return documents(*(f'{{"n":{n}}}' for n in numbers), ids=numbers)


def sending(elastic: Elasticsearch, *replies: Reply, **keys: Any) -> Sending:
    """Return a sink that leads to a stand-in, with ids that are the run's own."""
    envelope = {**BULK, **keys.pop("envelope", {})}
    return Sending(*replies, answer=elastic, envelope=envelope, **keys)


# What is sent -------------------------------------------------------------------------------------


def test_each_record_is_an_action_and_a_document() -> None:
    """Two lines; a text that the record does not have is left out."""
    records = rendered([b'{"a":1}\n', b"{}\n"], labels={"index": ["i", None], "id": ['1"', None]})
    made = BulkRequests("create", are_own=True).wrap(records)
    assert bytes(made.data) == (
        b'{"create":{"_index":"i","_id":"1\\""}}\n{"a":1}\n' + b'{"create":{}}\n{}\n'
    )
    assert (len(made), made.encoding.media_type) == (2, "application/x-ndjson")


@pytest.mark.parametrize(("text", "is_json"), [(b"a\n", False), (b"{\n}\n", True), (b"\n", True)])
def test_what_is_no_line_of_json_is_a_message(text: bytes, is_json: bool) -> None:
    """So that every document is one line."""
    made = BulkRequests("index", are_own=True).wrap(rendered([text], [1_999], is_json=is_json))
    action, document, end = bytes(made.data).split(b"\n")
    assert (json.loads(action), end) == ({"index": {}}, b"")
    message = text.removesuffix(b"\n").decode()
    expected = {"@timestamp": "1970-01-01T00:00:00.001Z", "message": message}
    assert json.loads(document) == expected


def test_documents_are_the_records() -> None:
    """In the index of their emitter, by the name of the run and the number of the event."""
    elastic = Elasticsearch()
    with HttpServer(answer=elastic) as server:
        outcome = run(to(server, envelope=BULK))
    assert outcome.status == 0
    assert list(elastic.documents.values()) == run().records
    names = [name for index, name in elastic.documents if index == "logs-e"]
    (run_name,) = {name.rpartition("-")[0] for name in names}
    assert re.fullmatch("[0-9a-f]{16}", run_name)
    assert names == [f"{run_name}-{n}" for n in range(1000)]
    assert f"\n1,000 records, {len(server.received()):,} bytes in " in outcome.err


def ids(*arguments: str, n: int = 100, envelope: Spec = BULK, **keys: Any) -> set[str]:
    """Return the ids of the documents of a run."""
    elastic = Elasticsearch()
    with HttpServer(answer=elastic) as server:
        assert run(to(server, envelope=envelope, **keys), n, *arguments).status == 0
    return {name for _, name in elastic.documents}


def test_ids_are_the_same_in_every_process_and_no_others_in_parts(tmp_path: Path) -> None:
    """And in the runs that resume it; another specification has others."""
    whole = ids()
    assert ids("-j", "2") == whole
    keep = "--resume", str(tmp_path / "at")
    assert ids(*keep, n=30) | ids(*keep, n=70) == whole
    parts = [ids("--part", f"{part}/2", "-m", "none") for part in range(2)]
    assert not parts[0] & parts[1]
    names = {name.rpartition("-")[0] for name in parts[0] | parts[1]}
    numbers = [[int(name.rpartition("-")[2]) for name in part] for part in parts]
    assert (len(names), [len(each) for each in numbers]) == (1, [50, 50])
    assert [{number % 2 for number in each} for each in numbers] == [{0}, {1}]
    others = [ids("-m", "7"), ids("--timezone", "Asia/Tokyo"), parts[0]]
    assert not whole & set().union(*others)


def test_ids_may_be_fields_or_elasticsearch_s_own() -> None:
    """`null` leaves them to the server."""
    assert ids(envelope={**BULK, "id": "{id}"}) == {each["id"] for each in run(n=100).records}
    assert ids(envelope={**BULK, "id": None}) == {f"own-{n}" for n in range(100)}


# What becomes of each record ----------------------------------------------------------------------


def test_items_have_their_own_fates() -> None:
    """Only those with 429 or 5xx are sent again; a refused one is counted, and told once with its reason."""

    def refusing(document: Document, attempt: int) -> int | None:
        n = document["n"]
        if n % 10 == 3:
            return 400
        return {4: 429, 5: 503}.get(n % 10) if attempt < 2 else None

    elastic = Elasticsearch(refusing)
    with pytest.raises(TargetError) as raised, sending(elastic, batch_records=20) as sent:
        sent.sink.write(numbered(40))
        assert sent.counts == (36, 4)
        assert sent.sink.position().records == 40
    assert sorted(elastic.attempts.values()) == [1] * 32 + [3] * 8
    assert [each["n"] for each in elastic.documents.values()][:8] == [0, 1, 2, 6, 7, 8, 9, 10]
    assert [body.count(b"\n") // 2 for body in sent.server.bodies] == [20, 4, 4] * 2
    said = "a record was answered 400: mapper_parsing_exception: failed to parse field [n]"
    busy = "429: es_rejected_execution_exception: rejected execution of coordinating operation"
    assert sent.warnings == [
        f"{sent.server.url}: {said}; such a record counts as failed",
        *[f"{sent.server.url}: a record was answered {busy}; trying again"] * 2,
    ]
    assert str(raised.value) == (f"{sent.server.url}: {said}; 36 records were delivered, 4 failed")


@pytest.mark.parametrize(
    "lost", [{"cut": True}, {"torn": True}, {"status": 503}, {"body": b"<html>"}]
)
@pytest.mark.parametrize("own", [True, False])
def test_conflict_after_a_lost_answer_is_a_delivery(lost: Spec, own: bool) -> None:
    """The documents are there once, whatever their ids are made of."""

    def losing(number: int, reply: Reply) -> Reply:
        return Reply(**{"body": reply.body, **lost}) if number == 0 else reply

    elastic = Elasticsearch(losing=losing)
    envelope = {} if own else {"id": "{n}"}
    with sending(elastic, envelope=envelope) as sent:
        sent.sink.write(numbered(3))
        sent.sink.flush()
        assert sent.counts == (3, 0)
    assert [each["n"] for each in elastic.documents.values()] == [0, 1, 2]
    assert len(sent.server.requests) == 2


@pytest.mark.parametrize(
    ("envelope", "counts"),
    [({}, (2, 0)), ({"id": "{n}"}, (0, 2)), ({"action": "index"}, (2, 0))],
)
def test_conflict_of_an_id_that_was_not_sent_is_a_refusal(
    envelope: Spec, counts: tuple[int, int]
) -> None:
    """Somebody else has it; but an id of the run and the event can only be the same record."""
    elastic = Elasticsearch()
    elastic.documents.update({("x", str(n)): {"other": n} for n in range(2)})
    sent = sending(elastic, envelope=envelope)
    try:
        with sent:
            sent.sink.write(numbered(2))
    except TargetError as error:
        assert "409: version_conflict_engine_exception: [0]: version conflict" in str(error)
    assert sent.counts == counts


def test_request_that_is_too_large_is_cut() -> None:
    """Until its parts fit; later ones begin smaller, and a record that is too large by itself is refused."""
    elastic = Elasticsearch(most_bytes=200)
    with pytest.raises(TargetError, match=r"answered 413.*; 32 records were delivered, 1 failed") as _, sending(elastic, batch_records=16) as sent:  # fmt: skip
        sent.sink.write(numbered(16))
        sent.sink.write(documents('{"n":"' + "x" * 200 + '"}', ids=["large"]))
        sent.sink.write(numbered(16, 16))
    assert [each["n"] for each in elastic.documents.values()] == list(range(32))
    refused = [body for body in sent.server.bodies if len(body) > 200]
    assert len(refused) < 7


UNDOCUMENTED = [
    b"", b"[]", b"{}", b'{"errors":false}', b'{"errors":false,"items":[]}', b'{"errors":true,"items":[{"create":{"status":201}}]}',
    b'{"errors":false,"items":[{"create":{"status":400}}]}', b'{"errors":false,"items":[{"create":{"status":"201"}}]}',
    b'{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}', b'{"items":[{"create":{"status":201}}]}',
    b'{"errors":false,"items":[{"create":{"status":201}}]', b'{"errors":false,"items":[{}]}', b"[" * 100_000,
    b'{"errors":false,"items":[{"create":null}]}', b'{"errors":false,"items":[7]}',
]  # fmt: skip


@pytest.mark.parametrize("body", UNDOCUMENTED)
def test_answer_that_is_not_as_documented_is_no_delivery(body: bytes) -> None:
    """The records are sent again, and fail in the end."""
    with sending(Elasticsearch(), *[Reply(body=body)] * 9, retry_seconds=0) as sent:
        with pytest.raises(TargetError) as raised:
            sent.sink.write(numbered(1))
            sent.sink.flush()
        assert sent.counts == (0, 1)
    said = "this is no answer of Elasticsearch's bulk interface: answered 200 OK"
    assert f"no success within 0 s: {said}" in str(raised.value)


def test_item_that_is_never_taken_ends_the_run() -> None:
    """What is before it is done with; what was taken after it is counted, and sent again by the next run."""

    def refusing(document: Document, _: int) -> int | None:
        return 429 if document["n"] == 2 else None

    elastic = Elasticsearch(refusing)
    with sending(elastic) as sent:
        with pytest.raises(
            TargetError, match=r"no success within 60 s: a record was answered 429: es_rej"
        ):
            sent.sink.write(numbered(5))
            sent.sink.flush()
        assert sent.counts == (4, 1)
        assert sent.sink.position().records == 2
        assert sum(sent.time.pauses) == pytest.approx(60)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_request_that_is_refused_as_a_whole_ends_the_run(status: int) -> None:
    """As without an envelope."""
    with sending(Elasticsearch(), Reply(status, b"no")) as sent:
        with pytest.raises(TargetError, match=f"answered {status} .*: no; 0 records were"):
            sent.sink.write(numbered(2))
            sent.sink.flush()
        assert sent.counts == (0, 2)


@pytest.mark.parametrize("seed", range(16))
def test_counts_are_what_is_there(seed: int) -> None:
    """Whatever is refused, lost, cut off or too large: delivered are the documents, failed the refused, and no other."""
    chance = random.Random(seed)
    refused = {n for n in range(60) if chance.random() < 0.1}

    def refusing(document: Document, _: int) -> int | None:
        if document["n"] in refused:
            return 400
        return chance.choice([429, 503, 503, None, None, None, None])

    def losing(_: int, reply: Reply) -> Reply:
        return Reply(
            chance.choice([200] * 8 + [502, 429]),
            reply.body,
            cut=chance.random() < 0.1,
            torn=chance.random() < 0.1,
        )

    elastic = Elasticsearch(refusing, losing, most_bytes=chance.choice([100, 300, 1 << 20]))
    sent = sending(elastic, batch_records=chance.randint(1, 30), retry_seconds=1e9)
    try:
        with sent:
            for first in range(0, 60, 15):
                sent.sink.write(numbered(15, first))
    except TargetError as error:
        assert "400: mapper_parsing_exception" in str(error)
    assert sent.counts == (60 - len(refused), len(refused))
    assert {each["n"] for each in elastic.documents.values()} == {*range(60)} - refused
    assert sent.sink.position().records == 60


# The whole command --------------------------------------------------------------------------------


def losing_nothing(_: int, reply: Reply) -> Reply:
    """Answer as it is."""
    return reply


def ending_at(last: int) -> Callable[[int, Reply], Reply]:
    """Refuse every request from one on, as a server does whose disk is full."""
    return lambda number, reply: reply if number < last else Reply(403, b"index is read-only")


@pytest.mark.parametrize(
    ("refused", "losing", "expected"),
    [
        (0, losing_nothing, (0, 100, 0)),
        (7, losing_nothing, (1, 93, 7)),
        (7, ending_at(5), (1, 43, 17)),  # seven that are refused, and the batch that ends the run
    ],
)
def test_status_and_summary_add_up(
    refused: int, losing: Any, expected: tuple[int, int, int], tmp_path: Path
) -> None:
    """Acknowledged, failed and unsent are what was generated."""
    records = run(n=100).records
    bad = {each["id"] for each in records[:28:4][:refused]}

    def refusing(document: Document, _: int) -> int | None:
        return 400 if document["id"] in bad else None

    elastic, file = Elasticsearch(refusing, losing), tmp_path / "summary.json"
    with HttpServer(answer=elastic) as server:
        target = to(server, envelope=BULK, batch_records=10)
        outcome = run(target, 100, "--summary", str(file))
    counts = json.loads(file.read_text())
    assert (outcome.status, counts["delivered"], counts["failed"]) == expected
    assert counts["status"] == outcome.status
    assert counts["delivered"] + counts["failed"] + counts["unsent"] == counts["generated"]
    there = [
        each for each in elastic.documents.values() if each in records[: 50 if refused else 100]
    ]
    assert ("a record was answered 400" in outcome.err) is bool(refused)
    assert len(there) == (43 if refused else 100)


def test_resumed_run_leaves_each_record_once(tmp_path: Path) -> None:
    """A run that ended in the middle of a batch is resumed: what arrived without an answer is there once."""
    keep = "--resume", str(tmp_path / "at"), "-q"
    elastic = Elasticsearch(losing=lambda n, reply: reply if n != 3 else Reply(403))
    with HttpServer(answer=elastic) as server:
        target = to(server, envelope=BULK, batch_records=10)
        assert [run(target, n, *keep).status for n in (70, 30, 40)] == [1, 0, 0]
    assert list(elastic.documents.values()) == run(n=100).records


@pytest.mark.parametrize(
    ("envelope", "problem"),
    [
        ({}, "target.envelope.type: missing; one of elastic_bulk, otlp, splunk_hec"),
        ({"type": "elastic"}, 'target.envelope.type: no envelope "elastic"; did you mean "elastic_bulk"?'),
        ("elastic", 'target.envelope.type: no envelope "elastic"; did you mean "elastic_bulk"?'),
        (7, 'target.envelope: expected an object such as {"type": "elastic_bulk", ...}, not 7'),
        ({**BULK, "id": "{@rnu}"}, 'target.envelope.id: no emitter has a field "@rnu"; did you mean "@run"?'),
        ({**BULK, "index": "}"}, 'target.envelope.index: "}" names no field; a brace is written "}}"'),
        ({**BULK, "action": "update"}, 'target.envelope.action: expected "create" or "index", not "update"'),
        ({**BULK, "host": "h"}, "target.envelope.host: unknown key"),
    ],
)  # fmt: skip
def test_wrong_key_is_refused(envelope: Any, problem: str) -> None:
    """In one line that names its place and the remedy."""
    outcome = run({"type": "http", "url": "http://host/_bulk", "envelope": envelope})
    assert outcome.status == 1
    assert outcome.err.startswith(f"stdin: {problem}")


def test_keys_of_splunk_do_not_go_with_it() -> None:
    """They are said where they are."""
    outcome = run({"type": "http", "url": "http://host/", "envelope": BULK, "index": "x"})
    assert outcome.err.startswith(
        "stdin: target.index: is a key of envelopes: write it in that object"
    )


def test_model_has_its_defaults() -> None:
    """Ids that make a run that is sent again leave each record once."""
    assert ElasticBulk().id == "{@run}-{@event}"
    assert ElasticBulk().action == "create"
