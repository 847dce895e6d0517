"""Runs that continue each other give the bytes of one run, however they are cut."""

import gzip
import json
import os
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.instants import parse_instant
from tests.guarantees.kill import counting
from tests.guarantees.resume.resuming import (
    FIXED,
    PRESETS,
    SLOW,
    START,
    TARGETS,
    files,
    into,
    records,
    run,
    same_as_one,
    whole,
)
from tests.support.helpers import invoke
from tests.support.machines import constant, spec_of

MANY = ("kubernetes_json", "vpc_flow_logs")


@pytest.mark.parametrize(
    "preset",
    [pytest.param(each, marks=[pytest.mark.long] * (each != "example")) for each in PRESETS],
)
def test_day_of_hours_is_a_day(preset: str) -> None:
    """24 resumed hours are one day, byte for byte; of those that make most records, 6 a quarter of one."""
    count = 6 if preset in MANY else 24
    one = invoke("-c", preset, *FIXED, "-r", f"{count}H").out
    hours = [invoke("-c", preset, *FIXED, "--resume", "ck", "-r", "1H") for _ in range(count)]
    assert [each.status for each in hours] == [0] * count
    assert b"".join(each.out for each in hours) == one
    assert one.count(b"\n") > 2000


@pytest.mark.long
@pytest.mark.parametrize("name", TARGETS)
def test_day_of_hours_leaves_the_files_of_a_day(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With counters, also in variables; the parts begin and end within an hour of the clock."""
    spec = into(TARGETS[name], SLOW)
    (folder / "d").mkdir()
    for _ in range(23):
        run(spec, "-r", "1H")
    left = [file for file in files(folder) if file.endswith(".part")]
    assert len(left) == (name not in ("counters", "gzip", "csv"))
    run(spec, "--until", "2027-03-13T05:00:00")
    found = same_as_one(folder, monkeypatch, spec, "--until", "2027-03-13T05:00:00")
    assert sum(map(len, found.values())) > 20_000


def test_part_of_a_parquet_file_can_be_read() -> None:
    """A run that ends within its time leaves what it made; the next makes the file anew, and more."""
    spec = into(TARGETS["parquet"])
    for count in (40, 60):
        run(spec, "-n", str(count))
    (part,) = Path().glob("*.parquet.part")
    found = [{**row, "time": None} for row in pq.read_table(part).to_pylist()]
    assert found == [{**each, "time": None} for each in records(counting(), "-n", "100")]


@pytest.mark.parametrize("ending", ["parquet", "arrow", "avro"])
def test_single_file_that_is_whole_only_at_its_end_is_refused(ending: str) -> None:
    """With the way out: a path with directives."""
    outcome = invoke(
        "--resume", "ck", "-n", "9", spec=into({"type": "file", "path": f"a.{ending}"})
    )
    assert outcome.status == 2
    assert (
        f"--resume: a.{ending} is a single file that is complete only when closed, so no run can"
        in outcome.err
    )
    assert "use a path with time directives, such as %Y%m%d" in outcome.err
    assert os.listdir() == []


def test_seed_is_drawn_once() -> None:
    """The first run draws it, those that follow have it from the file, and say so."""
    spec = into({"type": "file", "path": "out"})
    runs = [invoke("-s", START, "--resume", "ck", "-n", "50", spec=spec) for _ in range(3)]
    (seed,) = {re.findall(r"--seed (\d+) -s 2027", each.err)[0] for each in runs}
    one = invoke("--seed", seed, "-s", START, "-q", "-n", "150", spec=counting()).out
    assert Path("out").read_bytes() == one
    assert re.search(
        r"^ck: resuming at 2027-03-12T05:\S+, after 50 records$", runs[1].err, re.MULTILINE
    )


PIECES = st.lists(
    st.one_of(
        st.integers(0, 900).map(lambda n: ("-n", str(n))),
        st.integers(0, 8 * 10**8).map(lambda us: ("-r", f"{us / 1e6:.6f}S")),
        st.sampled_from(["-n 0", "-r 0S", "-r 0.000001S", "-n 1"]).map(
            lambda text: tuple(text.split())
        ),
    ),
    max_size=4,
)


@pytest.mark.parametrize("name", ["gzip", "parts", "tee", "arrow"])
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=PIECES, every=st.sampled_from(["0S", "10S"]))
def test_pieces_do_not_matter(
    name: str,
    pieces: list[tuple[str, str]],
    every: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Runs that end after any number of records, or at any instant, and then one up to the end."""
    folder, spec = tmp_path_factory.mktemp("pieces"), into(TARGETS[name])
    (folder / "d").mkdir()
    monkeypatch.chdir(folder)
    for piece in pieces:
        run(spec, *piece, "--checkpoint-every", every)
    end = "2027-03-12T07:00:00"
    run(spec, "--until", end)
    assert json.loads(Path("ck").read_bytes())["run"]["reached"] == parse_instant(end).micros
    same_as_one(folder, monkeypatch, spec, "--until", end)


@given(counts=st.lists(st.integers(0, 900), min_size=1, max_size=6))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_n_means_this_much_more(
    ending: str,
    counts: list[int],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After each run the file holds as many records as all runs were asked for."""
    monkeypatch.chdir(tmp_path_factory.mktemp("counts"))
    spec, path = into({"type": "file", "path": f"a{ending}"}), Path(f"a{ending}")
    for place, count in enumerate(counts):
        run(spec, "-n", str(count))
        run(spec, *(("-r", "0S"), ("-n", "0"), ("--until", START))[count % 3])
        data = path.read_bytes()
        held = gzip.decompress(data) if ending else data
        assert held.count(b"\n") == sum(counts[: place + 1])
    assert held == whole(spec, "-n", str(sum(counts)))


def test_r_means_this_much_more() -> None:
    """From the end of the last -r, also where nothing happened there; after -n from its last record."""
    spec = spec_of({"a": (constant(0), {"stop": 1})}, constant(10))
    outs = [
        run(spec, *more).out for more in (("-r", "9S"), ("-r", "5S"), ("-n", "2"), ("-r", "1S"))
    ]
    assert [out.count(b"\n") for out in outs] == [1, 1, 2, 0]
    assert run(spec, "-r", "9.1S").out.count(b"\n") == 1


def test_line_of_names_stands_once() -> None:
    """On a stdout that several runs write to, also where the first has made no record."""
    runs = [run(counting(), "--csv", "-n", str(count)).out for count in (0, 40, 60)]
    assert b"".join(runs) == whole(counting(), "--csv", "-n", "100")


def test_clock_that_is_simulated_stays_so() -> None:
    """-s need not be given again."""
    run(counting(), "-n", "30")
    outcome = invoke("--resume", "ck", "-q", "-n", "30", spec=counting())
    assert outcome.out == whole(counting(), "-n", "60")[len(whole(counting(), "-n", "30")) :]
