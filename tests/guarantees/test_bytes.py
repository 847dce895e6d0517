"""--bytes ends a run before the record that passes it: a prefix, whatever makes and takes the records."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.guarantees.kill import REPLAY, REPLAYED, counting
from tests.support.helpers import invoke

RUN = ("-s", "2027-03-12", "--seed", "3", "-q")
LATE: dict[str, Any] = {
    "disorder": [
        {"type": "late", "share": 0.5, "delay": {"type": "exponential", "mean": 3, "max": 30}},
        {"type": "duplicate", "share": 0.3},
    ]
}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def made(*arguments: str, spec: Any = None) -> bytes:
    """Return what stdout gets; the run has to go well."""
    outcome = invoke(*RUN, *arguments, spec=spec or counting())
    assert outcome.status == 0, outcome.err
    return outcome.out


def prefix(data: bytes, size: int) -> bytes:
    """Return the lines that fit."""
    return data[: data.rfind(b"\n", 0, size) + 1]


@pytest.mark.parametrize("size", [0, 1, 5_000, 100_000])
@pytest.mark.parametrize("flags", [(), ("-j", "2"), ("--part", "1/3")])
def test_a_prefix_of_the_stream(size: int, flags: tuple[str, ...]) -> None:
    """Of the lines that an endless run would write, those that fit."""
    all_of_it = made("-n", "9000", *flags)
    size_of_part = (size + 1) // 3 if "--part" in flags else size
    assert made("--bytes", str(size), *flags) == prefix(all_of_it, size_of_part)


def test_to_the_byte() -> None:
    """A record that ends at the limit is within it."""
    ten = made("-n", "10")
    assert made("--bytes", str(len(ten))) == ten
    assert made("--bytes", str(len(ten) - 1)) == made("-n", "9")


def test_a_header_does_not_count() -> None:
    """It is no record."""
    header, rest = made("-n", "50", "--csv").split(b"\n", 1)
    found = made("--bytes", "300", "--csv")
    assert found == header + b"\n" + prefix(rest, 300)


def test_text_counts_before_compression() -> None:
    """What is in the file is what stdout would get."""
    made("--bytes", "50kB", spec={**counting(), "target": {"type": "file", "path": "a.gz"}})
    assert gzip.decompress(Path("a.gz").read_bytes()) == made("--bytes", "50kB")


@pytest.mark.parametrize("first", ["a.json", "b.csv"])
def test_of_several_targets_the_first_counts(first: str) -> None:
    """The others get the same records."""
    json_, csv = (
        {"type": "file", "path": "a.json"},
        {"type": "file", "path": "b.csv", "format": "csv"},
    )
    targets = [json_, csv] if first == "a.json" else [csv, json_]
    made("--bytes", "20kB", spec={**counting(), "target": {"type": "tee", "targets": targets}})
    sizes = {name: len(Path(name).read_bytes()) for name in ("a.json", "b.csv")}
    assert 19_000 < sizes[first] <= 20_000 + 100 * (first == "b.csv")
    lines = Path("a.json").read_bytes().count(b"\n")
    assert Path("b.csv").read_bytes().count(b"\n") == lines + 1


@pytest.mark.parametrize("spec", [counting(), {**counting(), **LATE}, REPLAY])
def test_resumed_runs_add_as_much_each(spec: Any) -> None:
    """And end where the next one goes on: together they are one stream."""
    Path("source.csv").write_text(REPLAYED)
    all_of_it = made("-n", "3000", spec=spec)
    outs, rest = [], all_of_it
    for size in (3_000, 1, 10_000, 7_000):
        outs.append(made("--resume", "ck", "--bytes", str(size), spec=spec))
        assert outs[-1] == prefix(rest, size)
        rest = rest[len(outs[-1]) :]
    outs.append(made("--resume", "ck", "-n", "10", spec=spec))
    assert all_of_it.startswith(b"".join(outs))


def test_with_disorder_and_truth_it_is_what_n_would_make() -> None:
    """Records that leave count; the truth is that of a run of as many."""
    spec = {**counting(), **LATE}
    found = made("--bytes", "30kB", "--truth", "a.json", spec=spec)
    assert found == prefix(made("-n", "1000", spec=spec), 30_000)
    assert made("-n", str(found.count(b"\n")), "--truth", "b.json", spec=spec) == found
    told = [json.loads(line) for line in Path("a.json").read_text().splitlines()]
    assert told == [json.loads(line) for line in Path("b.json").read_text().splitlines()]


def test_columns_are_refused() -> None:
    """With the remedy."""
    spec = {**counting(), "target": {"type": "file", "path": "a.parquet", "format": "parquet"}}
    outcome = invoke(*RUN, "--bytes", "1MB", spec=spec)
    assert outcome.status == 2
    assert "have no size before their file is written; use -n or -r" in outcome.err
