"""Sends records over one TCP connection, as lines or as octet-counted messages."""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import BinaryIO, Literal

import numpy as np

from datagen.errors import Path, TargetError
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.one_line import plural
from datagen.targets.base import TARGETS
from datagen.targets.descriptor import complete_records
from datagen.targets.envelopes.syslog import SyslogMessages
from datagen.targets.network import (
    Connect,
    NetworkTarget,
    connect_with_retries,
    failure,
    reason_of,
)
from datagen.targets.retry import RetryBudget, Timing
from datagen.targets.sink import Sink
from datagen.targets.tls import ssl_context

CLOSE_TIMEOUT = 1.0  # seconds for the other side to close, so that it has read everything
STABLE = 1.0  # seconds after which a break of a connection is a new one
_CHUNK = 1 << 16  # bytes


@TARGETS.register
class TcpTarget(NetworkTarget):
    """Sends records over one connection, which is made anew when it breaks."""

    type: Literal["tcp"] = "tcp"
    framing: Literal["newline", "octet_counting"] = "newline"
    tls: bool = False
    ssl_cafile: str | None = None
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        for key in ("ssl_cafile", "ssl_certfile", "ssl_keyfile"):
            if getattr(self, key) is not None and not self.tls:
                yield (key,), 'needs "tls": true'
        if self.ssl_keyfile is not None and self.ssl_certfile is None:
            yield ("ssl_keyfile",), "needs ssl_certfile, whose key it is"

    def context(self) -> ssl.SSLContext | None:
        """Return what TLS is made with, where it is asked for. Raises TargetError."""
        if not self.tls:
            return None
        return ssl_context(self.ssl_cafile, self.ssl_certfile, self.ssl_keyfile)

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return TcpSink(self)

    def connect(self, trust: ssl.SSLContext | None, seconds: float) -> socket.socket:
        """Return a connection made within so many seconds. Raises OSError."""
        made = socket.create_connection((self.host, self.port), timeout=seconds)
        try:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if trust:
                made = trust.wrap_socket(made, server_hostname=self.host)
            made.settimeout(None)  # a peer that takes its time is no failure
        except BaseException:
            made.close()
            raise
        return made


class TcpSink(Sink):
    """Sends complete records; what the system has taken counts as delivered.

    After a break, the record that was under way is sent again from its beginning.
    """

    def __init__(
        self, target: TcpTarget, timing: Timing | None = None, connect: Connect | None = None
    ) -> None:
        super().__init__()
        self._target, self._timing = target, timing or Timing()
        self._messages = SyslogMessages(target.envelope) if target.envelope else None
        self._open_connection = connect or partial(target.connect, target.context())
        self._retries: RetryBudget | None = None  # with a connection that does not last
        self._since = 0.0  # when the connection was made
        self._header_sent = False
        self._socket: socket.socket | None = self._connect(first=True)

    def write(self, records: Rendered) -> None:
        framed = self._messages.wrap(records) if self._messages else records.as_bytes()
        if self._target.framing == "octet_counting":
            framed = octet_counted(framed)
        first = 0
        if not len(framed) and framed.encoding.header:
            self._send(framed)
        while first < len(framed):
            first += self._send(framed.rows(first, len(framed)))

    def close(self) -> None:
        """Wait a moment for the other side to close, which shows whether it has read everything."""
        if self._socket is None:
            return
        connection, self._socket = self._socket, None
        try:
            _shut_down(connection)
        except OSError as error:
            why = (
                f"the connection broke while closing ({reason_of(error)}); the last of the "
                f"{self.delivered} delivered {plural('record', self.delivered)} may not have been received"
            )
            raise TargetError(self._target.name, why) from error
        finally:
            connection.close()

    def _send(self, records: RecordBytes) -> int:
        """Send records; return how many were taken before the connection broke, if it did."""
        if self._socket is None:
            self._socket = self._connect(first=False)
        taken, broke = 0, None
        try:
            header = records.encoding.header
            if header and not self._header_sent:
                self._socket.sendall(header)
                self.bytes += len(header)
            self._header_sent = True
            while taken < len(records.data):
                taken += self._socket.send(records.data[taken : taken + _CHUNK])
        except OSError as error:
            broke = error
            self._disconnect()
        except BaseException:  # interrupted: the other side is not waited for
            self._disconnect()
            raise
        finally:
            lines = complete_records(records.ends, taken)
            self.delivered += lines
            self.bytes += int(records.ends[lines - 1]) if lines else 0
        if broke:
            self._on_disconnect(broke)
        return lines

    def _disconnect(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None

    def _on_disconnect(self, error: OSError) -> None:
        """Start to retry after a break; connections that break soon after one another count as one break."""
        lasted = self._timing.monotonic() - self._since >= STABLE
        if self._retries is None or lasted:
            self._retries = RetryBudget(self._timing)
            text = (
                f"{self._target.name}: the connection broke ({reason_of(error)}); connecting again"
            )
            self.warn(f"{text}; records in transit may not have been received")
        elif not self._retries.wait(self._target.timeout):
            raise failure(self._target.name, error, self.delivered) from error

    def _connect(self, *, first: bool) -> socket.socket:
        within, retries = self._target.timeout, self._retries or RetryBudget(self._timing)
        try:
            made = connect_with_retries(self._open_connection, retries, within, first=first)
        except (OSError, UnicodeError) as error:
            raise failure(self._target.name, error, self.delivered) from error
        self._since, self._header_sent = self._timing.monotonic(), False
        return made


def octet_counted(records: RecordBytes) -> RecordBytes:
    """Return records framed as in RFC 6587: their length in bytes, a space, the record, no newline."""
    starts = [0, *records.ends.tolist()]
    frames = []
    for begin, end in pairwise(starts):
        message = bytes(records.data[begin:end])
        message = message.removesuffix(b"\n") if records.encoding.has_newline else message
        frames.append(b"%d %b" % (len(message), message))
    ends = np.cumsum([len(frame) for frame in frames], dtype=np.int64)
    return RecordBytes(memoryview(b"".join(frames)), ends, replace(records.encoding, header=b""))


def _shut_down(connection: socket.socket) -> None:
    """Close our side of a connection, and wait a while for the other side to close its own.

    Raises OSError where it had not read everything.
    """
    connection.settimeout(CLOSE_TIMEOUT)
    if isinstance(connection, ssl.SSLSocket):
        with contextlib.suppress(ssl.SSLError, ValueError, TimeoutError):
            connection.unwrap()
    until = time.monotonic() + CLOSE_TIMEOUT
    with contextlib.suppress(TimeoutError):
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(_CHUNK) and time.monotonic() < until:
            pass
