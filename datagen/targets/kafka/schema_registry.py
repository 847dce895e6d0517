"""Registers the schema of messages with a Confluent Schema Registry, over HTTP."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from datagen import __version__
from datagen.errors import TargetError
from datagen.formats.encoding import Registration
from datagen.one_line import first_line, printable
from datagen.targets.public_address import public_address
from datagen.targets.retry import RetryBudget, Timing
from datagen.targets.tls import ssl_context

if TYPE_CHECKING:
    import httpx

_MEDIA = "application/vnd.schemaregistry.v1+json"
_MAGIC = b"\x00"  # of the wire format; four bytes of the schema's id follow
_LONGEST_LINE = 200  # characters of an answer that are shown
_MEANINGS = {
    401: "it rejected the credentials",
    403: "the user is not allowed to do this",
    409: 'the schema is not compatible with that of "{}"',
    422: 'it rejected the schema for "{}"',
}


class SchemaRegistry:
    """A schema registry, with a schema for it; no error shows its secrets."""

    def __init__(self, registration: Registration, timeout: float, timing: Timing) -> None:
        self._registration, self._timeout, self._timing = registration, timeout, timing
        self._parts = urlsplit(registration.registry.get_secret_value())

    @property
    def name(self) -> str:
        """Return the part of the address that is no secret."""
        return public_address(self._parts)

    def message_prefix(self, subject: str) -> bytes:
        """Register the schema under a subject; return the bytes before each message, with its id.

        Raises TargetError: at once where the registry refuses, else when time is up.
        """
        retries, url = RetryBudget(self._timing), self._url(subject)
        with self._client() as client:
            while True:
                status, answer = self._post(client, url, max(retries.left(self._timeout), 0.1))
                if status == 200:
                    return self._prefix_of(answer)
                text = f"answered {status}: {answer}" if status else answer
                if 0 < status < 500 and status != 429:
                    raise self._error(
                        f"{_MEANINGS.get(status, '').format(subject)} ({text})".strip()
                    )
                if not retries.wait(self._timeout):
                    raise self._error(f"no success within {self._timeout:g} s ({text})")

    def _url(self, subject: str) -> str:
        host = self._parts.netloc.rpartition("@")[2]
        path = f"{self._parts.path.rstrip('/')}/subjects/{quote(subject, safe='')}/versions"
        return urlunsplit((self._parts.scheme, host, path, self._parts.query, ""))

    def _client(self) -> "httpx.Client":
        import httpx  # noqa: PLC0415 - only where it is needed

        user = self._user()
        return httpx.Client(
            headers={"user-agent": f"datagen/{__version__}", "accept": _MEDIA},
            auth=httpx.BasicAuth(*user) if user else None,
            verify=ssl_context(self._registration.ssl_cafile)
            if self._registration.ssl_cafile
            else True,
        )

    def _user(self) -> tuple[str, str] | None:
        if self._registration.username is not None and self._registration.password is not None:
            return self._registration.username, self._registration.password.get_secret_value()
        if self._parts.username is not None:
            return unquote(self._parts.username), unquote(self._parts.password or "")
        return None

    def _post(self, client: "httpx.Client", url: str, timeout: float) -> tuple[int, str]:
        """Return the status and the text of the answer; 0 and the error where there was none."""
        import httpx  # noqa: PLC0415

        body = json.dumps({"schema": self._registration.schema})
        try:
            response = client.post(
                url, content=body, headers={"content-type": _MEDIA}, timeout=timeout
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return 0, self._redacted(str(error) or type(error).__name__)
        text = response.text if response.is_success else self._message(response)
        return response.status_code, text

    def _prefix_of(self, answer: str) -> bytes:
        try:
            number = json.loads(answer)["id"]
            return _MAGIC + int(number).to_bytes(4, "big")
        except (ValueError, KeyError, TypeError, OverflowError):
            raise self._error(
                f"expected the id of a schema, not {self._redacted(answer)}"
            ) from None

    def _message(self, response: Any) -> str:
        """Return what an error of the registry says: JSON with a message, or anything else."""
        try:
            return self._redacted(str(response.json()["message"]))
        except (ValueError, KeyError, TypeError):
            return self._redacted(response.text or response.reason_phrase)

    def _redacted(self, text: str) -> str:
        """Return the first line of a text, shortened, without secrets."""
        line = first_line(text)
        secrets = [self._registration.registry.get_secret_value(), *(self._user() or ())[1:]]
        secrets += [self._parts.password or "", self._parts.query]
        for secret in sorted({each for each in secrets if each}, key=len, reverse=True):
            line = line.replace(secret, "***")
        return printable(line, _LONGEST_LINE)

    def _error(self, text: str) -> TargetError:
        return TargetError(f"schema registry {self.name}", text, 0)
