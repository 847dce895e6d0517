"""A clock that is off by an hour: the records of a run that starts an hour later, but for what is no clock."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.columns.clock import InstantClock, clocks_off, shows_clock
from datagen.columns.column import concat_columns
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.columns.scalar import IntColumn
from datagen.disorder.skewed import expanded
from datagen.instants import NAIVE, YEAR_1, YEAR_10000
from datagen.replay.checks import parse_replay
from datagen.spec.parsing import parse_spec
from tests.support.disorder import SECOND, START, batches_of, disorder_of, lines_of
from tests.support.fields import spec_with
from tests.support.replays import spec_of, write

HOUR = 3600
CLOCK = {"type": "clock"}
FIELDS: list[dict[str, Any]] = [
    {"name": "n", "type": "counter"},
    {"name": "at", **CLOCK},
    {"name": "day", **CLOCK, "format": "%d %b %H:%M:%S"},
    {"name": "zone", **CLOCK, "timezone": "Asia/Tokyo", "percent_nulls": 20, "percent_missing": 20},
    {"name": "object", "type": "object", "dimensions": [{"name": "at", **CLOCK}, {"name": "u", "type": "uuid"}],
     "percent_nulls": 30},
    {"name": "list", "type": "list", "elements": [CLOCK, {"type": "uuid"}, CLOCK],
     "length_distribution": {"type": "uniform", "min": 0, "max": 3}, "selection_distribution": {"type": "uniform", "min": 0, "max": 3}},
    {"name": "case", "type": "switch", "on": "n % 2", "cases": {"0": CLOCK, "1": {"type": "uuid"}}},
]  # fmt: skip


def skewed_and_later(spec: Any, raw: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the records whose clocks an effect sets an hour on, and those of a run that starts an hour later."""
    skewed = [
        line
        for batch in batches_of(spec, 30)
        for line in lines_of(expanded(batch, disorder_of(raw).copies(batch)))
    ]
    later = [
        line for batch in batches_of(spec, start=START + HOUR * SECOND) for line in lines_of(batch)
    ]
    return skewed, later


def test_clocks_are_off_wherever_they_stand() -> None:
    """Alone, among nulls, in objects, lists and cases, in any format and zone; nothing else is."""
    spec = parse_spec(spec_with(FIELDS, []), "test.json")[0]
    skewed, later = skewed_and_later(spec, {"type": "skew", "offset": HOUR})
    assert len(later) > 100
    assert skewed == later


def test_what_is_remembered_or_computed_keeps_the_true_instant() -> None:
    """A variable that was a clock, and an expression that names the time or a clock."""
    variables = [{"name": "seen", **CLOCK}]
    fields: list[dict[str, Any]] = [
        {"name": "at", **CLOCK},
        {"name": "seen", "type": "variable", "variable": "seen"},
        {"name": "true", "type": "expression", "expr": "time"},
        {"name": "same", "type": "expression", "expr": "at"},
    ]
    spec = parse_spec(spec_with(fields, variables), "test.json")[0]
    (batch, *_) = batches_of(spec)
    skew = disorder_of({"type": "skew", "offset": HOUR})
    for line, clean in zip(
        lines_of(expanded(batch, skew.copies(batch))), lines_of(batch), strict=True
    ):
        found, right = json.loads(line), json.loads(clean)
        assert found["time"] == found["at"] > right["time"]
        assert found["seen"] == found["true"] == found["same"] == right["time"]


@pytest.mark.parametrize("file", ["x.csv", "x.ndjson"])
def test_times_of_a_replay_are_off_as_they_are_written(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock in its own format, and the other times that move with it, inside objects too."""
    monkeypatch.chdir(tmp_path)
    if file == "x.csv":
        rows = [f"2020-01-01 00:00:{n:02}.5,{n},2020-01-01 00:{n:02}:00" for n in range(40)]
        write("\n".join(["t,n,u", *rows]) + "\n", file)
        names = ["t", "u"]
    else:
        rows = [
            json.dumps(
                {"o": {"u": f"2020-01-01T00:{n:02}:00Z"}, "t": f"2020-01-01T00:00:{n:02}Z", "n": n}
            )
            for n in range(40)
        ]
        write("\n".join(rows) + "\n", file)
        names = ["t", "o.u"]
    raw = spec_of(file, time_field=names, loop=False)
    replay, _ = parse_replay(raw, "test.json", io.BytesIO())
    skewed, later = skewed_and_later(replay, {"type": "skew", "offset": HOUR})
    assert len(later) == 40
    assert skewed == later


def test_some_rows_in_any_order() -> None:
    """Of columns one after the other, too; those without a clock are taken as they are."""
    clock, number = InstantClock(np.arange(3) * 10, NAIVE).column(), IntColumn(np.arange(3))
    rows, micros = np.array([5, 0, 4, 0]), np.array([1, 2, 3, 4])
    moved = clocks_off(concat_columns([number, clock]), rows, micros)
    assert moved.json_text.to_pylist() == [
        '"1970-01-01T00:00:00.000"', "0", '"1970-01-01T00:00:00.000"', "0"]  # fmt: skip
    assert not shows_clock(ObjectColumn(["n"], [number], 3))
    assert not shows_clock(ListColumn(np.array([1, 2]), number))
    assert shows_clock(ListColumn(np.array([1, 2]), clock).take(np.array([0])))


def test_instants_stay_within_what_can_be_written() -> None:
    """The years 1 to 9999."""
    clock = InstantClock(np.array([START, START]), NAIVE)
    moved = clock.column_off(np.arange(2), np.array([10**16, -(10**17)]))
    assert isinstance(moved.clock, InstantClock)
    assert moved.clock.micros.tolist() == [START + 10**16, YEAR_1]
    last = clock.column_off(np.arange(1), np.array([10**18])).clock.micros
    assert last.tolist() == [YEAR_10000 - 1]
