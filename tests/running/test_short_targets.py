"""What `-t` says in short is the target that a file would say at length."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import UsageError
from datagen.running.short_targets import short_target
from datagen.short_names import is_short
from tests.support.helpers import invoke
from tests.support.servers import HttpServer, TcpServer

RUN = ("-c", "example", "-n", "5", "-s", "2027-03-12", "--seed", "1")
KAFKA = {"type": "confluent", "servers": "a:9092,b:9092", "topic": "t"}


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("kafka://a:9092,b:9092/t", {**KAFKA, "security_protocol": "PLAINTEXT"}),
        ("kafka+confluent://a:9092,b:9092/t", {**KAFKA, "security_protocol": "PLAINTEXT"}),
        ("kafka+python://h/t", {"type": "kafka", "endpoint": "h", "topic": "t", "security_protocol": "PLAINTEXT"}),
        ("kafka://me:p%40ss@a:9092,b:9092/t", {**KAFKA, "username": "me", "password": "p@ss", "security_protocol": "SASL_SSL"}),
        ("kafka://me:${P}@h/t?security_protocol=SASL_PLAINTEXT",
         {"type": "confluent", "servers": "h", "topic": "t", "username": "me", "password": "${P}", "security_protocol": "SASL_PLAINTEXT"}),
        ('kafka://h/t?topic_key=user&timeout=5&options={"linger.ms":1}',
         {"type": "confluent", "servers": "h", "topic": "t", "security_protocol": "PLAINTEXT", "topic_key": "user", "timeout": 5, "options": {"linger.ms": 1}}),
        ("kafka://h/a%2Fb-{user}", {"type": "confluent", "servers": "h", "topic": "a/b-{user}", "security_protocol": "PLAINTEXT"}),
        ("kafka://h/t?transactional_id=7", {"type": "confluent", "servers": "h", "topic": "t", "security_protocol": "PLAINTEXT", "transactional_id": "7"}),
        ("tcp://h:514?framing=octet_counting", {"type": "tcp", "host": "h", "port": 514, "framing": "octet_counting"}),
        ("tls://[::1]:6514", {"type": "tcp", "host": "::1", "port": 6514, "tls": True}),
        ("UDP://h:514", {"type": "udp", "host": "h", "port": 514}),
        ("https://u:p@h/x?a=1", {"type": "http", "url": "https://u:p@h/x?a=1"}),
        ("postgresql://me:${P}@h/d?sslmode=require&schema=s&batch_records=7",
         {"type": "sql", "uri": "postgresql://me:${P}@h/d?sslmode=require", "schema": "s", "batch_records": 7}),
        ("postgres://h/d?table=t_{emitter}", {"type": "sql", "uri": "postgres://h/d", "table": "t_{emitter}"}),
        ("sqlite:///a%20b.db?create=false", {"type": "sql", "uri": "sqlite:///a%20b.db", "create": False}),
        ("duckdb:////x/a.duck", {"type": "sql", "uri": "duckdb:////x/a.duck"}),
        ("logs/%Y/a.log.zst", {"type": "file", "path": "logs/%Y/a.log.zst"}),
    ],
)  # fmt: skip
def test_short_forms(text: str, target: dict[str, Any]) -> None:
    """Each is the target of its keys."""
    assert is_short(text)
    assert short_target(text) == target


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kafk://h/t", 'no target has the scheme "kafk"; did you mean "kafka"?'),
        ("gopher://h", 'no target has the scheme "gopher"; one of kafka, kafka+confluent'),
        ("tcp://h:x", "Port could not be cast"),
        ("tcp://h:70000", "Port out of range"),
        ("udp://h:1/x", "expected udp://HOST:PORT"),
        ("tcp://me@h:1", "expected tcp://HOST:PORT"),
        ("kafka://[h/t", "Invalid IPv6 URL"),
    ],
)
def test_addresses_that_are_none(text: str, why: str) -> None:
    """One line says why."""
    with pytest.raises(UsageError) as refused:
        short_target(text)
    assert str(refused.value).startswith(f"-t {text}: {why}")
    outcome = invoke(*RUN, "-t", text)
    assert (outcome.status, outcome.out) == (2, b"")
    assert f"-t {text}: {why}" in outcome.err


def test_files_are_what_stdout_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a file of that name is there, whatever is in it; the ending gives the format."""
    monkeypatch.chdir(tmp_path)
    Path("out.jsonl").write_text('{"type": "null"}')
    expected = invoke(*RUN).out
    assert invoke(*RUN, "-t", "out.jsonl").status == 0
    assert Path("out.jsonl").read_bytes() == expected
    assert invoke(*RUN, "-t", "out.csv.gz").status == 0
    assert gzip.decompress(Path("out.csv.gz").read_bytes()) == invoke(*RUN, "--csv").out
    assert invoke(*RUN, "-t", "out.log", "--tsv").status == 0
    assert Path("out.log").read_bytes() == invoke(*RUN, "--tsv").out


def test_run_is_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a file that says it at length."""
    monkeypatch.chdir(tmp_path)
    whole = invoke("-c", "example", "-n", "10", "-s", "2027-03-12", "--seed", "1").out
    for _ in range(2):
        assert invoke(*RUN, "-t", "out.jsonl", "--resume", "state").status == 0
    assert Path("out.jsonl").read_bytes() == whole


def test_specification_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is called."""
    monkeypatch.chdir(tmp_path)
    Path("spec.log").write_bytes(
        Path(__file__).parents[2].joinpath("conf/gen/example.json").read_bytes()
    )
    outcome = invoke("-c", "spec.log", "-n", "5", "-s", "2027-03-12", "-t", "spec.log")
    assert outcome.status == 1
    assert outcome.err.endswith("the target would overwrite the specification, spec.log\n")
    assert json.loads(Path("spec.log").read_bytes())["states"]


def test_passwords_are_not_shown() -> None:
    """Neither in problems nor in errors."""
    outcome = invoke(*RUN, "-t", "kafka://me:secret@h:1/t?timeout=soon")
    assert outcome.err.endswith(
        'kafka://me:***@h:1/t?timeout=soon: timeout: expected a number, not "soon"\n'
    )
    assert "secret" not in invoke(*RUN, "-t", "kafkx://me:secret@h:1/t").err


def test_missing_keys_and_variables_are_told() -> None:
    """By the names that a file would have."""
    assert invoke(*RUN, "-t", "kafka://h:1").err.endswith("kafka://h:1: topic: missing\n")
    assert invoke(*RUN, "-t", "tcp://h").err.endswith("tcp://h: port: missing\n")
    outcome = invoke(*RUN, "-t", "kafka://me:${NO_SUCH}@h:1/t")
    assert 'password: the environment variable "NO_SUCH" is not set' in outcome.err


def test_servers_get_what_stdout_gets() -> None:
    """Records over TCP, the truth over HTTP."""
    with TcpServer() as tcp, HttpServer() as http:
        address, truth = f"tcp://127.0.0.1:{tcp.port}", f"http://127.0.0.1:{http.port}/truth"
        outcome = invoke(*RUN, "-t", address, "--truth", truth)
    assert outcome.status == 0, outcome.err
    assert tcp.received() == invoke(*RUN).out
    assert http.received().count(b"\n") == 5
