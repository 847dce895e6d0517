"""Turns what `-t` says in short into a target: the address of a server, or the name of a file of data."""

import json
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import SecretStr

from datagen.errors import UsageError
from datagen.short_names import scheme_of, shown
from datagen.targets.base import TARGETS
from datagen.validation import did_you_mean, quoted

_TYPES = {  # by scheme
    "kafka": "confluent", "kafka+confluent": "confluent", "kafka+python": "kafka",
    "tcp": "tcp", "tls": "tcp", "udp": "udp", "http": "http", "https": "http",
    "postgresql": "sql", "postgres": "sql", "sqlite": "sql", "duckdb": "sql",
}  # fmt: skip


def short_target(text: str, flag: str = "-t") -> dict[str, Any]:
    """Return the target that a text says in short, as a file would have it. Raises UsageError for an address that is none."""
    scheme = scheme_of(text)
    if scheme is None:
        return {"type": "file", "path": text}
    if scheme not in _TYPES:
        hint = did_you_mean(scheme, _TYPES)
        raise UsageError(f"{flag} {shown(text)}: no target has the scheme {quoted(scheme)}{hint}")
    if _TYPES[scheme] == "http":
        return {"type": "http", "url": text}
    if _TYPES[scheme] == "sql":
        return _database(text)
    try:
        parts = urlsplit(text)
        raw = _kafka(parts) if "kafka" in scheme else _network(parts)
    except ValueError as error:
        raise UsageError(f"{flag} {shown(text)}: {error}") from None
    keys = {key: value for key, value in raw.items() if value is not None}
    return {"type": _TYPES[scheme], **keys, **dict(_options(_TYPES[scheme], parts.query))}


def _kafka(parts: SplitResult) -> dict[str, Any]:
    """Return the servers, the topic and who asks. Whoever gives a name wants TLS, unless the query says otherwise."""
    user, at, servers = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return {
        "endpoint" if parts.scheme == "kafka+python" else "servers": servers or None,
        "topic": unquote(parts.path.strip("/")) or None,
        "username": unquote(name) or None,
        "password": unquote(password) or None,
        "security_protocol": "SASL_SSL" if at else "PLAINTEXT",
    }


def _database(text: str) -> dict[str, Any]:
    """Return the address, and the keys of its query that are the target's: the others are for the database."""
    uri, _, query = text.partition("?")
    keys = {*TARGETS["sql"].known_keys()} - {"type", "uri"}
    pairs = [each for each in query.split("&") if each]
    ours = [each for each in pairs if each.partition("=")[0] in keys]
    rest = "&".join(each for each in pairs if each not in ours)
    return {
        "type": "sql",
        "uri": f"{uri}?{rest}" if rest else uri,
        **dict(_options("sql", "&".join(ours))),
    }


def _network(parts: SplitResult) -> dict[str, Any]:
    if parts.path.strip("/") or "@" in parts.netloc:
        raise ValueError(f"expected {parts.scheme}://HOST:PORT")
    return {
        "host": parts.hostname,
        "port": parts.port,
        "tls": True if parts.scheme == "tls" else None,
    }


def _options(kind: str, query: str) -> Iterator[tuple[str, Any]]:
    """Yield the keys of a query: numbers, true, false and JSON are values, but for keys that hold texts."""
    fields = {each.alias or name: each for name, each in TARGETS[kind].model_fields.items()}
    for key, text in parse_qsl(query, keep_blank_values=True):
        of = fields[key].annotation if key in fields else str
        yield key, text if _holds_text(of) else _value(text)


def _holds_text(of: Any) -> bool:
    """Return whether a type is that of texts, or one of several that are."""
    several = get_origin(of) in (Annotated, Union, UnionType)
    return of in (str, SecretStr) or (several and any(map(_holds_text, get_args(of))))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
