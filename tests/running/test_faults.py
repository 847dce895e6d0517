"""How many records had a value that could not be computed, up to what was delivered."""

import io
import json
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import generator
from datagen.batch import Batch, FaultPlace
from datagen.instants import NAIVE
from datagen.running.faults import FaultTally, fault_lines
from tests.support.helpers import invoke

TOTAL = FaultPlace(("emitters", "e", "dimensions", "total"), "price / quantity")
RATIO = FaultPlace(("states", "a", "variables", "ratio"), "a / b")


def batch(size: int, faults: Mapping[FaultPlace, list[int]]) -> Batch:
    """Return a batch of so many records with faults in some rows."""
    nothing = np.zeros(size, dtype=np.int64)
    rows = {place: np.array(each) for place, each in faults.items()}
    return Batch(nothing, nothing, 1, NAIVE, (), faults=rows)


def test_faults_count_up_to_what_was_delivered() -> None:
    """Records are made ahead: what never left counts for nothing, however often one asks."""
    tally = FaultTally()
    tally.add(batch(5, {TOTAL: [0, 3], RATIO: [4]}), 0, 5)
    tally.add(batch(4, {TOTAL: [1]}), 0, 4)
    counts = [dict(tally.until(records)) for records in (0, 1, 1, 4, 6, 7, 9)]
    assert [each.get(TOTAL, 0) for each in counts] == [0, 1, 1, 2, 2, 3, 3]
    assert [each.get(RATIO, 0) for each in counts] == [0, 0, 0, 0, 1, 1, 1]


def test_rows_that_are_for_nobody_do_not_count() -> None:
    """Those before the start, those that an earlier run delivered, those beyond -n."""
    tally = FaultTally()
    tally.add(batch(6, {TOTAL: [0, 2, 3, 5]}), 1, 4)
    assert tally.until(99) == {TOTAL: 2}


def test_fault_of_a_visit_without_a_record_belongs_to_the_next_record() -> None:
    """In whichever batch that is; it counts once if that has a fault of its own there."""
    tally = FaultTally()
    tally.add(batch(2, {TOTAL: [2], RATIO: [0, 2]}), 0, 2)
    tally.add(batch(0, {}), 0, 0)
    assert tally.until(99) == {RATIO: 1}
    tally.add(batch(3, {TOTAL: [0, 1]}), 0, 3)
    assert tally.until(2) == {RATIO: 1}
    assert tally.until(3) == {TOTAL: 1, RATIO: 2}
    assert tally.until(99) == {TOTAL: 2, RATIO: 2}


def test_lines_tell_the_places_of_most_records() -> None:
    """A few of them; the rest is a number."""
    assert fault_lines({TOTAL: 1234, RATIO: 1}) == [
        'emitters.e.dimensions.total: "price / quantity" had no value in 1,234 records (null)',
        'states.a.variables.ratio: "a / b" had no value in 1 record (null)',
    ]
    many = {FaultPlace(("f", str(number)), "1 / 0"): number for number in range(1, 9)}
    lines = fault_lines(many)
    assert len(lines) == 6
    assert lines[0].startswith("f.8:")
    assert lines[-1] == "and 3 more expressions like that"
    assert fault_lines({}) == []


def dividing() -> dict[str, Any]:
    """Return a specification that divides by what may be zero: in records, and in a state without any."""
    whole = {"type": "int", "distribution": {"type": "uniform", "min": 0, "max": 4}}
    return {
        "interarrival": {"type": "exponential", "mean": 1},
        "states": [
            {"name": "silent", "variables": [
                {"name": "pieces", **whole},
                {"name": "each", "type": "expression", "expr": "10 // pieces"}],
             "delay": {"type": "exponential", "mean": 1},
             "transitions": [{"next": "sale", "probability": 1}]},
            {"name": "sale", "emitter": "sale", "transitions": [{"next": "stop", "probability": 1}]},
        ],
        "emitters": [{"name": "sale", "dimensions": [
            {"name": "each", "type": "variable", "variable": "each"},
            {"name": "n", **whole},
            {"name": "ratio", "type": "expression", "expr": "1 / n"}]}],
    }  # fmt: skip


RUN = ("-s", "2027-03-12", "--seed", "3")


def told(path: Path) -> dict[str, int]:
    """Return what a summary says: how many records, by place."""
    return {each["place"]: each["records"] for each in json.loads(path.read_text())["faults"]}


def test_summary_tells_where_expressions_had_no_value(tmp_path: Path) -> None:
    """Once a delivered record, by -n, with other processes, and in a run that is resumed."""
    spec, path, output = dividing(), tmp_path / "s.json", tmp_path / "out.json"
    made = invoke(*RUN, "-n", "2000", "--summary", str(path), spec=spec)
    nulls = sum(each["ratio"] is None for each in made.records)
    places = "emitters.sale.dimensions.ratio", "states.silent.variables.each"
    whole = told(path)
    assert (whole[places[0]], set(whole)) == (nulls, set(places))
    assert f'{places[0]}: "1 / n" had no value in {nulls} records (null)' in made.err
    invoke(*RUN, "-n", "2000", "-j", "2", "--summary", str(path), spec=spec)
    assert told(path) == whole
    parts: list[int] = []
    spec["target"] = {"type": "file", "path": str(output)}
    for count in ("700", "1300"):
        invoke(*RUN, "-n", count, "--resume", str(tmp_path / "c.json"), "--summary", str(path), spec=spec)  # fmt: skip
        parts.append(told(path)[places[0]])
    assert sum(parts) == nulls
    first = [json.loads(line)["ratio"] for line in output.read_text().splitlines()[:700]]
    assert parts[0] == first.count(None)


RATIO_PLACE, PATTERN_PLACE = "emitters.sale.dimensions.ratio", "pattern"
PATTERN = {"type": "pattern", "pattern": "{n} {each * 1 / n:.1f} {ratio|-}"}


class Interrupting(io.BytesIO):
    """What a signal comes to while it takes its first bytes."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._numbers = [number]

    def write(self, data: Any) -> int:
        if len(data) and self._numbers:
            signal.raise_signal(self._numbers.pop())
        return super().write(data)


def in_pattern() -> dict[str, Any]:
    """Return the same specification, written by a pattern that divides as well: by zero in the same records."""
    spec = dividing()
    spec["target"] = {"type": "stdout", "format": PATTERN}
    spec["states"][0]["variables"][1]["expr"] = "10"
    return spec


def divided_by_zero(output: str) -> int:
    """Return how many lines of the pattern have no quotient; each says so in both places."""
    lines = output.splitlines()
    found = [line for line in lines if line.startswith("0 ")]
    assert set(found) == {"0  -"}
    return len(found)


@pytest.mark.parametrize("more", [(), ("-j", "2"), ("-m", "3", "--part", "1/2"), ("-r", "20M")])
def test_expressions_in_patterns_count_once_a_record(tmp_path: Path, more: Sequence[str]) -> None:
    """In this process and others, of a part, up to the end of the time."""
    path = tmp_path / "s.json"
    limit = () if "-r" in more else ("-n", "3000")
    made = invoke(*RUN, *limit, *more, "--summary", str(path), spec=in_pattern())
    count = divided_by_zero(made.out.decode())
    assert count > 50
    assert told(path) == {RATIO_PLACE: count, PATTERN_PLACE: count}
    assert f'{PATTERN_PLACE}: "each * 1 / n" had no value in {count:,} records (null)' in made.err


def test_pattern_reads_what_many_records_share(tmp_path: Path) -> None:
    """What a worker remembers is divided once for all of its records; each of them counts."""
    path, spec = tmp_path / "s.json", in_pattern()
    spec["states"][1]["transitions"] = [
        {"next": "sale", "probability": 0.9},
        {"next": "stop", "probability": 0.1},
    ]
    spec["states"][0]["variables"][1] = {
        "name": "each", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 4}}  # fmt: skip
    spec["target"]["format"] = {"type": "pattern", "pattern": "{each} {6 // each}"}
    made = invoke(*RUN, "-n", "4000", "--summary", str(path), spec=spec)
    count = made.out.decode().splitlines().count("0 ")
    assert count > 100
    assert told(path)[PATTERN_PLACE] == count


def test_same_expression_of_several_targets_counts_once(tmp_path: Path) -> None:
    """Whatever they write besides, and however often it stands there."""
    path, spec = tmp_path / "s.json", in_pattern()
    patterns = ["{n} {1 / n} {1 / n:.1f}", "{1 / n}"]
    spec["target"] = {"type": "tee", "targets": [
        {"type": "file", "path": str(tmp_path / f"{number}.txt"), "format": {"type": "pattern", "pattern": each}}
        for number, each in enumerate(patterns)
    ]}  # fmt: skip
    invoke(*RUN, "-n", "500", "--summary", str(path), spec=spec)
    lines = (tmp_path / "1.txt").read_text().splitlines()
    assert told(path)[PATTERN_PLACE] == lines.count("") > 50


@pytest.mark.parametrize("more", [(), ("-j", "2")])
def test_resumed_run_counts_its_own(tmp_path: Path, more: Sequence[str]) -> None:
    """Expressions of fields and of patterns alike: each record counts in the run that delivers it."""
    path, output, spec = tmp_path / "s.json", tmp_path / "out.txt", in_pattern()
    spec["target"] = {"type": "file", "path": str(output), "format": PATTERN}
    before = 0
    for count in ("700", "1300"):
        invoke(*RUN, "-n", count, *more, "--resume", str(tmp_path / "c.json"), "--summary", str(path), spec=spec)  # fmt: skip
        now = divided_by_zero(output.read_text())
        assert told(path) == {RATIO_PLACE: now - before, PATTERN_PLACE: now - before}
        before = now


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("more", [(), ("-j", "2")])
def test_interrupted_run_counts_what_was_delivered(
    tmp_path: Path, number: int, more: Sequence[str]
) -> None:
    """Not what was made ahead."""
    path, out = tmp_path / "s.json", Interrupting(number)
    given = io.BytesIO(json.dumps(in_pattern()).encode())
    arguments = [*RUN, "-n", "1000000", *more, "--summary", str(path)]
    status = generator.main(arguments, given, out, io.StringIO())
    assert status == 128 + number
    delivered = out.getvalue().decode()
    assert 0 < json.loads(path.read_text())["delivered"] == delivered.count("\n") < 1_000_000
    count = divided_by_zero(delivered)
    assert count > 0
    assert told(path) == {RATIO_PLACE: count, PATTERN_PLACE: count}


def of_products(**keys: Any) -> dict[str, Any]:
    """Return sales of products whose unit price divides by what may be zero; some keys of the emitter differ."""
    pieces = {
        "name": "pieces",
        "type": "int",
        "distribution": {"type": "uniform", "min": 0, "max": 4},
    }
    stop = [{"next": "again", "probability": 0.5}, {"next": "stop", "probability": 0.5}]
    return {
        "interarrival": {"type": "exponential", "mean": 1},
        "entities": {"products": {"count": 40, "attributes": [
            pieces,
            {"name": "each", "type": "expression", "expr": "12 / pieces"},
            {"name": "more", "type": "expression", "expr": "each + 1"}]}},
        "states": [
            {"name": "first", "emitter": "sale",
             "variables": [{"name": "product", "type": "entity", "entity": "products"}],
             "delay": {"type": "exponential", "mean": 50}, "transitions": stop},
            {"name": "again", "emitter": "sale", "delay": {"type": "exponential", "mean": 50}, "transitions": stop},
        ],
        "emitters": [{"name": "sale", "dimensions": [
            {"name": "id", "type": "expression", "expr": "product.id"},
            {"name": "pieces", "type": "expression", "expr": "product.pieces"}, *keys["dimensions"]]}],
    }  # fmt: skip


EACH = "entities.products.each"
LOOKS: list[tuple[dict[str, Any], str]] = [
    ({"type": "expression", "expr": "product.each * 2"}, "n['pieces'] == 0"),
    ({"type": "expression", "expr": "product.more"}, "n['pieces'] == 0"),
    ({"type": "expression", "expr": "product.each if id % 2 else 1"}, "n['pieces'] == 0 and n['id'] % 2"),
    ({"type": "expression", "expr": "default(product.each, 0)"}, "n['pieces'] == 0"),
    ({"type": "variable", "variable": "product"}, "n['pieces'] == 0"),
    ({"type": "variable", "variable": "product", "percent_nulls": 50}, "n['x'] and n['pieces'] == 0"),
    ({"type": "entity", "entity": "products"}, "n['x']['pieces'] == 0"),
    ({"type": "entity", "entity": "products", "field": "each", "percent_missing": 30}, "n.get('x', 1) is None"),
    ({"type": "object", "dimensions": [{"name": "p", "type": "entity", "entity": "products"}]}, "n['x']['p']['each'] is None"),
]  # fmt: skip


@pytest.mark.parametrize(("look", "faulty"), LOOKS)
@pytest.mark.parametrize("more", [(), ("-j", "2"), ("-m", "7", "--part", "1/2")])
def test_record_that_looks_at_a_faulty_attribute_counts(
    tmp_path: Path, look: dict[str, Any], faulty: str, more: Sequence[str]
) -> None:
    """Once, however many look at the same member, and only where it is looked at."""
    path, spec = tmp_path / "s.json", of_products(dimensions=[{"name": "x", **look}])
    made = invoke(*RUN, "-n", "3000", *more, "--summary", str(path), spec=spec)
    code = compile(faulty, "faulty", "eval")
    count = sum(bool(eval(code, {"n": each})) for each in made.records)
    assert count > 20
    assert told(path) == {EACH: count}


def test_nobody_looks_at_other_attributes(tmp_path: Path) -> None:
    """A member may have what no record shows."""
    path = tmp_path / "s.json"
    invoke(*RUN, "-n", "500", "--summary", str(path), spec=of_products(dimensions=[]))
    assert told(path) == {}


def test_attributes_count_in_the_run_that_delivers(tmp_path: Path) -> None:
    """Members that a worker remembers from before a run was resumed are looked at all the same."""
    look = {"name": "x", "type": "expression", "expr": "product.each"}
    path, output, spec = tmp_path / "s.json", tmp_path / "o.json", of_products(dimensions=[look])
    spec["target"] = {"type": "file", "path": str(output)}
    before = 0
    for count in ("300", "301", "1"):
        invoke(*RUN, "-n", count, "--resume", str(tmp_path / "c.json"), "--summary", str(path), spec=spec)  # fmt: skip
        records = map(json.loads, output.read_text().splitlines())
        now = sum(each["pieces"] == 0 for each in records)
        assert told(path).get(EACH, 0) == now - before
        before = now


@pytest.mark.parametrize("more", [(), ("-j", "2")])
def test_members_count_as_records_of_their_own(tmp_path: Path, more: Sequence[str]) -> None:
    """Where they are written by themselves."""
    path, spec = tmp_path / "s.json", of_products(dimensions=[])
    made = invoke(*RUN, "--entities", "products", *more, "--summary", str(path), spec=spec)
    count = sum(each["pieces"] == 0 for each in made.records)
    assert (len(made.records), told(path)) == (40, {EACH: count})
    assert count > 2


@pytest.mark.parametrize("where", ["12 // pieces > 2", "each > 4"])
def test_picks_that_could_not_look_count(tmp_path: Path, where: str) -> None:
    """Those before the member that is found: as many for any size of windows."""
    pick = {"name": "x", "type": "entity", "entity": "products", "field": "id", "where": where}
    path, spec = tmp_path / "s.json", of_products(dimensions=[pick])

    def counts(records: int, *more: str) -> dict[str, int]:
        invoke(*RUN, "-n", str(records), *more, "--summary", str(path), spec=spec)
        return told(path)

    found = counts(2000)
    place = EACH if where.startswith("each") else "emitters.sale.dimensions.x"
    assert [*found] == [place]
    assert (
        300 < found[place] < 1500
    )  # a fifth of the members has no pieces; half of the tries find one
    assert counts(2000, "-j", "2") == found
    few = counts(200)
    spec["target"] = {"type": "file", "path": str(tmp_path / "o.json")}
    parts = [counts(40, "--resume", str(tmp_path / "c.json")) for _ in range(5)]
    assert sum(each[place] for each in parts) == few[place]


def test_replay_counts_in_its_pattern(tmp_path: Path) -> None:
    """Once a record of every pass."""
    source, path = tmp_path / "source.csv", tmp_path / "s.json"
    source.write_text("time,n\n2027-01-01T00:00:00Z,0\n2027-01-01T00:00:01Z,2\n")
    spec: dict[str, Any] = {"type": "replay", "source_file": str(source), "time_field": "time"}
    form = {"type": "pattern", "pattern": "{n} {1 / int(n)}"}
    spec["target"] = {"type": "stdout", "format": form}
    made = invoke("-s", "2027-03-12", "-n", "5", "--summary", str(path), spec=spec)
    assert made.out.decode().splitlines() == ["0 ", "2 0.5", "0 ", "2 0.5", "0 "]
    assert told(path) == {PATTERN_PLACE: 3}
