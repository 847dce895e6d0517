"""The keys of the targets of Kafka: what is seen before a run, and what the clients get."""

from typing import Any

import pytest

from datagen.targets.kafka.confluent import ConfluentTarget
from datagen.targets.kafka.kafka_python import KafkaTarget
from tests.support.broker import Broker, free_port
from tests.support.helpers import invoke
from tests.support.kafka import BOTH, SECRET, SOCKETS_STAY_OPEN, run, target, to
from tests.support.machines import Spec

pytestmark = SOCKETS_STAY_OPEN


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"topic_key": "usr"}, 'topic_key: no emitter has a field "usr"; did you mean "user"?'),
        ({"topic": "x-{pth}"}, 'topic: no emitter has a field "pth"; did you mean "path"?'),
        ({"headers": {"h": "{usr}"}}, 'headers.h: no emitter has a field "usr"; did you mean "user"?'),
        ({"topic": "a b"}, 'topic: expected at most 249 letters, digits, dots, underscores and dashes, not "a b"'),
        ({"topic": "{"}, 'topic: "{" names no field; a brace is written "{{"'),
        ({"headers": {"h": "{@evnt}"}}, 'headers.h: no emitter has a field "@evnt"; did you mean "@event"?'),
        ({"timestamp": "arival"}, 'timestamp: expected "event", "arrival" or a field that holds instants or numbers; no emitter has a field "arival"; did you mean "arrival"?'),
        ({"timestamp": "path"}, 'timestamp: expected a field that holds instants or numbers; "path" holds other values'),
        ({"topic_key": 5}, "topic_key: expected a field or a list of them, not 5"),
        ({"timeout": 0}, "timeout: expected a number above 0, not 0"),
        ({"security_protocol": "SASL_SSL"}, 'username: missing; security_protocol "SASL_SSL" needs it'),
        ({"password": 5}, "password: expected a text"),
        ({"compression_type": "zip"}, 'compression_type: expected "none", "gzip", "snappy", "lz4" or "zstd", not "zip"'),
    ],
)  # fmt: skip
def test_wrong_target_is_refused(kind: str, keys: Spec, problem: str) -> None:
    """Before any connection, with its place and a remedy."""
    outcome = invoke("--validate", spec=to({**target(kind, "nobody", "t"), **keys}))
    assert outcome.status == 1
    assert f"stdin: target.{problem}" in outcome.err.splitlines()


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("servers", "full"),
    [
        ("a", "a:9092"), ("a:1,b", "a:1,b:9092"), ("a, b:2", "a:9092,b:2"), ("[::1]", "[::1]:9092"),
        ("[::1]:7", "[::1]:7"), ("::1", None), ("a:0", None), ("a:x", None), (",", None),
    ],
)  # fmt: skip
def test_port_may_be_omitted(kind: str, servers: str, full: str | None) -> None:
    """It is 9092 then."""
    outcome = invoke("--validate", spec=to(target(kind, servers, "t")))
    assert outcome.status == (1 if full is None else 0)
    if full is not None:
        model = KafkaTarget(endpoint=servers, topic="t")
        assert model.endpoint == full


SASL = {"topic": "t", "security_protocol": "SASL_SSL", "username": "u", "password": SECRET,
        "ssl_cafile": "/ca.pem", "sasl_mechanism": "SCRAM-SHA-512"}  # fmt: skip


def test_clients_get_their_security() -> None:
    """TLS and SASL are asserted by the clients' configuration: the test broker has neither."""
    confluent = ConfluentTarget.model_validate(
        {"type": "confluent", "servers": "a", **SASL}
    ).configuration()
    assert confluent["security.protocol"] == "SASL_SSL"
    assert (confluent["sasl.username"], confluent["sasl.password"]) == ("u", SECRET)
    assert (confluent["sasl.mechanism"], confluent["ssl.ca.location"]) == (
        "SCRAM-SHA-512",
        "/ca.pem",
    )
    kafka = KafkaTarget.model_validate(
        {"type": "kafka", "endpoint": "a,b:1", **SASL}
    ).configuration()
    assert kafka["bootstrap_servers"] == ["a:9092", "b:1"]
    assert (kafka["sasl_plain_username"], kafka["sasl_plain_password"]) == ("u", SECRET)
    assert (kafka["security_protocol"], kafka["ssl_cafile"]) == ("SASL_SSL", "/ca.pem")


def test_options_go_to_the_client_as_they_are() -> None:
    """They win over what the target sets."""
    options = {"linger.ms": 5, "client.id": "x"}
    found = ConfluentTarget.model_validate(
        {"type": "confluent", "servers": "a", **SASL, "options": options}
    )
    assert found.configuration() | options == found.configuration()


@pytest.mark.parametrize("kind", BOTH)
def test_secrets_stay_secret(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither --validate, nor repr, nor an error of the run shows a password."""
    monkeypatch.setenv("KAFKA_PASSWORD", SECRET)
    address = f"127.0.0.1:{free_port()}"
    keys = {**SASL, "password": "${KAFKA_PASSWORD}", "timeout": 1}
    del keys["ssl_cafile"]
    aim = {
        **target(kind, address, "t"),
        **keys,
        "options": {"client_id" if kind == "kafka" else "client.id": "x"},
    }
    for arguments in (("--validate", "-v"), ("-n", "5", "-s", "2027-03-12", "-v")):
        assert SECRET not in invoke(*arguments, spec=to(aim)).err
    place = {"kafka": "endpoint", "confluent": "servers"}[kind]
    model: Any = {"kafka": KafkaTarget, "confluent": ConfluentTarget}[kind]
    made = model.model_validate(
        {"type": kind, place: "a", **SASL, "options": {"sasl.password": SECRET}}
    )
    assert SECRET not in repr(made) + str(made)


@pytest.mark.parametrize("said", ["{}", "[{!r}]", "x" * 290 + " {}"])
def test_secrets_are_cut_out_of_what_a_client_says(said: str) -> None:
    """Also one of several lines, one that is shown with escapes, and one at the end of what is shown."""
    pem, password = "-----BEGIN KEY-----\nMIIEv\n", "p'a\"s\\s-w0rd"
    model = KafkaTarget.model_validate(
        {"type": "kafka", "endpoint": "a", **SASL, "password": password, "options": {"ssl.key.pem": pem}}
    )  # fmt: skip
    for secret in (pem, password):
        shown = model.redacted(said.format(secret))
        assert not any(part in shown for part in ("BEGIN", "MIIE", "p'a", "p\\'a", "w0rd"))
        assert "***" in shown


@pytest.mark.parametrize("kind", BOTH)
def test_secret_option_of_the_other_client_is_not_shown(
    kind: str, broker: Broker, topic: str
) -> None:
    """A mistaken option is named; the lines of a key are not."""
    pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n"
    options = {"ssl.key.pam": "x", "ssl.key.pem" if kind == "kafka" else "ssl_key": pem}
    outcome = run(to(target(kind, broker.address, topic, options=options)), 5, "-v")
    assert outcome.status == 1
    assert "ssl" in outcome.err.splitlines()[-1]
    assert "MIIE" not in outcome.err


@pytest.mark.parametrize("codec", ["snappy", "lz4", "zstd"])
def test_missing_codec_is_named(
    codec: str, broker: Broker, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kafka-python needs a package for all but gzip; the line to install it is told."""
    monkeypatch.setattr(f"kafka.codec.has_{codec}", lambda: False)
    outcome = run(to(target("kafka", broker.address, topic, compression_type=codec)), 5)
    assert outcome.status == 1
    package = {"snappy": "python-snappy", "lz4": "lz4", "zstd": "zstandard"}[codec]
    assert f"{codec} needs a package: pip install {package}" in outcome.err
