"""What the targets of a network share: keys, connections with retries, the reasons of failures."""

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import PlainValidator

from datagen.errors import Path, TargetError
from datagen.spec.record_schema import Specification
from datagen.targets.base import Target
from datagen.targets.envelopes.syslog import Syslog
from datagen.targets.message_keys import Label
from datagen.targets.public_address import bracketed
from datagen.targets.retry import RetryBudget
from datagen.validation import Positive, invalid_value, quoted

_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def _port(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 65_535:
        raise invalid_value(f"expected a whole number from 1 to 65535, not {quoted(value)}")
    return value


def _host(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\w.:%-]{1,253}", value):
        raise invalid_value(f"expected a host name or address, not {quoted(value)}")
    return value


Port = Annotated[int, PlainValidator(_port)]
Host = Annotated[str, PlainValidator(_host)]


class NetworkTarget(Target):
    """The base of targets that are an address: their keys, and the envelope of each record."""

    host: Host
    port: Port
    timeout: Positive = 30.0
    envelope: Syslog | None = None

    @property
    def name(self) -> str:
        """Return the name of the target in messages."""
        return address(self.type, self.host, self.port)

    def labels(self) -> Mapping[str, Label]:
        return self.envelope.labels() if self.envelope else {}

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from super().check(spec)
        for path, text in self.envelope.check(spec) if self.envelope else ():
            yield ("envelope", *path), text


Connect = Callable[[float], socket.socket]
"""Makes a connection within so many seconds."""


def address(kind: str, host: str, port: int) -> str:
    """Return the name of a target in messages."""
    return f"{kind} {bracketed(host)}:{port}"


def connect_with_retries(
    connect: Connect, retries: RetryBudget, within: float, *, first: bool
) -> socket.socket:
    """Return a connection, with retries for `within` seconds.

    The `first` one of a run is not retried for what will not get better. Raises the last OSError, or
    UnicodeError for a name that is none.
    """
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


def failure(name: str, error: Exception, delivered: int) -> TargetError:
    """Return the error of a target that a connection failed for."""
    return TargetError(name, reason_of(error), delivered)


def reason_of(error: Exception) -> str:
    """Return why a connection failed, without the number of the system's error."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    if isinstance(error, UnicodeError):
        return "this is not a host name"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
