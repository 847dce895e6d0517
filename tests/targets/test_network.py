"""What the targets tcp and udp share: their keys, and mistakes that no patience helps with."""

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import TargetError
from datagen.targets.tcp import TcpSink, TcpTarget
from datagen.targets.udp import UdpSink, UdpTarget
from tests.support.machines import Spec
from tests.support.network import run, tcp, timing
from tests.support.servers import FakeTime


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            "Name or service not known",
        ),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "[SSL: WRONG_VERSION_NUMBER]"),
        (UnicodeError("label empty or too long"), "this is not a host name"),
    ],
)
@pytest.mark.parametrize("kind", [(TcpTarget, TcpSink), (UdpTarget, UdpSink)])
def test_what_cannot_get_better_is_not_tried_again(error: Exception, said: str, kind: Any) -> None:
    """A host that is unknown at the start, or that speaks no TLS, is told at once."""
    time = FakeTime()

    def connect(seconds: float) -> socket.socket:
        raise error

    with pytest.raises(TargetError) as raised:
        kind[1](kind[0](host="somewhere", port=7), timing(time), connect)
    assert str(raised.value).endswith(f" somewhere:7: {said}; 0 records were delivered")
    assert time.pauses == []


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (tcp(0), "target.port: expected a whole number from 1 to 65535, not 0"),
        (tcp(65_536), "target.port: expected a whole number from 1 to 65535, not 65536"),
        ({"type": "tcp", "host": "x", "port": "80"}, 'target.port: expected a whole number from 1 to 65535, not "80"'),
        ({"type": "udp", "host": "x"}, "target.port: missing"),
        ({"type": "udp", "host": "", "port": 1}, 'target.host: expected a host name or address, not ""'),
        ({"type": "udp", "host": "http://x/", "port": 1}, "target.host: expected a host name or address"),
        (tcp(1, framing="octet"), 'target.framing: expected "newline" or "octet_counting", not "octet"'),
        (tcp(1, ssl_cafile="x"), 'target.ssl_cafile: needs "tls": true'),
        (tcp(1, timeout=0), "target.timeout: expected a number above 0, not 0"),
    ],
)  # fmt: skip
def test_wrong_key_is_refused(target: Spec, problem: str) -> None:
    """In one line that names its place and the remedy."""
    outcome = run(target)
    assert outcome.status == 1
    assert outcome.err.startswith(f"stdin: {problem}")


def test_missing_certificates_are_told(tmp_path: Path) -> None:
    """Before anything is sent; the file is named."""
    path = tmp_path / "ca.pem"
    outcome = run(tcp(1, tls=True, ssl_cafile=str(path)))
    assert outcome.err.endswith(f"\n{path}: No such file or directory\n")
