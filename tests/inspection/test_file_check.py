"""Files that were made earlier fit the model that made them, and no other."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.inspection.file_check import micros_of
from tests.support.helpers import Outcome, invoke
from tests.support.machines import exponential, spec_of
from tests.support.reports import changed

EVEN = {"type": "normal", "mean": 50, "stddev": 5}
SPEC = spec_of(
    {"a": (exponential(20), {"a": 0.5, "stop": 0.5})},
    exponential(0.5),
    [
        {"name": "time", "type": "clock"},
        {"name": "price", "type": "float", "percent_nulls": 5, "distribution": EVEN},
        {"name": "kind", "type": "enum", "values": ["a", "b", 3], "weights": [5, 3, 2], "percent_missing": 2},
        {"name": "user", "type": "string", "chars": "abc", "length_distribution": {"type": "constant", "value": 9},
         "cardinality": 40, "cardinality_distribution": {"type": "uniform", "min": 0, "max": 39}},
    ],
)  # fmt: skip
RUN = ("-s", "2027-03-12", "--seed", "1", "-m", "none", "-r", "2H")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the same records in all formats."""
    path = tmp_path_factory.mktemp("made")
    (path / "a.jsonl").write_bytes(invoke(*RUN, spec=SPEC).out)
    for kind in ("csv", "tsv"):
        (path / f"a.{kind}").write_bytes(invoke(*RUN, f"--{kind}", spec=SPEC).out)
    for form in ("parquet", "arrow", "avro"):
        target = {"type": "file", "path": str(path / f"a.{form}"), "format": {"type": form}}
        assert invoke(*RUN, "-q", spec=SPEC | {"target": target}).status == 0
    return path


def checked(
    folder: Path, name: str, spec: Any = SPEC, flags: tuple[str, ...] = RUN
) -> tuple[Outcome, Any]:
    """Return what --check says, and the document."""
    path = folder / "report.json"
    found = invoke(*flags, "--report", str(path), "--check", str(folder / name), spec=spec)
    return found, json.loads(path.read_text())


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.parquet", "a.arrow", "a.avro"])
def test_files_fit_what_made_them(folder: Path, name: str) -> None:
    """In each format: values, nulls, sets, and the number of records; it says that this is all."""
    found, report = checked(folder, name)
    assert (found.status, found.out, report["verdict"]) == (0, b"", "fits")
    assert report["notes"] == ["files show no visits: fields and the number of records only"]
    subjects = {each["subject"] for each in report["tests"]}
    fields = {f'field "{each}" of "e"' for each in ("price", "kind", "user")}
    assert fields | {"records in all"} <= subjects
    assert any(each.endswith('of field "kind" of "e"') for each in subjects)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet"])
@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("emitters.0.dimensions.1.distribution.mean", 51, 'field "price" of "e"'),
        ("emitters.0.dimensions.1.percent_nulls", None, 'of field "price" of "e"'),
        ("emitters.0.dimensions.2.weights", [5, 3, 2.5], 'field "kind" of "e"'),
        ("interarrival.mean", 0.6, "records in all"),
    ],
)
def test_faults_are_named(folder: Path, name: str, path: str, value: Any, named: str) -> None:
    """With a status that scripts see."""
    found, report = checked(folder, name, changed(path, value, SPEC))
    assert found.status == 1
    assert named in report["worst"][0]["subject"]
    assert ": does not fit the model: " in found.err


def test_what_is_not_known(folder: Path) -> None:
    """Without a seed no set of values, without a start or with a cap no number of records."""
    _, report = checked(folder, "a.jsonl", flags=("-m", "none"))
    why = {each["subject"]: each["why"] for each in report["not_tested"]}
    assert why['field "user" of "e"'] == "its set of values depends on the seed; give --seed"
    assert why["records in all"] == "it is not known when the run began; give -s"
    _, report = checked(folder, "a.jsonl", flags=("-s", "2027-03-12", "-m", "50000"))
    why = {each["subject"]: each["why"] for each in report["not_tested"]}
    assert why["records in all"] == "-m may have held arrivals back; give -m none if it did not"


def test_emitters_are_told_apart_by_their_fields(folder: Path) -> None:
    """In JSON; what may be of several is not tested, nor are variables."""
    two = changed("emitters.1", {}, {**SPEC, "emitters": [*SPEC["emitters"], {}]})
    two["emitters"][1] = {"name": "other", "dimensions": [{"name": "n", "type": "int", "distribution": EVEN},
                                                       {"name": "v", "type": "variable", "variable": "v"}]}  # fmt: skip
    two["states"][0] |= {"emitter": ["e", "other"], "variables": [{"name": "v", "type": "uuid"}]}
    (folder / "two.jsonl").write_bytes(invoke(*RUN, spec=two).out + b'{"x": 1}\n')
    found, report = checked(folder, "two.jsonl", two)
    assert found.status == 0, found.err
    assert {'field "n" of "other"', 'field "price" of "e"'} <= {
        each["subject"] for each in report["tests"]
    }
    why = {each["subject"]: each["why"] for each in report["not_tested"]}
    assert why["1 records"] == "no emitter, or more than one, may have made them"
    assert why['field "v" of "other"'] == "files do not show how often a record repeats a variable"


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--check", "a.jsonl"), "--check needs --report, the file that says what fits"),
        (
            ("--report", "r.json", "--resume", "c", "--check", "a.jsonl"),
            "--check and --resume contradict",
        ),
    ],
)
def test_contradictions(flags: tuple[str, ...], text: str) -> None:
    """Wrong usage."""
    found = invoke(*flags, spec=SPEC)
    assert found.status == 2
    assert text in found.err


def test_instants() -> None:
    """ISO 8601, in UTC unless it says otherwise."""
    assert micros_of("1970-01-02T00:00:00.000001") == 86_400_000_001
    assert micros_of("1970-01-01T01:00:00+01:00") == 0
    assert micros_of("yesterday") is micros_of(7) is None
