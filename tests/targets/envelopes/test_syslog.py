"""Records as syslog messages: how they are written, and what a real rsyslog reads."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.targets.envelopes.syslog import FACILITIES, SEVERITIES, Syslog, SyslogMessages
from tests.support.helpers import Outcome, invoke
from tests.support.machines import NEVER_ENDING, Spec
from tests.support.records import rendered
from tests.support.rsyslog import NEEDED, Rsyslog
from tests.support.servers import HOST, TcpServer, UdpServer

HARD = ["plain", 'a "b" ] \\ c', "é\nü", "", None]
FIELDS: list[Spec] = [
    {
        "name": "text", "type": "enum", "values": HARD,
        "cardinality_distribution": {"type": "uniform", "min": 0, "max": 4},
    },
    {
        "name": "level", "type": "enum", "values": ["ERROR", "info", "4", "what"],
        "cardinality_distribution": {"type": "uniform", "min": 0, "max": 3},
    },
]  # fmt: skip
SPEC: Spec = {**NEVER_ENDING, "emitters": [{"name": "e", "dimensions": FIELDS}]}
ENVELOPE: Spec = {
    "type": "syslog", "facility": "local3", "severity": "{level}", "app": "{emitter} 1", "host": "web-{level}",
    "structured": {"shop@32473": {"text": "{text}", "both": "{{{text}}}", "constant": "]"}, "empty@32473": {}},
}  # fmt: skip
NUMBERS = {"ERROR": "err", "info": "info", "4": "warning", "what": "notice"}


def message(envelope: Spec, text: bytes = b"hi\n", micros: int = 0, **labels: Any) -> bytes:
    """Return the message of one record."""
    model = Syslog.model_validate({"type": "syslog", **envelope})
    names = {f"syslog {name.replace('_', ' ')}": [each] for name, each in labels.items()}
    return bytes(SyslogMessages(model).wrap(rendered([text], [micros], names)).data)


@pytest.mark.parametrize(
    ("envelope", "expected"),
    [
        ({}, b"<13>1 1970-01-01T00:00:00.000000Z localhost datagen - - - hi\n"),
        ({"facility": 0, "severity": "emerg"}, b"<0>1 1970-01-01T00:00:00.000000Z localhost datagen - - - hi\n"),
        ({"facility": "local7", "severity": 7, "app": "a b", "host": ""}, b"<191>1 1970-01-01T00:00:00.000000Z - a_b - - - hi\n"),
        ({"structured": {"a": {"b": '"\\]\n'}, "c": {}}}, b'<13>1 1970-01-01T00:00:00.000000Z localhost datagen - - [a b="\\"\\\\\\] "][c] hi\n'),
        ({"rfc": 3164}, b"<13>Jan  1 00:00:00 localhost datagen: hi\n"),
        ({"rfc": 3164, "app": "a[b]: c", "host": "x y"}, b"<13>Jan  1 00:00:00 x_y a_b___c: hi\n"),
        ({"app": "x" * 50}, b"<13>1 1970-01-01T00:00:00.000000Z localhost " + b"x" * 48 + b" - - - hi\n"),
    ],
)  # fmt: skip
def test_message_is_as_the_standard_has_it(envelope: Spec, expected: bytes) -> None:
    """What must be escaped is, and what a word cannot hold is an underscore."""
    assert message(envelope) == expected


def test_values_come_from_fields() -> None:
    """One without a value is left out of the structured data; a word for it is a dash."""
    envelope = {"host": "{h}", "severity": "{s}", "structured": {"a": {"b": "{b}", "c": "{c}"}}}
    made = message(envelope, host=None, severity="Crit", structured_a_b=None, structured_a_c="")
    assert made == b'<10>1 1970-01-01T00:00:00.000000Z - datagen - - [a c=""] hi\n'


def test_a_message_is_one_line() -> None:
    """Whatever the record is; instants keep their microseconds, also before 1970."""
    made = message({}, text=b"a\nb\n", micros=-1)
    assert made == b"<13>1 1969-12-31T23:59:59.999999Z localhost datagen - - - a b\n"


def test_names_are_those_of_the_standard() -> None:
    """RFC 5424, tables 1 and 2: 24 facilities and 8 severities, in this order."""
    assert (len(FACILITIES), FACILITIES[16], FACILITIES[-1]) == (24, "local0", "local7")
    assert (len(SEVERITIES), SEVERITIES[3], SEVERITIES[-1]) == (8, "err", "debug")


def run(target: Spec, *flags: str, n: int = 40) -> Outcome:
    """Run the program with everything fixed but the target."""
    spec = {**SPEC, "target": target}
    return invoke("--seed", "1", "-s", "2027-03-12", "-n", str(n), *flags, spec=spec)


def test_targets_send_the_same_messages() -> None:
    """As datagrams, as lines, and counted; the bytes of the summary are those sent."""
    with TcpServer() as lines, TcpServer() as counted, UdpServer() as datagrams:
        to: Spec = {"type": "tcp", "host": HOST, "envelope": ENVELOPE}
        outcomes = [
            run({**to, "port": lines.port}),
            run({**to, "port": counted.port, "framing": "octet_counting"}),
            run({**to, "port": datagrams.port, "type": "udp"}),
        ]
        sent = lines.received()
        assert counted.received() == b"".join(
            b"%d %b" % (len(each), each) for each in sent.splitlines()
        )
        assert datagrams.received() == sent
    assert [each.status for each in outcomes] == [0, 0, 0]
    assert f"\n40 records, {len(sent):,} bytes in " in outcomes[0].err
    assert sent.count(b"\n") == 40


@NEEDED
@pytest.mark.parametrize(
    ("kind", "framing"), [("tcp", "newline"), ("tcp", "octet_counting"), ("udp", None)]
)
def test_rsyslog_reads_every_field(kind: str, framing: str | None, tmp_path: Path) -> None:
    """The values of the records, whatever characters they hold."""
    with Rsyslog(kind, tmp_path) as rsyslog:
        target = {"type": kind, "host": HOST, "port": rsyslog.port, "envelope": ENVELOPE}
        outcome = run({**target, "framing": framing} if framing else target)
        found = rsyslog.messages(40)
    assert outcome.status == 0, outcome.err
    plain = run({"type": "stdout"})
    for got, record, line in zip(
        found, plain.records, plain.out.decode().splitlines(), strict=True
    ):
        level, text = record["level"], record["text"]
        assert (got["facility"], got["severity"]) == ("local3", NUMBERS[level])
        assert (got["version"], got["app"], got["host"]) == ("1", "e_1", f"web-{level}")
        assert got["time"][:23] == record["time"]  # and three more digits
        assert got["text"].lstrip() == line
        on_one_line = None if text is None else text.replace("\n", " ")
        parameters = {} if text is None else {"text": on_one_line}
        own = {**parameters, "both": f"{{{on_one_line or ''}}}", "constant": "]"}
        assert {key: each for key, each in json.loads(got["structured"]).items() if key != "empty@32473"} == {"shop@32473": own}  # fmt: skip


@NEEDED
def test_rsyslog_reads_the_older_form(tmp_path: Path) -> None:
    """Its time is that of local clocks."""
    older = {"type": "syslog", "rfc": 3164, "app": "shop", "host": "web", "severity": "{level}"}
    with Rsyslog("tcp", tmp_path) as rsyslog:
        target = {"type": "tcp", "host": HOST, "port": rsyslog.port, "envelope": older}
        outcome = run(target, "--timezone", "Asia/Tokyo", n=9)
        found = rsyslog.messages(9)
    assert outcome.status == 0, outcome.err
    plain = run({"type": "stdout"}, "--timezone", "Asia/Tokyo", n=9)
    for got, record in zip(found, plain.records, strict=True):
        assert (got["severity"], got["app"], got["host"]) == (
            NUMBERS[record["level"]],
            "shop",
            "web",
        )
        day, clock = record["time"][:10], record["time"][11:19]
        assert got["local"] == f"Mar {int(day[8:]):2} {clock}"
        assert got["text"].lstrip().startswith('{"time":')


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"rfc": 1}, "envelope.rfc: expected 5424 or 3164, not 1"),
        ({"facility": "mial"}, 'envelope.facility: no name or number of syslog\'s: "mial"; did you mean "mail"?'),
        ({"severity": 8}, "envelope.severity: no name or number of syslog's: 8; one of emerg, alert"),
        ({"host": "{hots}"}, 'envelope.host: no emitter has a field "hots"; one of'),
        ({"app": "{"}, 'envelope.app: "{" names no field; a brace is written "{{"'),
        ({"structured": {"a b": {}}}, "envelope.structured.a b: is not a name: expected 1 to 32 printable"),
        ({"structured": {"a": {"b=": "x"}}}, "envelope.structured.a.b=: is not a name"),
        ({"rfc": 3164, "structured": {"a": {}}}, 'envelope.structured: needs "rfc": 5424'),
        ({"structured": {"a": {"b": "{txet}"}}}, 'envelope.structured.a.b: no emitter has a field "txet"; did you mean "text"?'),
        ({"pid": "1"}, "envelope.pid: unknown key"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["tcp", "udp"])
def test_wrong_key_is_refused(kind: str, keys: Spec, problem: str) -> None:
    """In one line that names its place and the remedy."""
    envelope = {"type": "syslog", **keys}
    outcome = run({"type": kind, "host": HOST, "port": 1, "envelope": envelope})
    assert outcome.status == 1
    assert outcome.err.startswith(f"stdin: target.{problem}")
