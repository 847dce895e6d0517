"""A schema registry: what it is asked, and what its answers mean."""

import json

import pytest
from pydantic import SecretStr

from datagen.errors import TargetError
from datagen.formats.encoding import Registration
from datagen.targets.kafka.schema_registry import SchemaRegistry
from datagen.targets.retry import Timing
from tests.support.servers import HttpServer, Reply


def prefix(server: HttpServer, timeout: float = 5.0) -> bytes:
    """Register a schema under a subject with a slash."""
    wanted = Registration("{}", SecretStr(server.url), None, "u", SecretStr("p455word"), None)
    return SchemaRegistry(wanted, timeout, Timing()).message_prefix("a/b")


def test_prefix_holds_the_id_of_the_schema() -> None:
    """A zero, and four bytes; the subject is escaped."""
    with HttpServer(Reply(200, b'{"id":258}')) as server:
        assert prefix(server) == b"\x00\x00\x00\x01\x02"
        (request,) = server.requests
    assert (request.method, json.loads(request.body)) == ("POST", {"schema": "{}"})
    assert request.path.endswith("/subjects/a%2Fb/versions")
    assert request.headers["authorization"].startswith("Basic ")


def test_registry_is_asked_again() -> None:
    """After an error of its own."""
    with HttpServer(Reply(503, b""), Reply(200, b'{"id":1}')) as server:
        assert prefix(server) == b"\x00\x00\x00\x00\x01"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(409, b'{"message":"no"}'), 'the schema is not compatible with that of "a/b" (answered 409: no)'),
        (Reply(401, b'{"message":"p455word?"}'), "it rejected the credentials (answered 401: ***?)"),
        (Reply(404, b"gone\nfor good"), "(answered 404: gone)"),
        (Reply(200, b"hello"), "expected the id of a schema, not hello"),
    ],
)  # fmt: skip
def test_refusal_is_not_asked_again(reply: Reply, said: str) -> None:
    """One line, without secrets."""
    with HttpServer(reply) as server:
        with pytest.raises(TargetError) as raised:
            prefix(server)
        assert len(server.requests) == 1
    host = server.url.split("/")[2]
    text = f"schema registry http://{host}: {said}; 0 records were delivered"
    assert str(raised.value) == text
