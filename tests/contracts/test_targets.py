"""What holds for every target: what is delivered, and how it is counted."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datagen.targets import TARGETS
from tests.support.files import LINE, file, run, to
from tests.support.machines import Spec
from tests.support.servers import HOST, HttpServer, TcpServer, UdpServer

Reader = Callable[[Path, bytes], bytes]
CONTRACT: dict[str, tuple[Spec, Reader]] = {  # how to reach a target, and what arrived there
    "stdout": ({"type": "stdout"}, lambda folder, out: out),
    "file": (file("${FOLDER}/x.jsonl"), lambda folder, out: (folder / "x.jsonl").read_bytes()),
    "tee": (
        {"type": "tee", "targets": [file("${FOLDER}/x.jsonl")]},
        lambda folder, out: (folder / "x.jsonl").read_bytes(),
    ),
}
SERVED: dict[str, Callable[[], HttpServer | TcpServer | UdpServer]] = {
    "http": HttpServer,
    "tcp": TcpServer,
    "udp": UdpServer,
}
UNSEEN = {"null"}  # nobody gets what it gets; tests/targets/test_tee.py has its counts
BROKERS = {"kafka", "confluent"}  # tests/targets/kafka/test_kafka.py has a broker for them
TABLES = {"sql"}  # what has no bytes; tests/targets/sql/test_target.py reads them back
MESSAGES = {"udp"}  # what gets each record by itself
FEW = {"udp": 200}  # what the system holds for one who does not read along


@pytest.fixture(params=sorted([*CONTRACT, *SERVED]))
def reached(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Spec, Callable[[bytes], bytes]]]:
    """Return each target, and a way to see what it got."""
    monkeypatch.setenv("FOLDER", str(tmp_path))
    kind = request.param
    if kind in CONTRACT:
        target, reader = CONTRACT[kind]
        yield target, lambda out: reader(tmp_path, out)
        return
    with SERVED[kind]() as server:
        place: Spec = {"host": HOST, "port": server.port}
        place = {"url": server.url} if isinstance(server, HttpServer) else place
        yield {"type": kind, **place}, lambda out: server.received()


def test_every_target_is_tested() -> None:
    """A new target needs its line above."""
    assert {*CONTRACT, *SERVED} | UNSEEN | BROKERS | TABLES == set(TARGETS)


def test_targets_get_the_same_bytes(reached: tuple[Spec, Callable[[bytes], bytes]]) -> None:
    """Records arrive in order, whole and unchanged; the summary counts them and their bytes."""
    target, received = reached
    n = FEW.get(target["type"], 5000)
    outcome = run("-n", str(n), spec=to(target))
    assert outcome.status == 0
    assert received(outcome.out) == run("-n", str(n)).out
    size = LINE - 1 if target["type"] == "udp" else LINE  # datagrams need no newlines
    assert f"\n{n:,} records, {n * size:,} bytes in " in outcome.err


def test_targets_take_no_records(reached: tuple[Spec, Callable[[bytes], bytes]]) -> None:
    """No records are delivered as well."""
    target, received = reached
    outcome = run("-n", "0", spec=to(target))
    assert (outcome.status, received(outcome.out)) == (0, b"")
    assert "\n0 records, 0 bytes in " in outcome.err


def test_header_stands_before_the_records_once(
    reached: tuple[Spec, Callable[[bytes], bytes]],
) -> None:
    """What goes to a stream or a file begins with the names of the columns; messages have none."""
    target, received = reached
    outcome = run("-n", "30", spec=to({**target, "format": "csv"}))
    lines = run("-n", "30", "--csv").out.splitlines(keepends=True)
    begun = target["type"] not in MESSAGES
    assert received(outcome.out) == b"".join(lines[0 if begun else 1 :])
    assert "\n30 records, " in outcome.err


def test_targets_come_from_the_command_line_too(
    reached: tuple[Spec, Callable[[bytes], bytes]], tmp_path: Path
) -> None:
    """`-t` means the same as `target` in the specification."""
    target, received = reached
    path = tmp_path / "target.json"
    path.write_text(json.dumps(target))
    outcome = run("-n", "10", "-t", str(path), spec=to(file("/no/such/folder/x")))
    assert received(outcome.out) == run("-n", "10").out
