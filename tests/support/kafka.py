"""Runs that send messages to brokers, and the brokers of the tests, as fixtures."""

import gc
import json
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from tests.support.broker import Broker, MockCluster
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant, exponential

# kafka-python leaves sockets open when nobody answers
SOCKETS_STAY_OPEN = pytest.mark.filterwarnings(
    "ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
BOTH = ("confluent", "kafka")
SPEC: Spec = {
    "states": [
        {"name": "in", "emitter": "login", "delay": exponential(1),
         "variables": [{"name": "user", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 50}}],
         "transitions": [{"next": "look", "probability": 1}]},
        {"name": "look", "emitter": "page", "delay": exponential(2),
         "transitions": [{"next": "look", "probability": 0.8}, {"next": "stop", "probability": 0.2}]},
    ],
    "emitters": [
        {"name": "login", "dimensions": [
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "method", "type": "enum", "values": ["password", 'key "x"'],
             "cardinality_distribution": {"type": "uniform", "min": 0, "max": 1}},
        ]},
        {"name": "page", "dimensions": [
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "path", "type": "enum", "values": ["/", "/a,b", None, "/\u00fc"],
             "cardinality_distribution": {"type": "uniform", "min": 0, "max": 3}},
        ]},
    ],
    "interarrival": constant(0.05),
}  # fmt: skip
SECRET = "s3cr3t-w0rd"


@pytest.fixture(scope="session")
def shared_broker() -> Iterator[Broker]:
    """Return a broker that all tests of a process use."""
    broker = Broker()
    yield broker
    broker.close()


@pytest.fixture
def broker(shared_broker: Broker) -> Iterator[Broker]:
    """Return the broker, in good health before and after."""
    yield shared_broker
    shared_broker.go_on()
    shared_broker.proxy.restore()


@pytest.fixture(autouse=True, scope="module")
def _frozen() -> Iterator[None]:
    """Let what was there before be left alone each time that sockets are looked for."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _tidy(_frozen: None) -> Iterator[None]:
    """Let the sockets go that kafka-python leaves open when its broker is away."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def topic() -> str:
    """Return a topic of the test's own."""
    return f"t-{uuid4().hex}"


def target(kind: str, address: str, topic: str, **keys: Any) -> Spec:
    """Return a target of either kind."""
    place = {"kafka": "endpoint", "confluent": "servers"}[kind]
    return {"type": kind, place: address, "security_protocol": "PLAINTEXT", "topic": topic, **keys}


def run(spec: Spec, n: int, *arguments: str) -> Outcome:
    """Run the program with everything fixed."""
    return invoke("--seed", "1", "-s", "2027-03-12", "-n", str(n), *arguments, spec=spec)


def to(aim: Spec) -> Spec:
    """Return the specification with a target."""
    return {**SPEC, "target": aim}


@cache
def lines(n: int) -> list[bytes]:
    """Return the records of a run to stdout."""
    return run(SPEC, n).out.splitlines()


def by_key(values: Iterable[bytes]) -> dict[int, list[bytes]]:
    """Return the records of each user, in order."""
    found: dict[int, list[bytes]] = defaultdict(list)
    for value in values:
        found[json.loads(value)["user"]].append(value)
    return found


def counts(outcome: Outcome) -> tuple[int, int, int]:
    """Return what a summary says was delivered, failed and not sent."""
    summary = outcome.err.replace(",", "")
    delivered = re.search(r"^(\d+) records", summary, re.MULTILINE)
    failed, unsent = (
        re.search(r"(\d+) failed", summary),
        re.search(r"(\d+) not (?:sent|delivered)\b(?! \()", summary),
    )
    return tuple(int(each[1]) if each else 0 for each in (delivered, failed, unsent))  # type: ignore[return-value]


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    """Return a mock cluster."""
    made = MockCluster()
    yield made
    made.close()
