"""Sends a body to a URL once, and returns the answer, or why there is none."""

import re
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING

from datagen import __version__
from datagen.errors import TargetError
from datagen.one_line import first_line
from datagen.targets.envelopes.answers import Answer
from datagen.targets.retry import Timing
from datagen.targets.tls import ssl_context

if TYPE_CHECKING:
    import httpx

_LONGEST_BODY = 1 << 16  # bytes of an answer in which its first line is looked for
Redact = Callable[[str], str]


class UnsendableError(Exception):
    """A request that no further attempt can send; `str()` of it says why, without secrets."""


class HttpClient:
    """Sends bodies to one URL; `redacted` makes one line without secrets of what servers and clients say.

    Raises TargetError where httpx is missing, or the file of certificates is none.
    """

    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        timeout: float,
        ssl_cafile: str | None,
        redacted: Redact,
        timing: Timing,
    ) -> None:
        try:
            import httpx  # noqa: PLC0415 - only where it is needed
        except ImportError as error:
            raise TargetError("the http target needs httpx", 'pip install "httpx>=0.27"') from error
        ours = {"user-agent": f"datagen/{__version__}", "accept-encoding": "identity"}
        trust = ssl_context(ssl_cafile) if ssl_cafile else _usual_trust()
        self._client = httpx.Client(headers={**ours, **headers}, timeout=timeout, verify=trust)
        self._method, self._url, self._timeout = method, url, timeout
        self._redacted, self._timing = redacted, timing

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def attempt(self, body: bytes, headers: Mapping[str, str], most: int) -> Answer:
        """Send a body, and return the answer, of which at most so many bytes are read. Raises UnsendableError."""
        import httpx  # noqa: PLC0415

        try:
            with self._client.stream(
                self._method, self._url, content=body, headers=headers
            ) as response:
                return self._answer(response, most)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise UnsendableError(self._redacted(str(error))) from None
        except httpx.TransportError as error:
            text = str(error) or type(error).__name__
            # httpx tells a certificate that is not trusted from other failures only by the text of ssl
            if "CERTIFICATE_VERIFY_FAILED" in text:
                raise UnsendableError(self._redacted(text)) from None
            return Answer(0, self._redacted(re.sub(r"^\[Errno -?\d+\] ", "", text)))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnsendableError(self._redacted(str(error))) from None

    def _answer(self, response: "httpx.Response", most: int) -> Answer:
        status = response.status_code
        text = f"answered {status} {self._redacted(response.reason_phrase)}".rstrip()
        if response.is_redirect:
            return Answer(status, f"{text}; redirects are not followed")
        body, complete = self._drain(response, most)
        line = self._redacted(first_line(body[:_LONGEST_BODY].decode("utf-8", "replace")))
        wait = _seconds_to_wait(response.headers) if status >= 429 else 0.0
        return Answer(status, f"{text}: {line}" if line else text, wait, body, complete)

    def _drain(self, response: "httpx.Response", most: int) -> tuple[bytes, bool]:
        """Return the body of an answer, and whether it is all of it: up to a limit of bytes and time."""
        import httpx  # noqa: PLC0415

        until = self._timing.monotonic() + self._timeout
        data = bytearray()
        try:
            for chunk in response.iter_raw():
                data += chunk
                if len(data) > most or self._timing.monotonic() > until:
                    return bytes(data), False
        except httpx.TransportError:  # the status is there, which is enough for some
            return bytes(data), False
        return bytes(data), True


@cache
def _usual_trust() -> ssl.SSLContext:
    """Return a context that trusts the usual authorities, which takes long to read."""
    import httpx  # noqa: PLC0415

    return httpx.create_ssl_context()


def _seconds_to_wait(headers: Mapping[str, str]) -> float:
    """Return the seconds of Retry-After; where that is a date, counted from the date of the answer."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    now = headers.get("date", format_datetime(datetime.now(UTC)))
    try:
        until = parsedate_to_datetime(text) - parsedate_to_datetime(now)
    except (ValueError, TypeError):
        return 0.0
    return max(until.total_seconds(), 0.0)
