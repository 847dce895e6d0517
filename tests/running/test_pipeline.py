"""The batches of a run, which need neither format nor target."""

import io
from typing import Any

import pytest

from datagen.batch import Batch
from datagen.errors import ClockLimitError, SpecError
from datagen.formats import JsonLines
from datagen.formats.rendered import Rendered
from datagen.instants import SECOND, parse_instant
from datagen.running.clock import Moment
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.running.pipeline import Run
from datagen.spec.parsing import parse_spec
from datagen.targets import Target
from tests.running.test_plan import plan
from tests.support.machines import ENDING, constant, spec_of


class Untouchable(Target):
    """A target that must not be reached."""

    type: str = "untouchable"


def written(run: Run, batches: list[Batch]) -> bytes:
    """Return batches as lines of JSON."""
    formatter = JsonLines().compile(run.plan.spec)
    return b"".join(Rendered((formatter.render(batch),)).as_bytes().data for batch in batches)


@pytest.mark.parametrize(
    "limits",
    [{"max_records": 300}, {"duration": 60 * SECOND}, {"max_records": 7, "warm_up": 30 * SECOND},
     {"max_records": 0}, {"until": parse_instant("2027-03-12T00:00:30+01:00")}],
)  # fmt: skip
def test_batches_are_the_records_of_the_run(limits: dict[str, Any]) -> None:
    """Within its limits, to the byte; the target is not opened."""
    out = io.BytesIO()
    Run(plan(**limits)).deliver(out)
    run = Run(plan(target=Untouchable(), **limits))
    assert written(run, list(run.batches())) == out.getvalue()


def test_batch_that_is_cut_has_all_fields_of_its_records() -> None:
    """Also of several emitters, whose rows lie between each other."""
    loaded, _ = load(Request(config="payments", start="2027-03-12", records=11), 1, io.BytesIO())
    out = io.BytesIO()
    Run(loaded).deliver(out)
    run = Run(loaded)
    whole = list(run.batches())
    assert sum(map(len, whole)) == 11
    assert written(run, whole) == out.getvalue()
    assert (
        written(
            run, [part for each in whole for part in (each.rows(0, 4), each.rows(4, len(each)))]
        )
        == out.getvalue()
    )


def test_batches_can_be_left_at_any_time() -> None:
    """Whoever has enough takes no more of an endless run."""
    batches = Run(plan()).batches()
    assert len(next(batches)) > 0
    batches.close()  # type: ignore[attr-defined]


def test_run_without_an_end_raises_where_time_ends() -> None:
    """In the year 9999."""
    slow = load_spec(spec_of({"a": (constant(1e10), {"a": 1})}, constant(1e10)))
    with pytest.raises(ClockLimitError):
        list(Run(plan(spec=slow)).batches())


def load_spec(spec: dict[str, Any]) -> Any:
    """Return a checked specification."""
    return parse_spec(spec, "test.json")[0]


def test_set_that_cannot_be_made_is_a_problem_of_the_file() -> None:
    """Before anything runs, with the path of the field."""
    field = {"name": "f", "type": "string", "cardinality": 1000,
             "length_distribution": constant(1), "chars": "ab"}  # fmt: skip
    dimensions = {**ENDING, "emitters": [{"name": "e", "dimensions": [field]}]}
    with pytest.raises(SpecError) as raised:
        Run(plan(spec=load_spec(dimensions)))
    assert raised.value.problems[0].file == "test.json"


class Wall:
    """The clocks of the machine, on which simulating each window takes ten seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def window(self, _: Any) -> None:
        """Let a window take its time."""
        self.now += 10

    def present(self) -> Moment:
        """Return what the clocks show."""
        return Moment(parse_instant("2027-05-01"), self.now)


@pytest.mark.parametrize(("warm_up", "most"), [(0, None), (400_000 * SECOND, 40)])
def test_no_rate_counts_the_warm_up(
    warm_up: int, most: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seconds of a run begin with its first record; one or two windows are simulated ahead."""
    wall = Wall()
    monkeypatch.setattr("datagen.running.pipeline.Moment", wall)
    run = Run(plan(max_records=50, warm_up=warm_up), wall.window)
    run.deliver(io.BytesIO())
    assert run.summary.delivered == 50
    if most is None:
        assert run.summary.seconds == wall.now
    else:
        assert wall.now > 80
        assert 0 <= run.summary.seconds <= most
