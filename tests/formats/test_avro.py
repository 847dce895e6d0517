"""Avro: files and messages that others decode to the values of the JSON run, and the schema of both."""

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import fastavro
import pytest

from datagen.formats.avro import Avro
from datagen.spec.parsing import parse_spec
from tests.guarantees.golden import FOLDER, SCHEMA, golden_schema
from tests.support.avro import schema_of
from tests.support.broker import Broker, Got, free_port
from tests.support.helpers import Outcome, invoke
from tests.support.kafka import SOCKETS_STAY_OPEN
from tests.support.machines import Spec
from tests.support.registry import SchemaRegistry
from tests.support.servers import HttpServer, Reply
from tests.support.tables import (
    EVERYTHING,
    PRESETS,
    checked,
    columns_of,
    enum,
    one_emitter,
    seen,
    told,
)

pytestmark = SOCKETS_STAY_OPEN
SECRET = "s3cr3t-w0rd"
BOTH = ("confluent", "kafka")


def run(*arguments: str, spec: Spec = EVERYTHING, n: int = 2500) -> Outcome:
    """Run the program with everything fixed but the target."""
    return invoke("--seed", "1", "-s", "2027-03-12", "-n", str(n), *arguments, spec=spec)


def into(path: Path, spec: Spec = EVERYTHING, **keys: Any) -> Spec:
    """Return a specification with a file target."""
    return {**spec, "target": {"type": "file", "path": str(path), **keys}}


def renamed(rows: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """Return rows with the names of columns in the place of those of Avro."""
    return [dict(zip(names, row.values(), strict=True)) for row in rows]


@pytest.mark.parametrize("codec", [None, "null", "zstandard"])
def test_file_has_the_values_of_the_json_run(codec: str | None, tmp_path: Path) -> None:
    """Every type of field, null, missing and nested; read by fastavro, schema and all."""
    path = tmp_path / "x.avro"
    form = {"format": {"type": "avro", "codec": codec}} if codec else {}
    outcome = run(spec=into(path, **form))
    assert outcome.status == 0, outcome.err
    with path.open("rb") as file:
        reader = fastavro.reader(file)
        rows: list[Any] = list(reader)
        assert reader.codec == (codec or "deflate")
        assert isinstance(reader.writer_schema, dict)
        assert reader.writer_schema["name"] == "Event"
    columns = columns_of(EVERYTHING)
    assert seen(renamed(rows, list(columns)), columns) == told(run().records, columns)
    assert f"2,500 records, {path.stat().st_size:,} bytes in " in outcome.err


@pytest.mark.long
@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: str(path.stem))
def test_presets_are_those_of_the_json_run(preset: Path, tmp_path: Path) -> None:
    """So are the presets; the record is called after the specification."""
    spec, path = json.loads(preset.read_bytes()), tmp_path / "x.avro"
    (tmp_path / "aim.json").write_text(json.dumps({"type": "file", "path": str(path)}))
    outcome = run("-c", preset.stem, "-t", str(tmp_path / "aim.json"), n=1000)
    assert outcome.status == 0, outcome.err
    with path.open("rb") as file:
        reader = fastavro.reader(file)
        rows: list[Any] = list(reader)
        assert isinstance(reader.writer_schema, dict)
        assert reader.writer_schema["name"] == preset.stem
    columns = columns_of(spec)
    assert seen(rows, columns) == told(run(spec=spec, n=1000).records, columns)


def test_same_run_makes_the_same_bytes(tmp_path: Path) -> None:
    """The mark between blocks follows from the schema."""
    for name in ("a.avro", "b.avro"):
        assert run(spec=into(tmp_path / name)).status == 0
    assert (tmp_path / "a.avro").read_bytes() == (tmp_path / "b.avro").read_bytes()


def test_schema_is_the_golden_one() -> None:
    """Its names, types, nulls and order; `python -m tests.guarantees.golden` renews it."""
    assert golden_schema() == (FOLDER / "schema.avsc").read_bytes()
    fastavro.parse_schema(json.loads(golden_schema()))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: str(path.stem))
def test_flag_prints_the_schema(preset: Path) -> None:
    """And nothing else happens: no record, no word."""
    outcome = invoke("-c", preset.stem, "--avro-schema")
    assert (outcome.status, outcome.err) == (0, "")
    schema = json.loads(outcome.out)
    assert schema["name"] == preset.stem
    assert schema == Avro(name=preset.stem).schema_of(checked(json.loads(preset.read_bytes())))


def test_flag_takes_the_options_of_the_target() -> None:
    """Where the records go as Avro, the schema is that of these records."""
    aim = {
        "type": "kafka",
        "endpoint": "h",
        "topic": "t",
        "format": {"type": "avro", "namespace": "a.b", "name": "N"},
    }
    schema = json.loads(invoke("--avro-schema", spec={**SCHEMA, "target": aim}).out)
    assert (schema["namespace"], schema["name"]) == ("a.b", "N")


def test_flag_tells_what_it_must() -> None:
    """Columns of several types, and what stands in the way of a schema."""
    outcome = invoke("--avro-schema", spec=one_emitter(enum("a", 1, "x")))
    assert outcome.status == 0
    text = 'warning: stdin: the column "a" holds values of several types; it is text that contains JSON\n'
    assert outcome.err == text
    outcome = invoke("--avro-schema", spec=one_emitter(enum("a")))
    assert (outcome.status, outcome.out) == (1, b"")
    outcome = invoke("--avro-schema", spec=one_emitter(enum("a b", 1), enum("a_b", 2)))
    text = 'stdin: Avro has the same name, "a_b", for the fields "a b" and "a_b"\n'
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", text)
    outcome = invoke("--avro-schema", "--validate", spec=SCHEMA)
    assert (outcome.status, outcome.out) == (2, b"")
    assert "--validate and --avro-schema contradict each other" in outcome.err


@pytest.mark.parametrize(
    ("dimensions", "names"),
    [
        ([enum("a", {"x-y": 1, "x y": 2})], '"x_y", for the fields "a.x-y" and "a.x y"'),
        ([enum("a", [{"é": 1, "è": 2}])], '"_", for the fields "a.é" and "a.è"'),
        ([enum("1", 1), enum("_1", 1)], '"_1", for the fields "1" and "_1"'),
    ],
)
def test_names_that_become_the_same_are_refused(
    dimensions: list[Spec], names: str, tmp_path: Path
) -> None:
    """On load, wherever Avro is asked for."""
    spec = one_emitter(*dimensions)
    problem = f"Avro has the same name, {names}\n"
    outcome = run("--validate", spec=into(tmp_path / "x.avro", spec))
    assert (outcome.status, outcome.err) == (1, f"stdin: target.path: {problem}")
    aim = {"type": "kafka", "endpoint": "h", "topic": "t", "format": "avro"}
    outcome = run("--validate", spec={**spec, "target": aim})
    assert (outcome.status, outcome.err) == (1, f"stdin: target.format: {problem}")


def test_nested_records_have_names_of_their_own() -> None:
    """Also where paths become the same text."""
    one, other = {"b": {"c": {"x": 1}}}, {"c": {"y": 1}}
    spec, _ = parse_spec(one_emitter(enum("a", one), enum("a_b", other)), "")
    schema = json.dumps(Avro().schema_of(spec))
    fastavro.parse_schema(json.loads(schema))
    for name in ("Event_a", "Event_a_b", "Event_a_b_c", "Event_a_b_", "Event_a_b__c"):
        assert schema.count(f'"type": "record", "name": "{name}"') == 1


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"name": "a b"}, 'name: expected letters, digits and underscores, no digit first, not "a b"'),
        ({"namespace": "a..b"}, 'namespace: expected names separated by dots, such as "com.example", not "a..b"'),
        ({"codec": "snappy"}, 'codec: expected "deflate", "zstandard" or "null", not "snappy"'),
        ({"codec": "null"}, '"codec" is for files; messages are compressed by the target'),
        ({"registry": "h:80"}, 'registry: expected an address such as "https://host:8088/path"'),
        ({"subject": "s"}, 'subject: is for a schema registry, and "registry" is missing'),
        ({"registry": "http://h", "username": "u"}, "password: missing"),
        ({"registry": "http://h", "password": SECRET}, "username: missing"),
        ({"registry": "http://h", "username": "u", "password": 5}, "password: expected a text"),
    ],
)  # fmt: skip
def test_wrong_options_are_refused(keys: Spec, problem: str) -> None:
    """On load, with their place."""
    aim = {"type": "kafka", "endpoint": "h", "topic": "t", "format": {"type": "avro", **keys}}
    outcome = run("--validate", spec={**SCHEMA, "target": aim})
    dot = ": " if problem.startswith('"') else "."
    assert (outcome.status, outcome.err) == (1, f"stdin: target.format{dot}{problem}\n")


def test_subject_must_be_given_where_topics_differ() -> None:
    """One schema has one subject."""
    form = {"type": "avro", "registry": "http://h"}
    aim = {"type": "kafka", "endpoint": "h", "topic": "t.{emitter}", "format": form}
    outcome = run("--validate", spec={**SCHEMA, "target": aim})
    problem = 'the topic is not the same for all records: give the "subject" of the schema'
    assert (outcome.status, outcome.err) == (1, f"stdin: target.format: {problem}\n")
    aim["format"] = {**form, "subject": "s"}
    assert run("--validate", spec={**SCHEMA, "target": aim}).status == 0


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """Return a broker."""
    made = Broker()
    yield made
    made.close()


@pytest.fixture
def topic() -> str:
    """Return a topic of the test's own."""
    return f"t-{uuid4().hex}"


def to(kind: str, address: str, topic: str, spec: Spec = EVERYTHING, **keys: Any) -> Spec:
    """Return the specification with a target of either kind; `keys` are those of the format."""
    place = {"kafka": "endpoint", "confluent": "servers"}[kind]
    aim = {
        "type": kind,
        place: address,
        "security_protocol": "PLAINTEXT",
        "topic": topic,
        "timeout": 5,
    }
    return {**spec, "target": {**aim, "format": {"type": "avro", **keys}}}


@pytest.mark.parametrize("kind", BOTH)
def test_message_is_the_record_in_binary(kind: str, broker: Broker, topic: str) -> None:
    """Without a registry: no more than the record, for whoever knows the schema."""
    outcome = run(spec=to(kind, broker.address, topic), n=1500)
    assert outcome.status == 0, outcome.err
    schema, columns = schema_of(), columns_of(EVERYTHING)
    got = broker.consumed(topic, number=1500)
    rows: list[Any] = []
    for each in got:
        data = io.BytesIO(each.value)
        rows.append(fastavro.schemaless_reader(data, schema, None))
        assert not data.read()
    assert _sorted(seen(renamed(rows, list(columns)), columns)) == _sorted(
        told(run(n=1500).records, columns)
    )
    assert f"1,500 records, {sum(len(each.value) for each in got):,} bytes in" in outcome.err


def decoded(got: list[Got], url: str, topic: str) -> list[Any]:
    """Return what Confluent's deserializer makes of messages; to import it takes a second."""
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from confluent_kafka.schema_registry.avro import AvroDeserializer
    from confluent_kafka.serialization import MessageField, SerializationContext

    decode = AvroDeserializer(SchemaRegistryClient({"url": url}))
    context = SerializationContext(topic, MessageField.VALUE)
    return [decode(each.value, context) for each in got]


@pytest.mark.long
@pytest.mark.parametrize("kind", BOTH)
def test_message_names_its_schema_in_the_registry(kind: str, broker: Broker, topic: str) -> None:
    """Confluent's own deserializer reads it, by the id that the registry gave."""
    with SchemaRegistry(first=70_000) as registry:
        keys: Spec = {
            "registry": registry.url,
            "username": "us:er",
            "password": SECRET,
            "namespace": "a.b",
        }
        outcome = run(spec=to(kind, broker.address, topic, **keys), n=300)
        assert outcome.status == 0, outcome.err
        assert registry.subjects == {f"{topic}-value": [70_000]}
        assert registry.users == ["Basic dXM6ZXI6czNjcjN0LXcwcmQ="]
        got = broker.consumed(topic, number=300)
        rows = decoded(got, registry.url, topic)
    columns = columns_of(EVERYTHING)
    assert _sorted(seen(renamed(rows, list(columns)), columns)) == _sorted(
        told(run(n=300).records, columns)
    )
    assert json.loads(registry.schemas[70_000])["namespace"] == "a.b"
    assert {each.value[:5] for each in got} == {b"\0" + (70_000).to_bytes(4, "big")}
    assert f"300 records, {sum(len(each.value) for each in got):,} bytes in" in outcome.err


def _sorted(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def test_subject_can_be_chosen(broker: Broker, topic: str) -> None:
    """Also for a topic that depends on the record; a user may stand in the address."""
    with SchemaRegistry() as registry:
        url = registry.url.replace("://", "://us%40er:s%2Fx@")
        spec = to(
            "confluent", broker.address, topic + ".{emitter}", SCHEMA, registry=url, subject="a/b c"
        )
        assert run(spec=spec, n=20).status == 0
    assert registry.subjects == {"a%2Fb%20c": [1]}
    assert registry.users == ["Basic dXNAZXI6cy94"]


def test_schema_is_registered_before_the_first_record(broker: Broker, topic: str) -> None:
    """Whether there is one or not."""
    with SchemaRegistry() as registry:
        assert (
            run(spec=to("confluent", broker.address, topic, registry=registry.url), n=0).status == 0
        )
    assert list(registry.subjects) == [f"{topic}-value"]


REFUSALS = [
    (401, b'{"error_code":40101,"message":"Unauthorized s3cr3t-w0rd"}', "it rejected the credentials (answered 401: Unauthorized ***)"),
    (403, b"<html>\n", "the user is not allowed to do this (answered 403: <html>)"),
    (409, b'{"error_code":409,"message":"incompatible:\\nfield x"}',
     'the schema is not compatible with that of "t-value" (answered 409: incompatible:)'),
    (422, b'{"error_code":42201,"message":"Invalid schema"}',
     'it rejected the schema for "t-value" (answered 422: Invalid schema)'),
    (404, b"", "(answered 404: Not Found)"),
    (200, b"{}", "expected the id of a schema, not {}"),
    (200, b'{"id": -1}', 'expected the id of a schema, not {"id": -1}'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "said"), REFUSALS, ids=[str(each[0]) for each in REFUSALS]
)
def test_refusal_of_the_registry_is_one_line(
    status: int, body: bytes, said: str, broker: Broker
) -> None:
    """At once, exit 1, no record, no secret."""
    with HttpServer(Reply(status, body)) as server:
        keys = {"registry": server.url, "username": "u", "password": SECRET}
        outcome = run("-q", spec=to("confluent", broker.address, "t", SCHEMA, **keys), n=20)
    assert outcome.status == 1
    address = server.url.rstrip("/")
    assert outcome.err.splitlines()[1:] == [
        f"schema registry {address}: {said}; 0 records were delivered"
    ]
    assert len(server.requests) == 1


@pytest.mark.long
def test_registry_that_recovers_is_asked_again(broker: Broker, topic: str) -> None:
    """Within the target's timeout."""
    with HttpServer(Reply(503), Reply(cut=True), Reply(body=b'{"id": 7}')) as server:
        spec = to("confluent", broker.address, topic, SCHEMA, registry=server.url)
        outcome = run("-q", spec=spec, n=5)
    assert outcome.status == 0, outcome.err
    assert len(server.requests) == 3
    assert json.loads(server.requests[0].body)["schema"].startswith('{"type":"record"')
    assert {each.value[:5] for each in broker.consumed(topic, number=5)} == {b"\0\0\0\0\7"}


@pytest.mark.parametrize("kind", BOTH)
def test_registry_that_is_away_is_one_line(kind: str, broker: Broker, topic: str) -> None:
    """Within the target's timeout, without the secrets of its address."""
    url = f"http://user:{SECRET}@127.0.0.1:{free_port()}/path"
    spec = to(kind, broker.address, topic, SCHEMA, registry=url)
    spec["target"]["timeout"] = 0.5
    began = time.monotonic()
    outcome = run("-q", spec=spec, n=20)
    assert time.monotonic() - began < 5
    assert outcome.status == 1
    (line,) = outcome.err.splitlines()[1:]
    host = url.rpartition("@")[2].removesuffix("/path")
    assert line.startswith(f"schema registry http://{host}: no success within 0.5 s (")
    assert line.endswith("); 0 records were delivered")
    assert SECRET not in line


def test_secrets_of_the_registry_stay_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come from the environment, and no text of the target shows them."""
    monkeypatch.setenv("REGISTRY_PASSWORD", SECRET)
    keys = {"registry": f"http://u:{SECRET}@h", "username": "u", "password": "${REGISTRY_PASSWORD}"}
    outcome = run("--validate", "-v", spec=to("kafka", "h", "t", SCHEMA, **keys))
    assert outcome.status == 0
    assert SECRET not in outcome.err
    form = Avro.model_validate({"type": "avro", **keys, "password": SECRET})
    empty = form.compile(parse_spec(SCHEMA, "")[0]).empty()
    assert SECRET not in repr(form) + repr(empty.encoding.registration)
