"""What is collected of a run: the same however long windows are, each draw of a variable once."""

import io

import numpy as np
import pytest

from datagen.curves.curve import MINUTE
from datagen.inspection.run_collector import Collected, Minutes
from datagen.instants import SECOND
from tests.support.reports import MODEL, changed, prepared, watched


def test_minutes_are_counted_from_the_begin() -> None:
    """In any chunks; a minute that is not over does not count."""
    minutes = Minutes(30 * SECOND)
    for times in ([31, 89], [], [90, 400], [401]):
        minutes.add(np.array(times, dtype=np.int64) * SECOND)
    assert minutes.until(30 * SECOND + 7 * MINUTE + 1).tolist() == [2, 1, 0, 0, 0, 0, 2]
    assert minutes.until(10 * MINUTE).tolist() == [2, 1, 0, 0, 0, 0, 2, 0, 0]
    assert minutes.until(0).tolist() == []


def collected(size: int | None, *flags: str) -> Collected:
    """Return what is collected of a run in windows of a size."""
    report = prepared(MODEL, *flags)
    if size:
        report.run._size_window = lambda stream: stream.request_window_size(size)
    report.run.deliver(io.BytesIO(), start=report.start)
    return report.collected()


@pytest.mark.parametrize("flags", [("-r", "1H"), ("-n", "3000"), ("-r", "1H", "-m", "5")])
def test_windows_make_no_difference(flags: tuple[str, ...]) -> None:
    """To no figure."""
    one, other = collected(None, *flags), collected(50, *flags)
    assert one.horizon == other.horizon
    for name, steps in one.steps.items():
        for mine, its in zip(vars(steps).values(), vars(other.steps[name]).values(), strict=True):
            assert sorted(mine.tolist()) == sorted(its.tolist())
    assert one.records.tolist() == other.records.tolist()
    assert {name: each.tolist() for name, each in one.starts.items()} == {
        name: each.tolist() for name, each in other.starts.items()
    }


def test_horizon_is_the_end_of_the_run_or_the_last_record() -> None:
    """Whichever comes first."""
    begin = collected(None, "-r", "1H").begin
    assert collected(None, "-r", "1H").horizon == begin + 3600 * SECOND
    assert begin < collected(None, "-n", "100").horizon < begin + 600 * SECOND


def test_each_draw_of_a_variable_counts_once() -> None:
    """However many records show it: one visit of `enters` draws, others show that again."""
    found = watched(MODEL, "-r", "1H", "-m", "none").collected()
    draws = found.variables["plan", None]
    assert len(np.unique(draws.words)) == len(draws.words)
    assert set(draws.states.tolist()) == {0}
    assert draws.at_once.all()
    assert len(draws.words) < len(found.fields["e", "plan"])


def test_lists_and_several_emitters() -> None:
    """Records for each element of a list, and of a second emitter at the same visit, are found as well."""
    spec = changed("emitters.0.dimensions.4", {"name": "item", "type": "expression", "expr": "item"},
                   changed("emitters.0.for_each", "basket", EXTENDED))  # fmt: skip
    found = watched(spec, "-r", "20M").collected()
    assert set(found.fields["e", "item"].to_pylist()) == {'"a"', '"b"'}
    assert set(found.fields["other", "n"].to_pylist()) == {"7"}
    plans = found.variables["plan", None]
    assert set(plans.texts.to_pylist()) == {'"free"', '"paid"'}


LIST = {"name": "basket", "type": "list", "length_distribution": {"type": "uniform", "min": 1, "max": 3},
        "selection_distribution": {"type": "constant", "value": 0},
        "elements": [{"type": "enum", "values": ["a", "b"]}]}  # fmt: skip
EXTENDED = changed("states.0.emitter", ["e", "other"])
EXTENDED["states"][0]["variables"].append(LIST)
EXTENDED["emitters"].append(
    {"name": "other", "dimensions": [{"name": "n", "type": "int:static", "value": 7}]}
)
EXTENDED["emitters"][0]["dimensions"].append({})
