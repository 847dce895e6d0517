"""The http target: what arrives, when it is sent again, and what is told and counted when not."""

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import TargetError
from datagen.targets.http import LINGER, HttpSink, HttpTarget
from datagen.targets.retry import Timing
from tests.support.helpers import invoke
from tests.support.machines import Spec
from tests.support.sending import WIDE, Sending, lines, run, to
from tests.support.servers import FakeTime, HttpServer, Reply, free_port
from tests.test_docs import DOCS

MONDAY = "Mon, 01 Mar 2027 00:00:00 GMT"


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment stands between the tests and their servers."""
    monkeypatch.setenv("NO_PROXY", "*")


# What arrives -------------------------------------------------------------------------------------


def test_batches_hold_the_records_of_the_run() -> None:
    """Together they are what stdout gets, each a number of whole lines and no more than allowed."""
    with HttpServer() as server:
        outcome = run(to(server, batch_records=300))
    assert outcome.status == 0
    assert server.received() == run().out
    assert all(body.count(b"\n") <= 300 and body.endswith(b"\n") for body in server.bodies)
    assert f"\n1,000 records, {len(run().out):,} bytes in " in outcome.err


def test_request_is_what_was_asked_for() -> None:
    """The method, the path, the headers, and what the body is."""
    headers = {"X-Kind": "test", "authorization": "Bearer abcdef"}
    with HttpServer() as server:
        run(to(server, method="PUT", headers=headers, content_type="text/plain"), n=1)
    (request,) = server.requests
    assert (request.method, request.path) == ("PUT", "/events")
    expected = {"x-kind": "test", "authorization": "Bearer abcdef", "content-type": "text/plain"}
    assert expected.items() <= request.headers.items()


def test_request_of_few_words() -> None:
    """By default it is a POST of lines of JSON, uncompressed."""
    with HttpServer() as server:
        run(to(server), n=1)
    (request,) = server.requests
    assert (request.method, request.headers["content-type"]) == ("POST", "application/x-ndjson")
    assert "content-encoding" not in request.headers


def test_user_of_the_address_is_basic_authentication() -> None:
    """`user:password@` becomes a header, and no part of the path."""
    with HttpServer() as server:
        run({"type": "http", "url": server.url.replace("//", "//me:secret%21@")}, n=1)
    assert server.requests[0].headers["authorization"] == "Basic bWU6c2VjcmV0IQ=="


def test_compressed_bodies_hold_the_same_records() -> None:
    """Each is gzip, said so in its header; the bytes counted are those sent."""
    with HttpServer() as server:
        outcome = run(to(server, compression="gzip"))
    assert b"".join(gzip.decompress(body) for body in server.bodies) == run().out
    assert all(each.headers["content-encoding"] == "gzip" for each in server.requests)
    assert f"\n1,000 records, {len(server.received()):,} bytes in " in outcome.err


# Batches ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"batch_records": 2}, ["aa", "c"]),
        ({"batch_records": 1}, ["a", "a", "c"]),
        ({"batch_bytes": 14}, ["aa", "c"]),
        ({"batch_bytes": 13}, ["a", "ac"]),
        ({"batch_bytes": 1}, ["a", "a", "c"]),
        ({}, ["aac"]),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_batch_is_sent_when_full(keys: Spec, expected: list[str], at_once: bool) -> None:
    """By records or by bytes, however the records come; one too long is a batch of its own."""
    with Sending(**keys) as sending:
        texts = ["a" * 6, "a" * 6, "c" * 5]
        for records in [lines(*texts)] if at_once else map(lines, texts):
            sending.sink.write(records)
        sending.sink.flush()
        firsts = [
            "".join(line[0] for line in body.decode().split()) for body in sending.server.bodies
        ]
        assert firsts == expected
        assert sending.counts == (3, 0)


def test_records_are_held_for_a_fuller_batch() -> None:
    """Nothing is sent until the batch is full, is flushed, or closed."""
    with Sending() as sending:
        sending.sink.write(lines("a"))
        assert (sending.server.requests, sending.counts) == ([], (0, 0))
        sending.sink.flush()
        sending.sink.flush()
        assert (sending.server.bodies, sending.counts) == ([b"a\n"], (1, 0))
        sending.sink.write(lines("b"))
    assert sending.server.bodies == [b"a\n", b"b\n"]


def test_records_are_not_held_for_long() -> None:
    """Where records come too fast for a flush and too slowly to fill a batch, a second is enough."""
    with Sending() as sending:
        for _ in range(25):
            sending.sink.write(lines("a"))
            sending.time.sleep(LINGER / 10)
        assert [len(body) // 2 for body in sending.server.bodies] == [11, 11]


# Sending again ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replies", "pauses"),
    [
        ([Reply(500)], [0.25]),
        ([Reply(500), Reply(502), Reply(503), Reply(599)], [0.25, 0.5, 1.0, 2.0]),
        ([Reply(429)], [0.25]),
        ([Reply(cut=True)], [0.25]),
        ([Reply(429, headers={"Retry-After": "7"}), Reply(503)], [7.0, 0.5]),
        ([Reply(503, headers={"Retry-After": "0"})], [0.25]),
        ([Reply(503, headers={"Retry-After": "soon"})], [0.25]),
        ([Reply(503, headers={"Retry-After": "Tue, 02 Jan 2001 00:00:00 GMT"})], [0.25]),
    ],
)
def test_batch_is_sent_again(replies: list[Reply], pauses: list[float]) -> None:
    """After pauses that double, or as long as the server asks; then it counts once."""
    with Sending(*replies) as sending:
        sending.sink.write(lines("a", "b"))
        sending.sink.flush()
        assert sending.time.pauses == pauses
        assert sending.server.bodies == [b"a\nb\n"] * (len(replies) + 1)
        assert (sending.counts, sending.sink.bytes) == ((2, 0), 4)
        assert len(sending.warnings) == 1


def test_retry_after_may_be_a_date() -> None:
    """It counts from the date of the answer, so that clocks need not agree."""
    later = "Mon, 01 Mar 2027 00:00:12 GMT"
    with Sending(Reply(503, headers={"Retry-After": later, "Date": MONDAY})) as sending:
        sending.sink.write(lines("a"))
        sending.sink.flush()
        assert sending.time.pauses == [12.0]


def test_pauses_begin_anew_with_each_batch() -> None:
    """What one batch had to wait is not held against the next."""
    with Sending(Reply(500), Reply(500), Reply(), Reply(500)) as sending:
        for text in ("a", "b"):
            sending.sink.write(lines(text))
            sending.sink.flush()
        assert sending.time.pauses == [0.25, 0.5, 0.25]
        assert sending.counts == (2, 0)


def test_run_goes_on_after_errors_of_the_server() -> None:
    """Answers of 500 and connections that break in the middle lose nothing, and double nothing."""
    with HttpServer(Reply(500), Reply(), Reply(cut=True), Reply()) as server:
        outcome = run(to(server))
    assert outcome.status == 0
    first, again, second, once_more, *rest = server.bodies
    assert (first, second) == (again, once_more)
    assert first + second + b"".join(rest) == run().out
    assert "warning: " in outcome.err
    assert "answered 500 Internal Server Error; trying again" in outcome.err


# Giving up ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(400, b"\n no such index \nmore"), "answered 400 Bad Request: no such index"),
        (Reply(403), "answered 403 Forbidden"),
        (Reply(404, b"\xff\x00\r\n"), "answered 404 Not Found: \\ufffd\\x00"),
        (Reply(413, b"x" * 300), f"answered 413 Request Entity Too Large: {'x' * 197}..."),
        (
            Reply(301, headers={"Location": "/other"}),
            "answered 301 Moved Permanently; redirects are not followed",
        ),
    ],
)
def test_refusal_ends_the_run(reply: Reply, said: str) -> None:
    """At once, with the status and the first line of the answer; the batch has failed."""
    with HttpServer(Reply(), reply) as server:
        outcome = run(to(server, batch_records=100))
    assert outcome.status == 1
    assert len(server.requests) == 2
    assert outcome.err.endswith(f"\n{server.url}: {said}; 100 records were delivered\n")
    counts = re.search(
        r"100 records, ([\d,]+) not delivered \(100 failed, ([\d,]+) not", outcome.err
    )
    assert counts is not None
    assert int(counts[1].replace(",", "")) == 100 + int(counts[2].replace(",", ""))


@pytest.mark.parametrize("seconds", [0, 1, 3])
def test_retries_end(seconds: float) -> None:
    """After `retry_seconds` in all, with the last answer."""
    with Sending(*[Reply(503, b"busy")] * 99, retry_seconds=seconds) as sending:
        with pytest.raises(TargetError) as raised:
            sending.sink.write(lines("a"))
            sending.sink.flush()
        said = "no success within {:g} s: answered 503 Service Unavailable: busy; 0 records were"
        assert said.format(seconds) in str(raised.value)
        assert sum(sending.time.pauses) == seconds
        assert sending.counts == (0, 1)


def test_server_that_asks_for_too_long_a_wait_is_not_waited_for() -> None:
    """The run ends at once, and says what was asked."""
    with Sending(Reply(429, headers={"Retry-After": "3600"})) as sending:
        with pytest.raises(
            TargetError, match=r"429 Too Many Requests, which asks to wait for 3,600 s;"
        ):
            for _ in range(500):
                sending.sink.write(lines("a"))
        assert sending.time.pauses == []
        assert sending.counts == (0, 500)


def test_failed_sink_sends_no_more() -> None:
    """What is left after a failure is not tried at the end: the run is over."""
    with Sending(Reply(400), batch_records=2) as sending:
        with pytest.raises(TargetError):
            sending.sink.write(lines("a", "b", "c"))
        sending.sink.close()
        assert len(sending.server.requests) == 1
        assert sending.counts == (0, 2)


def test_nobody_listens() -> None:
    """One line within the timeout; where nobody ever answered, the longer time for retries is not used."""
    time = FakeTime()
    target = HttpTarget.model_validate(
        {"type": "http", "url": f"http://127.0.0.1:{free_port()}/", "timeout": 5}
    )
    with HttpSink(target, Timing(time.monotonic, time.sleep)) as sink:
        sink.write(lines("a"))
        with pytest.raises(TargetError) as raised:
            sink.flush()
    assert str(raised.value) == (
        f"{target.name}: no success within 5 s: Connection refused; 0 records were delivered"
    )
    assert sum(time.pauses) == 5
    assert sink.failed == 1


def test_no_records_need_no_server() -> None:
    """A run without records does not look whether anyone is there."""
    assert run({"type": "http", "url": f"http://127.0.0.1:{free_port()}/"}, n=0).status == 0


def test_unreadable_certificates_are_told(tmp_path: Path) -> None:
    """The file is named: one that is not there, and one that holds none."""
    path = tmp_path / "ca.pem"
    target = {"type": "http", "url": "https://127.0.0.1/", "ssl_cafile": str(path)}
    assert run(target).err.endswith(f"\n{path}: No such file or directory\n")
    path.write_text("nothing")
    assert run(target).err.endswith(f"\n{path}: is not a file of certificates (PEM)\n")


# Errors in an answer of success -------------------------------------------------------------------

REFUSED = b'{"took":3,"errors":true,"items":[{"create":{"status":400}}]}'


def test_batch_with_errors_counts_as_failed() -> None:
    """It is not sent again, the run goes on, is told once, and ends with status 1."""
    with HttpServer(*[Reply(200, REFUSED)] * 2) as server:
        outcome = run(to(server, batch_records=300))
    assert outcome.status == 1
    assert len(server.requests) == 4
    warned, *_, counted, error = outcome.err.splitlines()[1:]
    said = f"{server.url}: answered 200 OK: {REFUSED.decode()}"
    assert warned == f"warning: {said}; a batch with errors counts as failed"
    assert counted.startswith("400 records, 600 not delivered (600 failed, 0 not sent)")
    assert error == f"{said}; 400 records were delivered, 600 failed"


def test_resumed_run_does_not_send_again_what_was_refused(tmp_path: Path) -> None:
    """Some records of the batch may be there; the position is after all of them."""
    checkpoint, spec = tmp_path / "run.ck", {**WIDE}
    with HttpServer(Reply(200, REFUSED)) as server:
        flags = ("--resume", str(checkpoint), "--seed", "1", "-s", "2027-03-12", "-q")
        spec["target"] = to(server, batch_records=10)
        assert [invoke(*flags, "-n", "20", spec=spec).status for _ in range(2)] == [1, 0]
    assert server.received() == run(n=40).out


def answered(body: bytes, **keys: Any) -> tuple[tuple[int, int], list[str], str]:
    """Send one record, and return the counts, the warnings and the error of closing."""
    sending, error = Sending(Reply(200, body), **keys), ""
    try:
        with sending:
            sending.sink.write(lines("{}"))
    except TargetError as raised:
        error = str(raised)
    return sending.counts, sending.warnings, error


@pytest.mark.parametrize(
    "body",
    [b'{"errors":false}', b'{"errors":[]}', b'{"a":{"errors":true}}', b"errors: true", b"\xff{",
     b'{"code":3}', b'{"errors":false,"items":[%b]}' % b",".join([b'{"errors":true}'] * 100_000)],
)  # fmt: skip
def test_other_answers_of_success_acknowledge(body: bytes) -> None:
    """Whatever they are, however long."""
    assert answered(body) == ((1, 0), [], "")


def test_errors_may_come_after_the_items() -> None:
    """As some servers write them."""
    body = b'{"items":[%b],"errors":true}' % b",".join([b'{"errors":false}'] * 100_000)
    counts, (warning,), error = answered(body)
    assert counts == (0, 1)
    assert len(warning) < 400
    assert error.endswith("0 records were delivered, 1 failed")


@pytest.mark.parametrize(
    ("flags", "kind"),
    [(("--csv",), "text/csv"), (("--tsv",), "text/tab-separated-values"), (("-f", "pattern"), "text/plain"),
     (("--template", "t"), "text/plain"), ((), "application/x-ndjson")],
)  # fmt: skip
def test_content_type_is_that_of_the_format(
    flags: tuple[str, ...], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the docs say."""
    monkeypatch.chdir(tmp_path)
    Path("pattern").write_text("{id}")
    with HttpServer() as server:
        spec = {**WIDE, "target": to(server), "templates": {"t": {"body": "{{ id }}"}}}
        assert invoke("-n", "1", "-s", "2027-03-12", *flags, spec=spec).status == 0
    assert server.requests[0].headers["content-type"] == kind
    (row,) = re.findall(r"^\| `content_type` .*$", (DOCS / "targets.md").read_text(), re.MULTILINE)
    assert f"`{kind}`" in row


# Secrets ------------------------------------------------------------------------------------------

SECRETS = ["pa55word", "us3rname", "T0K3N-abc", "qu3rys3cret", "0123456789abcdef"]
SECRET_KEYS: Spec = {
    "url": "http://us3rname:pa55word@{place}/in/0123456789abcdef?key=qu3rys3cret",
    "headers": {"X-Token": "Splunk T0K3N-abc"},
}


def leaks(text: str) -> Iterator[str]:
    """Yield the secrets that a text holds."""
    yield from (secret for secret in SECRETS if secret in text)


@pytest.mark.parametrize("status", [400, 503])
def test_answer_that_repeats_secrets_is_cleaned(status: int) -> None:
    """Neither the error nor the warnings hold a secret, though the server sends them back."""
    body = f"at {SECRET_KEYS['url']} with {SECRET_KEYS['headers']}".encode()
    with HttpServer(*[Reply(status, body)] * 5) as server:
        place = server.url.removeprefix("http://")
        keys = {**SECRET_KEYS, "url": SECRET_KEYS["url"].replace("{place}", place)}
        outcome = run({"type": "http", **keys, "retry_seconds": 0})
    assert outcome.status == 1
    assert f"answered {status} " in outcome.err
    assert "***" in outcome.err
    assert list(leaks(outcome.err)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://us3rname:pa55word@host/"},
        {"url": "http://us3rname:pa55word@host:x/"},
        {"url": ["us3rname:pa55word"]},
        {"headers": {"X": ["T0K3N-abc"]}},
        {"headers": {"X": "T0K3N-abc\n"}},
        {"headers": {"Content-Type": "T0K3N-abc"}},
        {"headers": "T0K3N-abc"},
        {"timeout": -1},
        {},
    ],
)
def test_messages_about_secrets_do_not_hold_them(wrong: Spec) -> None:
    """Not when they are wrong themselves, nor in `--validate` and `repr` when they are right."""
    keys = {"type": "http", **SECRET_KEYS, "url": "http://us3rname:pa55word@host/", **wrong}
    outcome = invoke("--validate", "-v", spec={**WIDE, "target": keys})
    assert outcome.status == bool(wrong)
    assert list(leaks(outcome.err)) == []
    if not wrong:
        target = HttpTarget.model_validate(keys)
        assert list(leaks(repr(target) + str(target) + target.name)) == []


# Specifications -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"url": "host:80/x"}, 'target.url: expected an address such as "https://host:8088/path"'),
        ({"url": "http://ho st/"}, "target.url: expected an address"),
        ({"batch_records": 0}, "target.batch_records: expected a whole number of 1 or more, not 0"),
        ({"batch_bytes": 1.5}, "target.batch_bytes: expected a whole number of 1 or more, not 1.5"),
        ({"timeout": 0}, "target.timeout: expected a number above 0, not 0"),
        ({"method": "GET"}, 'target.method: expected "POST", "PUT" or "PATCH", not "GET"'),
        ({"headers": {"content-length": "1"}}, "target.headers.content-length: cannot be set here"),
        ({"headers": {"a b": "1"}}, "target.headers.a b: is not a header name"),
        ({"headers": {"A": "1", "a": "1"}}, "target.headers.a: appears twice"),
        ({"headers": {"A": "1\r\nB: 2"}}, "target.headers.A: a header is one line"),
        ({"content_type": "a\nb"}, "target.content_type: a header is one line"),
        ({"host": "x"}, 'target.host: needs "envelope": "splunk_hec"'),
        ({"envelope": "splunk_hec", "host": "{"}, 'target.host: "{" names no field'),
        (
            {"envelope": "splunk_hec", "index": "{whoo}"},
            'target.index: no emitter has a field "whoo"; did you mean "who"?',
        ),
        (
            {"url": "http://a:b@host/", "headers": {"Authorization": "c"}},
            "target.url: contains a user, and headers an Authorization",
        ),
    ],
)
def test_wrong_key_is_refused(keys: Spec, problem: str) -> None:
    """In one line that names its place and the remedy."""
    outcome = run({"type": "http", "url": "http://host/", **keys})
    assert outcome.status == 1
    assert outcome.err.startswith(f"stdin: {problem}")


def test_missing_client_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without httpx, the line says what to install."""
    monkeypatch.setitem(sys.modules, "httpx", None)
    outcome = run({"type": "http", "url": "http://host/"})
    assert outcome.status == 1
    assert outcome.err.endswith('\nthe http target needs httpx: pip install "httpx>=0.27"\n')
