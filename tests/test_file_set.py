"""The files of a run: none takes the place of another, whatever it is called."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.instants import NAIVE, parse_instant
from datagen.targets.files.path_pattern import PathPattern
from datagen.targets.files.target import FileTarget
from tests.guarantees.kill import counting
from tests.support.helpers import Outcome, invoke
from tests.support.replays import rows_of

DAY = "2027-03-12"
BEGIN = datetime(2027, 1, 1)  # noqa: DTZ001 - as hypothesis wants it


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(spec: Any, path: str, *flags: str) -> Outcome:
    """Run with a specification in a file, into a path."""
    Path("spec.json").write_text(json.dumps({**spec, "target": {"type": "file", "path": path}}))
    return invoke("-c", "spec.json", "-s", DAY, "--seed", "1", "-q", *flags)


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("o-%H.json", "o-00.json"),
        ("o-%H.json", "./o-23-2.json"),
        ("o-%H.json", "o-00.json.part"),
        ("%Y/%m%d/%H.csv.gz", "2027/0312/00-1.csv.gz"),
        ("x%%-%A.json", "x%-Friday.json"),
        ("a.parquet", "a.parquet.part"),
        ("a.json", "b/../a.json"),
    ],
)
def test_path_with_directives_stands_for_all_its_files(path: str, file: str) -> None:
    """Numbered ones too, and those that are being written."""
    Path("b").mkdir()
    assert file in FileTarget(path=path).files()


@pytest.mark.parametrize(
    ("path", "file"),
    [("o-%H.json", "o-spec.json"), ("%Y.json", "20270.json"), ("o-%H.json", "p/o-00.json"),
     ("x%%.json", "xx.json"), ("%H.json", "/dev/null"), ("a.json", "a.json.part")],
)  # fmt: skip
def test_other_files_are_not_among_them(path: str, file: str) -> None:
    """What stands beside may well be called alike."""
    assert file not in FileTarget(path=path).files()


@given(
    path=st.lists(
        st.sampled_from(
            [
                *(f"%{letter}" for letter in "YmdHIMSyjfUWVgGabABpsTRFeDZz"),
                "%3f",
                "%:z",
                "%%",
                "x",
                "-",
                ".",
            ]
        ),
        min_size=1,
        max_size=6,
    ).map(lambda parts: "".join(["n", *parts, ".json"])),
    seconds=st.integers(0, 10**8),
)
def test_every_name_is_found(path: str, seconds: int) -> None:
    """Whatever the directives and the time."""
    instant = parse_instant((BEGIN + timedelta(seconds=seconds)).isoformat())
    pattern = PathPattern(path)
    if FileTarget(path=path).is_partitioned:
        (name,) = pattern.paths(np.array([instant.micros]), NAIVE)
        assert name in FileTarget(path=path).files()


@pytest.mark.parametrize("file", ["o-00.json", "o-01.json.part"])
@pytest.mark.parametrize("flag", ["--resume", "--summary"])
def test_records_of_some_hour_are_not_replaced(flag: str, file: str) -> None:
    """Neither by a checkpoint nor by a summary."""
    outcome = run(counting(), "o-%H.json", "-n", "5", flag, file)
    assert outcome.status == 1
    assert outcome.err.endswith("for the records\n")
    assert [path.name for path in Path().iterdir()] == ["spec.json"]


@pytest.mark.parametrize("name", ["ck", "./ck", "ck.lock", "ck.part"])
@pytest.mark.parametrize("spec", [counting(), {"states": 3}], ids=["good", "bad"])
def test_checkpoint_is_not_replaced_by_the_summary(name: str, spec: Any) -> None:
    """Nor are the files beside it; not by a run that fails either."""
    assert run(counting(), "out", "-n", "5", "--resume", "ck").status == 0
    before = {path.name: path.read_bytes() for path in Path().iterdir() if path.name != "spec.json"}
    outcome = run(spec, "out", "-n", "5", "--resume", "ck", "--summary", name)
    assert outcome.status == 1
    assert outcome.err == f"--summary {name}: this file is already used for the checkpoint\n"
    after = {path.name: path.read_bytes() for path in Path().iterdir() if path.name != "spec.json"}
    assert after == before


@pytest.mark.parametrize("wrong", [{}, {"loop": 3}])
@pytest.mark.parametrize("flag", ["--summary", "--resume"])
def test_source_of_a_replay_is_not_replaced(flag: str, wrong: Any) -> None:
    """Neither by a summary nor by a checkpoint, also where the specification is wrong."""
    Path("x.csv").write_text(rows_of(20))
    spec = {"type": "replay", "source_file": "x.csv", "time_field": "t", **wrong}
    outcome = run(spec, "out", "-n", "5", flag, "x.csv")
    assert outcome.status == 1
    assert wrong or outcome.err.endswith("is already used for the source\n")
    assert Path("x.csv").read_text() == rows_of(20)


def test_source_of_a_replay_is_not_replaced_by_records_of_some_hour() -> None:
    """The path with directives would come to it."""
    Path("s-00.csv").write_text(rows_of(20))
    spec = {"type": "replay", "source_file": "s-00.csv", "time_field": "t"}
    outcome = run(spec, "s-%H.csv", "-n", "5")
    assert (outcome.status, outcome.err) == (1, "the target would overwrite the source, s-00.csv\n")
    assert Path("s-00.csv").read_text() == rows_of(20)
