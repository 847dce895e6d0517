"""Spans of time that are skipped."""

import numpy as np
import pytest

from datagen.replay import passes
from tests.support.replays import (
    replayed,
    rows_of,
    seconds,
    spec_of,
    tried,
    write,
)


def test_skipping_drops_spans_of_time() -> None:
    """As often and as long as is said: a walk over the records in plain Python has the same shares."""
    write("\n".join(["t", *map(str, range(20_000))]))
    skipping = {"skip_probability": 0.02, "min_skip_duration": 10, "max_skip_duration": 30}
    spec = spec_of(time_format="seconds", loop=False, time_skipping=skipping)
    found = [record["t"] for record in replayed(spec)]
    holes = np.diff(found)[np.diff(found) > 1]
    assert all((holes >= 10) & (holes <= 31))
    assert holes.mean() == pytest.approx(20.5, abs=1.2)  # uniform 10..30, up to the next second
    assert len(holes) / len(found) == pytest.approx(0.02, abs=0.003)
    assert len(found) / 20_000 == pytest.approx(1 / (1 + 0.02 * 19.5), abs=0.02)


def test_skipping_goes_on_over_the_end_of_a_pass() -> None:
    """A span longer than the file leaves out whole passes; what is left keeps its instants."""
    write(rows_of(4, gap=1))
    skipping = {"skip_probability": 1, "min_skip_duration": 9.5, "max_skip_duration": 9.5}
    found = seconds(replayed(spec_of(time_skipping=skipping), "-n", "4"))
    assert found == [0, 10, 20, 30]
    nothing = {"skip_probability": 1, "min_skip_duration": 0, "max_skip_duration": 0}
    assert len(replayed(spec_of(loop=False, time_skipping=nothing))) == 4


def test_skip_longer_than_the_calendar_ends_with_a_message() -> None:
    """The clock has an end."""
    write("t\n2020-01-01\n2021-01-01\n")
    skipping = {"skip_probability": 1, "min_skip_duration": 1e10, "max_skip_duration": 1e10}
    spec = spec_of(time_skipping=skipping)
    outcome = tried(
        {**spec, "time_skipping": {**skipping, "min_skip_duration": 9e9, "max_skip_duration": 1e12}}
    )
    assert outcome.status == 1
    assert "9999" in outcome.err


@pytest.mark.parametrize("held", [10_000, 0])
@pytest.mark.parametrize("length", [1e10, 1e15])
def test_skip_over_countless_passes_takes_no_time(
    length: float, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are counted, not made; beyond the calendar it is an error, unless the run ends before."""
    monkeypatch.setattr(passes, "MAX_RECORDS_IN_MEMORY", held)
    write(rows_of(2, gap=1))
    skipping = {
        "skip_probability": 1,
        "min_skip_duration": length,
        "max_skip_duration": length,
    }
    spec = spec_of(time_skipping=skipping)
    assert len(replayed(spec, "-r", "1H")) == 1
    outcome = tried(spec)
    last = "the clock would pass the end of the year 9999"
    assert (outcome.status, outcome.err.splitlines()[-1]) == (1, last)
    assert len(outcome.records) == (26 if length < 1e11 else 1)


def test_skip_is_in_time_of_the_source() -> None:
    """So it grows with it."""
    write(rows_of(4, gap=1))
    skipping = {"skip_probability": 1, "min_skip_duration": 9.5, "max_skip_duration": 9.5}
    spec = spec_of(time_skipping=skipping, stretch=2)
    assert seconds(replayed(spec, "-n", "4")) == [0, 20, 40, 60]
