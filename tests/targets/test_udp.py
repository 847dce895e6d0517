"""The target udp: one datagram a record, and those that are lost."""

import errno
import socket
from typing import Any

import pytest

from datagen.errors import TargetError
from datagen.targets.retry import Timing
from datagen.targets.udp import MAX_DATAGRAM, UdpSink, UdpTarget
from tests.support.files import LINES
from tests.support.helpers import invoke
from tests.support.machines import NEVER_ENDING
from tests.support.network import run, timing
from tests.support.records import rendered
from tests.support.servers import HOST, FakeTime, UdpServer, free_port


def test_records_are_datagrams() -> None:
    """One each, in order, without a newline."""
    with UdpServer() as server:
        outcome = run({"type": "udp", "host": HOST, "port": server.port}, n=100)
        assert server.datagrams() == run(n=100).out.splitlines()
    assert outcome.status == 0


def test_longest_datagram_passes_and_a_longer_one_fails() -> None:
    """It is counted, told once, and again at the end; the others are delivered."""
    warnings: list[str] = []
    long = b"x" * MAX_DATAGRAM
    with UdpServer() as server:
        sink = UdpTarget(host=HOST, port=server.port).open(None)  # type: ignore[arg-type]
        sink.set_warning_handler(warnings.append)
        sink.write(rendered([b"a\n", long + b"y\n", long + b"\n", long + b"zz\n", b"b\n"]))
        with pytest.raises(TargetError) as raised:
            sink.close()
        assert server.datagrams() == [b"a", long, b"b"]
    assert (sink.delivered, sink.failed, sink.bytes, len(warnings)) == (3, 2, len(long) + 2, 1)
    assert str(raised.value).endswith(
        ": 2 records were lost: 2 were longer than 65,507 bytes; 3 records were delivered"
    )


def test_run_with_lost_records_fails() -> None:
    """Status 1, and counts that add up."""
    long = {"name": "s", "type": "string", "length_distribution": {"type": "choice", "values": [5, 66_000]}}  # fmt: skip
    with UdpServer() as server:
        target = {"type": "udp", "host": HOST, "port": server.port}
        spec = {**NEVER_ENDING, "emitters": [{"name": "e", "dimensions": [long]}], "target": target}
        outcome = invoke("--seed", "1", "-s", "2027-03-12", "-n", "30", spec=spec)
        delivered = len(server.datagrams())
    assert outcome.status == 1
    assert 0 < delivered < 30
    lost = 30 - delivered
    assert (
        f"\n{delivered} records, {lost} not delivered ({lost} failed, 0 not sent), " in outcome.err
    )


def test_nobody_listens_for_datagrams() -> None:
    """Where the system tells so, at the start: one line when the timeout has passed."""
    time, port = FakeTime(), free_port(socket.SOCK_DGRAM)
    sink = UdpSink(UdpTarget(host=HOST, port=port, timeout=5), timing(time))
    with pytest.raises(TargetError) as raised, sink:
        sink.write(rendered(LINES))
    assert str(raised.value) == f"udp {HOST}:{port}: Connection refused; 0 records were delivered"
    assert sum(time.pauses) == 5
    assert (sink.delivered, sink.failed) == (0, 0)


def test_listener_that_comes_late_misses_nothing() -> None:
    """The first record is sent again until it is not refused."""
    port = free_port(socket.SOCK_DGRAM)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
        late.settimeout(20)
        timing = Timing(FakeTime().monotonic, lambda seconds: late.bind((HOST, port)))
        with UdpSink(UdpTarget(host=HOST, port=port), timing) as sink:
            sink.write(rendered(LINES))
        assert [late.recv(100) + b"\n" for _ in LINES] == LINES
    assert (sink.delivered, sink.failed) == (4, 0)


def test_refused_datagrams_are_counted() -> None:
    """A listener that goes away in the middle: each refused record has failed, those after it too."""
    warnings: list[str] = []
    with UdpServer() as server:
        sink = UdpSink(UdpTarget(host=HOST, port=server.port))
        sink.set_warning_handler(warnings.append)
        sink.write(rendered(LINES))
        sink.flush()
        assert sink.delivered == 4
    sink.write(rendered(LINES))
    with pytest.raises(TargetError) as raised:
        sink.close()
    assert (sink.delivered, sink.failed, len(warnings)) == (4, 4, 1)
    assert str(raised.value).endswith(
        ": 4 records were lost: 4 were refused because the port is closed; 4 records were delivered"
    )


class Air:
    """Stands for a socket of datagrams; some errors come first."""

    def __init__(self, *errors: int) -> None:
        self.errors, self.got = list(errors), list[bytes]()

    def connect(self, seconds: float) -> Any:
        """Return itself."""
        return self

    def send(self, data: memoryview) -> None:
        """Take a datagram, or fail."""
        if self.errors:
            raise OSError(self.errors.pop(0), "no")
        self.got.append(bytes(data))

    def getsockopt(self, level: int, option: int) -> int:
        """Tell of no error."""
        return 0

    def close(self) -> None:
        """Let go."""


def test_network_that_comes_back_loses_nothing() -> None:
    """The record at hand is sent again, until the timeout."""
    time, air = FakeTime(), Air(errno.ENETUNREACH, errno.ENOBUFS)
    with UdpSink(UdpTarget(host="x", port=1), timing(time), air.connect) as sink:
        sink.write(rendered(LINES))
    assert air.got == [line[:-1] for line in LINES]
    assert (sink.delivered, time.pauses) == (4, [0.25, 0.5])


def test_network_that_stays_away_ends_the_run() -> None:
    """With the reason, and what was delivered until then."""
    air = Air()
    sink = UdpSink(UdpTarget(host="x", port=1, timeout=5), timing(FakeTime()), air.connect)
    sink.write(rendered(LINES))
    sink.flush()
    air.errors += [errno.ENETUNREACH] * 99
    with pytest.raises(
        TargetError, match="udp x:1: Network is unreachable; 4 records were delivered"
    ):
        sink.write(rendered(LINES))
    sink.close()
    assert (sink.delivered, sink.failed) == (4, 0)
