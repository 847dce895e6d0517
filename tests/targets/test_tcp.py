"""The target tcp: what arrives, what a break leaves, and how that is counted."""

import errno
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import TargetError
from datagen.targets.sink import Sink
from datagen.targets.tcp import TcpSink, TcpTarget
from tests.support.files import LINES
from tests.support.machines import Spec
from tests.support.network import TEXT, run, tcp, timing
from tests.support.records import rendered
from tests.support.servers import HOST, FakeTime, TcpServer, free_port


def frames(data: bytes) -> Iterator[bytes]:
    """Take octet-counted messages apart, as a server of syslog does."""
    while data:
        length, _, rest = data.partition(b" ")
        yield rest[: int(length)]
        data = rest[int(length) :]


def test_records_are_counted_messages() -> None:
    """With octet counting, each message is a record without its newline; all bytes are counted."""
    with TcpServer() as server:
        outcome = run(tcp(server.port, framing="octet_counting"))
    data = server.received()
    assert list(frames(data)) == run().out.splitlines()
    assert f"\n1,000 records, {len(data):,} bytes in " in outcome.err


def test_messages_are_counted_in_bytes() -> None:
    """Not in characters; a message may hold newlines, and be empty."""
    with (
        TcpServer() as server,
        TcpSink(TcpTarget(host=HOST, port=server.port, framing="octet_counting")) as sink,
    ):
        sink.write(rendered(["é\n".encode(), b"a\nb\n", b"\n"]))
    assert server.received() == b"2 \xc3\xa9" + b"3 a\nb" + b"0 "


def test_server_that_talks_loses_nothing() -> None:
    """What the other side says is not read, and does not break the connection at its end."""
    with TcpServer(greeting=b"hello" * 1000) as server:
        assert run(tcp(server.port)).status == 0
    assert server.received() == run().out


def test_run_goes_on_after_a_reset() -> None:
    """A new connection, which begins with a whole record; each has the records in their order."""
    n = 50_000
    with TcpServer(100_000, 300_000) as server:
        outcome = run(tcp(server.port), n=n)
        server.received(connections=3)
    assert outcome.status == 0
    assert f"\n{n:,} records, " in outcome.err
    assert outcome.err.count(": the connection broke (") == 1
    whole, place = run(n=n).out, 0
    for data in server.connections:
        assert data
        found = whole.index(data, place)
        assert found == 0 or whole[found - 1 : found] == b"\n"
        place = found + len(data)
    assert place == len(whole)


def test_reset_at_the_end_is_told() -> None:
    """The system took everything, but the other side went away before it had read it."""
    size = len(run(n=20).out)
    with TcpServer(size - 10) as server:
        outcome = run(tcp(server.port), n=20)
    assert outcome.status == 1
    assert "\n20 records, " in outcome.err
    assert re.search(r"\ntcp [\d.:]+: the connection broke while closing \(.+\); the last of the 20 delivered records may not have been received\n$", outcome.err)  # fmt: skip


def test_nobody_listens() -> None:
    """One line, with the reason, when the timeout has passed: status 1, nothing generated."""
    port = free_port()
    outcome = run(tcp(port, timeout=0.3))
    assert outcome.status == 1
    assert outcome.err.endswith(
        f"\ntcp {HOST}:{port}: Connection refused; 0 records were delivered\n"
    )


def test_listener_that_comes_late_is_found() -> None:
    """Attempts go on until the timeout, with pauses that double up to a limit."""
    target, time = TcpTarget(host=HOST, port=free_port(), timeout=30), FakeTime()
    with pytest.raises(TargetError, match="Connection refused; 0 records were delivered"):
        TcpSink(target, timing(time))
    assert time.pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 6.25]
    far, near = socket.socketpair()
    answers: Iterator[Any] = iter([ConnectionRefusedError(), TimeoutError(), near])

    def connect(seconds: float) -> socket.socket:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return near

    with far, TcpSink(target, timing(FakeTime()), connect) as sink:
        sink.write(rendered(LINES))
        assert far.recv(1000) == TEXT
        far.close()


class Wire:
    """Stands for connections: each takes some bytes and then breaks, the last takes all."""

    def __init__(
        self, *rooms: int, most: int = 1 << 30, failure: BaseException | None = None
    ) -> None:
        self.rooms, self.most = list(rooms), most
        self.failure = failure or ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        self.got: list[bytearray] = []

    def connect(self, seconds: float) -> Any:
        """Begin the next connection."""
        assert seconds > 0
        self.got.append(bytearray())
        self.room = self.rooms.pop(0) if self.rooms else 1 << 30
        return self

    def send(self, data: memoryview) -> int:
        """Take what there is room for."""
        if not self.room:
            raise self.failure
        taken = bytes(data[: min(self.room, self.most)])
        self.got[-1] += taken
        self.room -= len(taken)
        return len(taken)

    def settimeout(self, seconds: float) -> None:
        """Wait as long as it takes."""

    def shutdown(self, how: int) -> None:
        """Say that nothing more comes."""

    def recv(self, most: int) -> bytes:
        """Say nothing, and close."""
        return b""

    def close(self) -> None:
        """Let go."""


def write_twice(sink: Sink) -> None:
    """Write the lines in two batches."""
    sink.write(rendered(LINES))
    sink.write(rendered(LINES))


@pytest.mark.parametrize("most", [1, 5, 1000])
def test_cut_record_is_sent_again_as_a_whole(most: int) -> None:
    """Wherever a connection breaks; those that the system had taken as a whole are not repeated."""
    for room in range(2 * len(TEXT)):
        wire, warnings = Wire(room, most=most), list[str]()
        sink = TcpSink(TcpTarget(host="x", port=1), timing(FakeTime()), wire.connect)
        sink.set_warning_handler(warnings.append)
        with sink:
            write_twice(sink)
        cut = (TEXT * 2)[:room]
        whole = cut[: cut.rfind(b"\n") + 1]
        assert wire.got == [cut, (TEXT * 2)[len(whole) :]]
        assert (sink.delivered, sink.failed, sink.bytes) == (8, 0, 2 * len(TEXT))
        assert len(warnings) == 1


def test_connections_that_do_not_last_are_given_up() -> None:
    """A server that hangs up on each connection is no target: an end after the timeout, with counts."""
    time, wire = FakeTime(), Wire(*[8] * 99)
    sink = TcpSink(TcpTarget(host="x", port=1, timeout=5), timing(time), wire.connect)
    with pytest.raises(TargetError) as raised, sink:
        for _ in range(99):
            sink.write(rendered(LINES[:1]))
    count = sum(bytes(each).count(b"\n") for each in wire.got)
    assert str(raised.value) == f"tcp x:1: Connection reset by peer; {count} records were delivered"
    assert sink.delivered == count > 1
    assert sum(time.pauses) == 5


def test_connections_that_last_may_break_again() -> None:
    """The patience begins anew with each that lasted a while, as does the warning."""
    time, wire, warnings = FakeTime(), Wire(*[6] * 50), list[str]()
    with TcpSink(TcpTarget(host="x", port=1, timeout=5), timing(time), wire.connect) as sink:
        sink.set_warning_handler(warnings.append)
        for _ in range(50):
            sink.write(rendered(LINES[:1]))
            time.now += 60
    assert (sink.delivered, len(warnings), time.pauses) == (50, 49, [])


def test_interrupted_write_counts_what_was_taken() -> None:
    """Whole records only; and nobody waits for a goodbye then."""
    for room in range(len(TEXT)):
        wire = Wire(room, failure=KeyboardInterrupt())
        sink = TcpSink(TcpTarget(host="x", port=1), timing(FakeTime()), wire.connect)
        with pytest.raises(KeyboardInterrupt):
            sink.write(rendered(LINES))
        sink.close()
        assert sink.delivered == TEXT[:room].count(b"\n")
        assert wire.got == [TEXT[:room]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for this machine that nobody vouches for, with its key."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=t"
    subprocess.run(
        [openssl, *command.split(), "-addext", f"subjectAltName=IP:{HOST}", "-keyout", path, "-out", f"{path}.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


def serving(certificate: Path) -> ssl.SSLContext:
    """Return a server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_records_arrive_through_tls(certificate: Path) -> None:
    """The same bytes, when the file vouches for the server."""
    with TcpServer(trust=serving(certificate)) as server:
        outcome = run(tcp(server.port, tls=True, ssl_cafile=str(certificate)), n=20_000)
        assert server.received() == run(n=20_000).out
    assert outcome.status == 0, outcome.err


@pytest.mark.parametrize("shown", [True, False])
def test_server_may_want_a_certificate(certificate: Path, shown: bool) -> None:
    """The program shows the one it is given; without it, nothing is taken."""
    trust = serving(certificate)
    trust.verify_mode = ssl.CERT_REQUIRED
    trust.load_verify_locations(certificate)
    trust.maximum_version = ssl.TLSVersion.TLSv1_2  # which tells at once
    own = {"ssl_certfile": str(certificate)} if shown else {}
    with TcpServer(trust=trust) as server:
        outcome = run(tcp(server.port, tls=True, ssl_cafile=str(certificate), **own), n=100)
        assert server.received() == (run(n=100).out if shown else b"")
    assert outcome.status == (not shown), outcome.err


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"ssl_certfile": "x"}, 'target.ssl_certfile: needs "tls": true'),
        ({"tls": True, "ssl_keyfile": "x"}, "target.ssl_keyfile: needs ssl_certfile, whose key it is"),
    ],
)  # fmt: skip
def test_certificate_needs_what_belongs_to_it(keys: Spec, problem: str) -> None:
    """Otherwise it would not be used."""
    assert run(tcp(1, **keys)).err == f"stdin: {problem}\n"


def test_stranger_is_not_trusted(certificate: Path) -> None:
    """A certificate that nobody vouches for ends the run at once: status 1, and nothing is sent."""
    with TcpServer(trust=serving(certificate)) as server:
        outcome = run(tcp(server.port, tls=True))
        assert server.received() == b""
    assert outcome.status == 1
    assert f"\ntcp {HOST}:{server.port}: the certificate is not trusted: " in outcome.err
