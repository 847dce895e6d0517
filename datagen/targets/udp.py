"""Sends each record as a UDP datagram of its own."""

import errno
import os
import socket
from typing import BinaryIO, Literal

from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.one_line import plural, were
from datagen.targets.base import TARGETS
from datagen.targets.delivered import Position
from datagen.targets.envelopes.syslog import SyslogMessages
from datagen.targets.network import Connect, NetworkTarget, connect_with_retries, failure
from datagen.targets.retry import RetryBudget, Timing
from datagen.targets.sink import Sink

MAX_DATAGRAM = 65_507  # bytes


@TARGETS.register
class UdpTarget(NetworkTarget):
    """Sends each record as a datagram of its own, without its newline."""

    type: Literal["udp"] = "udp"

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
        self._messages = SyslogMessages(target.envelope) if target.envelope else None
        self._too_long = self._refused = 0
        self._unconfirmed: int | None = None  # bytes of the last datagram
        self._has_sent = self._broken = False
        retries = RetryBudget(self._timing)
        try:
            reach = connect or target.connect
            self._socket = connect_with_retries(reach, retries, target.timeout, first=True)
        except (OSError, UnicodeError) as error:
            raise failure(target.name, error, 0) from error

    def write(self, records: Rendered) -> None:
        content = self._messages.wrap(records) if self._messages else records.as_bytes()
        begin = 0
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
        return Position(self.records_before + self.delivered + self.failed)

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._socket.close()
        long, refused = self._too_long, self._refused
        lost = [f"{long} {were(long)} longer than {MAX_DATAGRAM:,} bytes"] * bool(long)
        lost += [f"{refused} {were(refused)} refused because the port is closed"] * bool(refused)
        if lost and not self._broken:
            what = f"{self.failed} {plural('record', self.failed)} {were(self.failed)} lost"
            why = f"{what}: {' and '.join(lost)}"
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
                raise failure(self._target.name, OSError(error, os.strerror(error)), self.delivered)

    def _count_datagram(self, error: int) -> None:
        """Count the datagram that was under way, now that there is an error about it, or none."""
        if self._unconfirmed is None:
            return
        if error == errno.ECONNREFUSED:
            self.failed += 1
            self._refused += 1
            if self._refused == 1:
                text = "the port is closed; records are lost until a program listens there"
                self.warn(f"{self._target.name}: {text}")
        else:
            self.delivered += 1
            self.bytes += self._unconfirmed
        self._unconfirmed = None

    def _count_too_long(self) -> None:
        self.failed += 1
        self._too_long += 1
        if self._too_long == 1:
            text = (
                f"a record is longer than {MAX_DATAGRAM:,} bytes, which does not fit in a datagram"
            )
            self.warn(f"{self._target.name}: {text}")

    def _pending_error(self) -> int:
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
