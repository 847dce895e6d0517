"""Sends records over TCP, as lines or octet-counted messages, or over UDP, one a datagram."""

import contextlib
import errno
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, BinaryIO, Literal

import numpy as np
from pydantic import PlainValidator

from datagen.errors import Path, TargetError
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.targets.base import TARGETS, Sink, Target
from datagen.targets.delivered import Position
from datagen.targets.descriptor import complete_records
from datagen.targets.retry import RetryBudget, Timing
from datagen.targets.tls import ssl_context
from datagen.validation import Positive, invalid_value, quoted

MAX_DATAGRAM = 65_507  # bytes
CLOSE_TIMEOUT = 1.0  # seconds for the other side to close, so that it has read everything
STABLE = 1.0  # seconds after which a break of a connection is a new one
_CHUNK = 1 << 16  # bytes
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def _port(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 65_535:
        raise invalid_value(f"expected a whole number from 1 to 65535, not {quoted(value)}")
    return value


def _host(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\w.:%-]{1,253}", value):
        raise invalid_value(f"expected the name or the address of a host, not {quoted(value)}")
    return value


Port = Annotated[int, PlainValidator(_port)]
Host = Annotated[str, PlainValidator(_host)]


@TARGETS.register
class TcpTarget(Target):
    """Sends records over one connection, which is made anew when it breaks."""

    type: Literal["tcp"] = "tcp"
    host: Host
    port: Port
    framing: Literal["newline", "octet_counting"] = "newline"
    timeout: Positive = 30.0
    tls: bool = False
    ssl_cafile: str | None = None

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        if self.ssl_cafile is not None and not self.tls:
            yield ("ssl_cafile",), 'needs "tls": true'

    @property
    def name(self) -> str:
        """Return what errors call the target."""
        return _address(self.type, self.host, self.port)

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


Connect = Callable[[float], socket.socket]


class TcpSink(Sink):
    """Sends whole records; what the system has taken counts as delivered.

    After a break, the record that was under way is sent again from its beginning.
    """

    def __init__(
        self, target: TcpTarget, timing: Timing | None = None, connect: Connect | None = None
    ) -> None:
        super().__init__()
        self._target, self._timing = target, timing or Timing()
        trust = ssl_context(target.ssl_cafile) if target.tls else None
        self._open_connection = connect or partial(target.connect, trust)
        self._retries: RetryBudget | None = None  # with a connection that does not last
        self._since = 0.0  # when the connection was made
        self._header_sent = False
        self._socket: socket.socket | None = self._connect(first=True)

    def write(self, records: Rendered) -> None:
        framed = records.as_bytes()
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
                f"the connection broke at its end ({_reason(error)}); the last of the "
                f"{self.delivered} records may not have been read"
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
            text = f"{self._target.name}: the connection broke ({_reason(error)}); connecting again"
            self.warn(f"{text}; what was under way may not have been read")
        elif not self._retries.wait(self._target.timeout):
            raise _failure(self._target.name, error, self.delivered) from error

    def _connect(self, *, first: bool) -> socket.socket:
        within, retries = self._target.timeout, self._retries or RetryBudget(self._timing)
        try:
            made = _connect_with_retries(self._open_connection, retries, within, first=first)
        except (OSError, UnicodeError) as error:
            raise _failure(self._target.name, error, self.delivered) from error
        self._since, self._header_sent = self._timing.monotonic(), False
        return made


@TARGETS.register
class UdpTarget(Target):
    """Sends each record as a datagram of its own, without its newline."""

    type: Literal["udp"] = "udp"
    host: Host
    port: Port
    timeout: Positive = 30.0

    @property
    def name(self) -> str:
        """Return what errors call the target."""
        return _address(self.type, self.host, self.port)

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return UdpSink(self)

    def connect(self, seconds: float) -> socket.socket:
        """Return a socket that is connected to the address. Raises OSError."""
        del seconds
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.connect(address)
        except BaseException:
            made.close()
            raise
        return made


class UdpSink(Sink):
    """Sends datagrams; one that the other side's system reports as refused counts as failed.

    Such a report comes with the next datagram, so the last one sent is counted only then.
    """

    def __init__(
        self, target: UdpTarget, timing: Timing | None = None, connect: Connect | None = None
    ) -> None:
        super().__init__()
        self._target, self._timing = target, timing or Timing()
        self._too_long = self._refused = 0
        self._unconfirmed: int | None = None  # bytes of the last datagram
        self._has_sent = self._broken = False
        retries = RetryBudget(self._timing)
        try:
            reach = connect or target.connect
            self._socket = _connect_with_retries(reach, retries, target.timeout, first=True)
        except (OSError, UnicodeError) as error:
            raise _failure(target.name, error, 0) from error

    def write(self, records: Rendered) -> None:
        content, begin = records.as_bytes(), 0
        try:
            for end in content.ends.tolist():
                has_newline = content.encoding.has_newline and content.data[end - 1] == 10
                self._send(content.data[begin : end - has_newline])
                begin = end
        except BaseException:
            self._broken = True
            raise

    def flush(self) -> None:
        self._count_datagram(self._pending_error())

    def position(self) -> Position:
        """Return the position after all that was sent: what is lost is not sent again."""
        return Position(self.before + self.delivered + self.failed)

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._socket.close()
        lost = [f"{self._too_long} were longer than {MAX_DATAGRAM:,} bytes"] * bool(self._too_long)
        lost += [f"{self._refused} were refused, as nobody listens there"] * bool(self._refused)
        if lost and not self._broken:
            why = f"{self.failed} records were lost: {' and '.join(lost)}"
            raise TargetError(self._target.name, why, self.delivered)

    def _send(self, datagram: memoryview) -> None:
        if len(datagram) > MAX_DATAGRAM:
            self._count_too_long()
            return
        retries: RetryBudget | None = None
        while True:
            try:
                self._socket.send(datagram)
                error = 0 if self._has_sent else self._pending_error()
            except OSError as raised:
                error = raised.errno or errno.EIO
            if not error:
                self._count_datagram(0)
                self._unconfirmed, self._has_sent = len(datagram), True
                return
            if error == errno.EMSGSIZE:
                self._count_too_long()
                return
            if error == errno.ECONNREFUSED and self._has_sent:
                self._count_datagram(error)
                continue
            retries = retries or RetryBudget(self._timing)
            if not retries.wait(self._target.timeout):
                raise _failure(
                    self._target.name, OSError(error, os.strerror(error)), self.delivered
                )

    def _count_datagram(self, error: int) -> None:
        """Count the datagram that was under way, now that there is an error about it, or none."""
        if self._unconfirmed is None:
            return
        if error == errno.ECONNREFUSED:
            self.failed += 1
            self._refused += 1
            if self._refused == 1:
                text = "nobody listens there now; records are lost until somebody does"
                self.warn(f"{self._target.name}: {text}")
        else:
            self.delivered += 1
            self.bytes += self._unconfirmed
        self._unconfirmed = None

    def _count_too_long(self) -> None:
        self.failed += 1
        self._too_long += 1
        if self._too_long == 1:
            text = f"a record is longer than {MAX_DATAGRAM:,} bytes, which no datagram holds"
            self.warn(f"{self._target.name}: {text}")

    def _pending_error(self) -> int:
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


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


def _address(kind: str, host: str, port: int) -> str:
    return f"{kind} [{host}]:{port}" if ":" in host else f"{kind} {host}:{port}"


def _connect_with_retries(
    connect: Connect, retries: RetryBudget, within: float, *, first: bool
) -> socket.socket:
    """Return a connection, after retries. Raises the last OSError, or UnicodeError for a name."""
    while True:
        try:
            return connect(max(retries.left(within), 0.1))
        except (OSError, UnicodeError) as error:
            if _is_permanent(error, first=first) or not retries.wait(within):
                raise


def _is_permanent(error: Exception, *, first: bool) -> bool:
    """Return whether another attempt makes no sense."""
    unknown = isinstance(error, UnicodeError) or (
        isinstance(error, socket.gaierror) and error.errno in _NO_SUCH_NAME
    )
    no_tls = isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError)
    return first and (unknown or no_tls)


def _failure(name: str, error: Exception, delivered: int) -> TargetError:
    return TargetError(name, _reason(error), delivered)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    if isinstance(error, UnicodeError):
        return "this is no name of a host"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
