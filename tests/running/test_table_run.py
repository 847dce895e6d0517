"""Records as tables, as they leave: those that a file of columns gets, whichever way they are asked for."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import feather

from datagen.errors import RunError, UsageError
from datagen.formats.columnar import Arrow
from datagen.instants import SECOND
from datagen.position import Cursor
from datagen.running.departure_cursor import DepartureCursor
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.running.plan import Plan
from datagen.running.table_run import TableRun
from tests.guarantees.test_disorder import BEGINNING, EFFECTS, spec_with
from tests.support.helpers import invoke
from tests.support.machines import Spec


def plan_of(folder: Path, spec: Spec, **keys: Any) -> tuple[Plan, str]:
    """Return the plan of a run that writes an Arrow file, and the path of the specification."""
    path, target = folder / "spec.json", folder / "target.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    file = {"type": "file", "path": str(folder / "x.arrow")}
    target.write_text(json.dumps(file), encoding="utf-8")
    request = Request(config=str(path), target=str(target), start="2027-03-12", seed=3, max_workers="none", **keys)  # fmt: skip
    return load(request)[0], str(path)


def table(batches: Any) -> Any:
    """Return record batches as one table."""
    return pa.Table.from_batches(list(batches)).combine_chunks()


@pytest.mark.parametrize("name", EFFECTS)
@pytest.mark.parametrize(
    ("flags", "keys"),
    [(("-r", "2M"), {"duration": 120 * SECOND}), (("-n", "900"), {"records": 900})],
)
def test_records_are_those_of_a_file(
    name: str, flags: tuple[str, str], keys: dict[str, Any], tmp_path: Path
) -> None:
    """In the same order; also after a warm-up, whose last copies arrive in the run."""
    for more, warm_up in (((), 0), (("--warm-up", "30S"), 30 * SECOND)):
        plan, path = plan_of(tmp_path, spec_with(EFFECTS[name]), warm_up=warm_up, **keys)
        outcome = invoke("-c", path, "-t", str(tmp_path / "target.json"), *BEGINNING, *flags, *more)
        assert outcome.status == 0, outcome.err
        written = feather.read_table(tmp_path / "x.arrow").combine_chunks()
        assert table(TableRun(plan, Arrow()).records()).equals(written)
        assert len(written) > 500


def test_slice_hands_on_what_is_under_way(tmp_path: Path) -> None:
    """By a cursor, from which the next slice goes on; cut where copies are under way."""
    plan, _ = plan_of(tmp_path, spec_with(EFFECTS["late"]), duration=120 * SECOND)
    run, begin = TableRun(plan, Arrow()), plan.start.micros if plan.start else 0
    cursors: list[Cursor] = []
    cuts = [begin + seconds * SECOND for seconds in (0, 40, 41, 120)]
    made = []
    for first, last in pairwise(cuts):
        before = cursors[-1] if cursors else None
        made.append(table(run.slice(first, last, before, cursors.append)))
    assert pa.concat_tables(made).combine_chunks().equals(table(run.records()))
    assert all(isinstance(each, DepartureCursor) for each in cursors)
    assert cursors[0].to_json()["departures"][0] < len(made[0])


def test_what_prevents_a_record_is_raised(tmp_path: Path) -> None:
    """After those before it; and so is what could not be held, before the first."""
    spec = spec_with(EFFECTS["late"])
    state = spec["states"][0]
    stuck = {"next": "a", "probability": 1, "when": "visit < 3"}
    spec["states"] = [{**state, "transitions": [stuck]}]
    plan, _ = plan_of(tmp_path, spec, duration=120 * SECOND)
    got = []
    with pytest.raises(RunError, match="no transition can be taken"):
        for each in TableRun(plan, Arrow()).records():
            got.append(len(each))  # noqa: PERF401
    assert sum(got) > 0
    plan, _ = plan_of(tmp_path, spec_with(EFFECTS["late"]), duration=120 * SECOND, memory=1000)
    with pytest.raises(UsageError, match="would be under way"):
        next(TableRun(plan, Arrow()).records())
