"""Passes over a source: gaps, ends, windows."""

import csv
import io
import json
import random
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.cli.signals import Interruption
from datagen.formats import JsonLines
from datagen.formats.delimited import Csv
from datagen.instants import SECOND
from datagen.replay import passes
from datagen.replay.checks import parse_replay
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.sources import sorting
from datagen.targets.stdout import StdoutTarget
from tests.running.test_clock import BASE, START
from tests.support.helpers import invoke
from tests.support.replays import (
    Spec,
    out,
    replayed,
    rows_of,
    seconds,
    spec_of,
    write,
)


def test_gaps_stay_and_the_first_event_is_at_the_start() -> None:
    """Whatever the gaps, to the microsecond; all other cells are the texts that they were."""
    write('t,id,x\n2020-01-01T00:00:00.000000Z,007,"a ""b"", c"\n'
          "2020-01-01T00:00:00.000001Z,1e3,\n2020-01-03T10:00:00.5Z,NULL, é \n")  # fmt: skip
    assert out(spec_of(loop=False)) == (
        '{"t":"2027-03-12T00:00:00.000000Z","id":"007","x":"a \\"b\\", c"}\n'
        '{"t":"2027-03-12T00:00:00.000001Z","id":"1e3","x":""}\n'
        '{"t":"2027-03-14T10:00:00.5Z","id":"NULL","x":" é "}\n'
    )


@pytest.mark.parametrize(
    "gaps", [[1, 2, 10], [1, 2, 4, 100], [5], [0, 0, 0, 7], [3, 1, 1, 1, 9, 9]]
)
@pytest.mark.parametrize("kept", [0, 10_000])
def test_passes_follow_each_other_a_median_gap_apart(
    gaps: list[int], kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forever, whether the source is held in memory or read again."""
    monkeypatch.setattr(passes, "MAX_RECORDS_IN_MEMORY", kept)
    times = [0, *np.cumsum(gaps).tolist()]
    write("\n".join(["t", *(f"{100 + time}" for time in times)]))
    size = 4 * len(times) + 1
    found = [
        record["t"] - BASE // SECOND
        for record in replayed(spec_of(time_format="seconds"), "-n", str(size))
    ]
    period = times[-1] + statistics.median(gaps)
    expected = [int(turn * period + time) for turn in range(5) for time in times]
    assert found == expected[:size]


def test_single_event_comes_every_second() -> None:
    """So does a file whose events are all at one instant."""
    write("t\n2020-01-01T00:00:00Z\n")
    assert seconds(replayed(spec_of(), "-r", "3S")) == [0, 1, 2]
    write("t\n2020-01-01T00:00:00Z\n2020-01-01T00:00:00Z\n")
    assert seconds(replayed(spec_of(), "-r", "2S")) == [0, 0, 1, 1]


def test_end_of_the_file_ends_the_run_without_loop() -> None:
    """At once, also where `-n` or `-r` would allow for more."""
    write(rows_of(5))
    assert len(replayed(spec_of(loop=False), "-n", "100")) == 5
    assert len(replayed(spec_of(loop=False), "-r", "1W")) == 5
    write("t\n")
    assert replayed(spec_of(loop=False)) == []


def test_duration_is_half_open() -> None:
    """Runs of 3 and of 6 seconds differ by what lies in between."""
    write(rows_of(7))
    whole = out(spec_of(), "-r", "60S").splitlines()
    assert seconds([json.loads(line) for line in whole]) == [1.5 * n for n in range(40)]
    assert out(spec_of(), "-r", "30S").splitlines() == whole[:20]


@pytest.mark.parametrize("few", [0, 1, 10, 777])
def test_fewer_records_are_a_prefix(few: int) -> None:
    """`-n` cuts the stream and changes nothing before the cut."""
    write(rows_of(100))
    skipping = {"skip_probability": 0.1, "min_skip_duration": 1, "max_skip_duration": 20}
    spec = spec_of(time_skipping=skipping, null_injection=[{"field": "n", "null_probability": 0.3}])
    assert out(spec, "-n", "1000").splitlines()[:few] == out(spec, "-n", str(few)).splitlines()


def run(spec: Spec, form: Any, window: Any, records: int) -> bytes:
    """Return the bytes of a run whose windows are forced."""
    replay, _ = parse_replay(spec, "test.json", io.BytesIO())
    plan = Plan(replay, "test.json", StdoutTarget(), form, START, 7, 100, max_records=records)
    stream = io.BytesIO()
    Run(plan, window).deliver(stream, Interruption())
    return stream.getvalue()


@pytest.mark.long
@pytest.mark.parametrize("sort", [False, True])
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_windows_and_blocks_do_not_show(
    kind: str, sort: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiny, large and random ones give the same bytes, held in memory or not."""
    chance = random.Random(5)
    moments = sorted(chance.sample(range(100_000), 120))
    if sort:
        chance.shuffle(moments)
    lines = [{"t": f"{time}.{time % 997:03d}", "a": str(time % 7)} for time in moments]
    for line in lines[::3]:
        line["b"] = 'x,"\n'
    if kind == "csv":
        with open("x.csv", "w", newline="") as file:
            csv.writer(file).writerows(
                [["t", "a", "b"], *([*line.values(), ""][:3] for line in lines)]
            )
    else:
        write("".join(json.dumps(dict(sorted(line.items(), reverse=n % 5 == 0))) + "\n"
                      for n, line in enumerate(lines)), "x.ndjson")  # fmt: skip
    skipping = {"skip_probability": 0.05, "min_skip_duration": 0, "max_skip_duration": 2000}
    spec = spec_of(f"x.{kind}", time_format="seconds", sort=sort, time_skipping=skipping,
                   null_injection=[{"field": "b", "null_probability": 0.5}])  # fmt: skip
    expected = run(spec, JsonLines(), None, 500)
    table = run(spec, Csv(), None, 500)
    for number in range(4):
        monkeypatch.setattr(passes, "MAX_RECORDS_IN_MEMORY", number % 2 * 1000)
        monkeypatch.setattr(passes, "FIRST_READ_BYTES", chance.choice([20, 500]))
        monkeypatch.setattr(passes, "MAX_READ_BYTES", chance.choice([100, 3000]))
        monkeypatch.setattr(sorting, "RUN_BYTES", chance.choice([1000, 3000]))
        monkeypatch.setattr(sorting, "MAX_RUNS", 3)
        monkeypatch.setattr(sorting, "_BATCH_ROWS", 7)

        def wild(stream: Any) -> None:
            stream.request_window_size(chance.choice([5, 64, 1000]))

        assert run(spec, JsonLines(), wild, 500) == expected
        assert run(spec, Csv(), wild, 500) == table


def test_mistake_beyond_the_end_of_the_run_is_none() -> None:
    """What is not replayed is not read, but for the first records."""
    rows = [*rows_of(3000).splitlines(), "what,ever,else"]
    write("\n".join(rows))
    assert len(replayed(spec_of(loop=False), "-n", "2500")) == 2500
    assert len(replayed(spec_of(loop=False), "-r", "1H")) == 2400


def test_file_that_changes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passes are all over the same records."""
    write(rows_of(3))
    replay, _ = parse_replay(spec_of(), "test.json", io.BytesIO())
    stream = passes.ReplayLoop(replay, 1, BASE, BASE + 100 * SECOND)
    windows = stream.windows()
    assert next(windows)
    write(rows_of(4))
    with pytest.raises(Exception, match=r"x\.csv: changed while it was being replayed"):
        list(windows)
    stream.close()


def test_nanoseconds_end_with_their_64_bits() -> None:
    """A message, and status 1, where they would pass the year 2262."""
    write("t\n0\n1000000000\n")
    Path("r.json").write_text(json.dumps(spec_of(time_format="nanos")))
    outcome = invoke("-c", "r.json", "-s", "2262-04-11T23:47:10", "--seed", "1", "-q")
    assert outcome.status == 1
    assert 0 < len(outcome.out.splitlines()) < 10
    assert outcome.err.splitlines()[-1] == (
        "the clock would exceed what the time_format of the source can represent"
    )
