"""`array` of the format json: what is written is one document, however it comes about, and goes on after a resume."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.helpers import Outcome, invoke
from tests.support.routing import ORDERS, Spec, folder  # noqa: F401 - a fixture
from tests.support.servers import HttpServer

FLAGS = ("--seed", "1", "-s", "2027-03-12", "-q")
ARRAY: Spec = {"type": "json", "array": True}
WRAPPED: Spec = {**ARRAY, "wrap": "Records"}


def run(*flags: str, **keys: Any) -> Outcome:
    """Run the orders."""
    outcome = invoke(*FLAGS, *flags, spec={**ORDERS, **keys})
    assert outcome.status == 0, outcome.err
    return outcome


def records(*flags: str) -> list[Spec]:
    """Return the records of a run, line by line."""
    return [json.loads(line) for line in run(*flags).out.splitlines()]


@pytest.mark.parametrize(
    "flags", [("-n", "0"), ("-n", "1"), ("-n", "300"), ("-n", "300", "-j", "2")]
)
def test_stdout_is_one_document(flags: tuple[str, ...]) -> None:
    """Also without a record."""
    assert json.loads(run(*flags, format=ARRAY).out) == records(*flags)
    assert json.loads(run(*flags, format=WRAPPED).out) == {"Records": records(*flags)}


PATHS = ["x.json", "x.json.gz", "%M.json", "%M.json.gz", "{sku}.json", "{sku}.json.gz"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("format_", [ARRAY, WRAPPED])
def test_files_go_on_before_their_end(path: str, format_: Spec) -> None:
    """Each run leaves whole documents; the next one cuts off the end of the last."""
    target = {"type": "file", "path": path, "format": format_}
    for until in ("00:00:20", "00:01:30", "00:03"):
        run("--resume", "c", "--until", f"2027-03-12T{until}", target=target)
        assert sorted(map(str, found())) == sorted(
            map(str, records("--until", f"2027-03-12T{until}"))
        )


def found() -> list[Spec]:
    """Return the records in all documents."""
    all_of_them: list[Spec] = []
    for path in Path().glob("*.json*"):
        data = path.read_bytes()
        document = json.loads(gzip.decompress(data) if ".gz" in path.name else data)
        all_of_them += document if isinstance(document, list) else document["Records"]
    return all_of_them


def test_what_is_passed_over_leaves_no_comma() -> None:
    """The first record in the file need not be the first of the run."""
    run("-n", "300", target={"type": "file", "path": "x.json", "format": ARRAY, "when": "qty > 3"})
    assert found() == [each for each in records("-n", "300") if each.get("qty", 0) > 3]


def test_each_body_is_a_document() -> None:
    """Of the records of its batch."""
    with HttpServer() as server:
        target = {"type": "http", "url": server.url, "batch_records": 100, "format": ARRAY}
        run("-n", "250", target=target)
        bodies = [json.loads(each.body) for each in server.requests]
    assert [len(each) for each in bodies] == [100, 100, 50]
    assert [record for each in bodies for record in each] == records("-n", "250")


MISTAKES: list[tuple[Spec, str]] = [
    ({"format": {"type": "json", "wrap": "x"}}, 'is the name of an array: add "array": true'),
    ({"format": {"type": "json", "array": 1}}, "array"),
    ({"target": {"type": "tcp", "host": "localhost", "port": 1}, "format": ARRAY}, "a JSON array is one document"),
    ({"target": {"type": "file", "path": "x", "mode": "append"}, "format": ARRAY}, "a JSON array is one document"),
    ({"truth": {"type": "file", "path": "t", "format": ARRAY}}, "the truth is written as json, a line for each event"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "text"), MISTAKES)
def test_where_it_makes_no_sense(keys: Spec, text: str) -> None:
    """It is an error before the run."""
    outcome = invoke(*FLAGS, "-n", "3", spec={**ORDERS, **keys})
    assert outcome.status == 1
    assert text in outcome.err
