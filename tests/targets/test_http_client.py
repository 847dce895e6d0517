"""What comes back from one attempt to send a body."""

import pytest

from datagen.targets.http_client import HttpClient, UnsendableError
from datagen.targets.retry import Timing
from tests.support.servers import HttpServer, Reply, free_port


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment stands between the tests and their servers."""
    monkeypatch.setenv("NO_PROXY", "*")


def client(url: str) -> HttpClient:
    """Return a client of a URL."""
    return HttpClient("POST", url, {"x-a": "b"}, 5.0, None, str, Timing())


@pytest.mark.parametrize(
    ("reply", "most", "body", "complete"),
    [
        (Reply(body=b"abcd"), 4, b"abcd", True),
        (Reply(body=b"abcd"), 3, b"abcd", False),
        (Reply(body=b"abcd", torn=True), 9, b"ab", False),
    ],
)
def test_answer_says_whether_it_is_complete(
    reply: Reply, most: int, body: bytes, complete: bool
) -> None:
    """One that was cut off or is too long is not."""
    with HttpServer(reply) as server:
        sender = client(server.url)
        answer = sender.attempt(b"x", {"content-type": "text/plain"}, most)
        sender.close()
    assert (answer.status, answer.complete) == (200, complete)
    assert answer.body == body
    assert server.requests[0].headers["x-a"] == "b"


def test_no_answer_has_a_reason() -> None:
    """And no status."""
    sender = client(f"http://127.0.0.1:{free_port()}/")
    answer = sender.attempt(b"x", {}, 9)
    sender.close()
    assert (answer.status, answer.text) == (0, "Connection refused")


def test_what_cannot_be_sent_is_told() -> None:
    """No attempt makes sense."""
    sender = client("nonsense://host/")
    with pytest.raises(UnsendableError, match="unsupported protocol"):
        sender.attempt(b"x", {}, 9)
    sender.close()
