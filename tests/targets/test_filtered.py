"""A sink of some of the records knows its place in the stream of all, and adds its counts up."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.targets.delivered import Position
from datagen.targets.filtered import FilteredSink
from datagen.targets.passing import PASSES
from datagen.targets.sink import Sink
from tests.support.helpers import invoke
from tests.support.records import rendered
from tests.support.routing import ORDERS, Spec, folder  # noqa: F401 - a fixture


class Slow(Sink):
    """Takes records, and is sure of as many as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[bytes] = []
        self.broken = False

    def write(self, records: Rendered) -> None:
        """Keep the records, or fail."""
        if self.broken:
            raise TargetError("slow", "is broken", self.delivered)
        self.texts += bytes(records.as_bytes().data).splitlines()


def some(mask: list[bool], first: int = 0) -> Rendered:
    """Return numbered records, with whether each passes."""
    found = rendered([b"%d\n" % (first + row) for row in range(len(mask))])
    return Rendered(found.payloads, found.times, {PASSES: np.array(mask)})  # type: ignore[dict-item]


def test_the_place_is_that_of_the_first_that_is_not_safe() -> None:
    """What is passed over before it is done with; once all that passed is safe, so is the rest."""
    inner = Slow()
    sink = FilteredSink(inner)
    sink.write(some([False, True, False, True]))
    sink.write(some([False, False], 4))
    sink.write(some([True], 6))
    assert inner.texts == [b"1", b"3", b"6"]
    places = []
    for inner.delivered in range(4):
        places.append((sink.position().records, sink.settled))
    assert places == [(1, 1), (3, 3), (6, 6), (7, 7)]
    assert sink.passed_over == 4


def test_a_later_run_goes_on_there() -> None:
    """Its numbers are those of all runs."""
    before = Position(6, parts=(Position(2),))
    inner = Slow()
    inner.records_before = 2
    sink = FilteredSink(inner, before)
    sink.write(some([True, False, True], 6))
    assert sink.position() == Position(6, parts=(Position(2),))
    inner.delivered = 1
    assert sink.position() == Position(8, parts=(Position(3),))
    inner.delivered = 2
    assert sink.position().records == 9


def test_what_fails_is_neither_safe_nor_passed_over() -> None:
    """The records of a write that failed are to be made again."""
    inner = Slow()
    sink = FilteredSink(inner)
    sink.write(some([True, False]))
    inner.delivered, inner.broken = 1, True
    with pytest.raises(TargetError):
        sink.write(some([False, True], 2))
    assert sink.position().records == 3
    assert (sink.delivered, sink.passed_over) == (1, 2)


TARGETS: list[Spec] = [
    {"type": "file", "path": "x.jsonl", "when": "qty == 2"},
    {"type": "file", "path": "x.csv.gz", "emitters": ["line"]},
    {"type": "file", "path": "x-%H%M.parquet", "emitters": ["order"]},
    {"type": "tee", "targets": [
        {"type": "file", "path": "o.csv", "emitters": "order"},
        {"type": "file", "path": "x-%H%M.csv", "emitters": "line", "when": "qty > 3"}]},
    {"type": "tee", "when": "emitter == 'order' or qty > 1", "targets": [
        {"type": "file", "path": "x.jsonl"},
        {"type": "file", "path": "y.jsonl", "when": "total > 30"}]},
]  # fmt: skip


def contents() -> dict[str, bytes]:
    """Return all output files."""
    return {
        each.name: each.read_bytes() for each in Path().iterdir() if re.match("[oxy]", each.name)
    }


@pytest.mark.parametrize("target", TARGETS, ids=lambda each: json.dumps(each)[:60])
def test_in_several_runs_as_in_one(target: Spec, tmp_path_factory: Any, monkeypatch: Any) -> None:
    """Each resumes where the one before stopped, and the files are the same bytes."""
    spec = {**ORDERS, "target": target}
    flags = ("--seed", "1", "-s", "2027-03-12", "--resume", "c.json", "--summary", "s.json", "-q")
    assert invoke(*flags, "--until", "2027-03-12T00:10", spec=spec).status == 0
    whole = contents()
    total = json.loads(Path("s.json").read_text())
    monkeypatch.chdir(tmp_path_factory.mktemp("resumed"))
    sums = dict.fromkeys(("generated", "delivered", "passed_over"), 0)
    for until in ("00:01:07", "00:04", "00:10"):
        assert invoke(*flags, "--until", f"2027-03-12T{until}", spec=spec).status == 0
        document = json.loads(Path("s.json").read_text())
        sums = {key: sums[key] + document[key] for key in sums}
    assert contents() == whole
    if "gz" not in str(target) and "parquet" not in str(target):  # whose last member is made anew
        assert sums == {key: total[key] for key in sums}
