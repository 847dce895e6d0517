"""A plan, and what is said of it."""

import io
import json
import math
from typing import Any

import pytest

from datagen.inspection.display import Display
from datagen.inspection.explained_text import explained_lines
from datagen.inspection.explaining import described
from datagen.inspection.explanation import EXACT, Explanation
from datagen.running.loading import load
from datagen.running.options import Request
from tests.support.explanations import NOW, explanation
from tests.support.machines import NEVER_ENDING, constant, exponential, spec_of

LOOP = spec_of(
    {"a": (exponential(2), {"b": 0.5, "stop": 0.5}), "b": (constant(4), {"a": 1})}, exponential(0.5)
)
HOUR = 3_600_000_000


def test_figures_of_a_small_machine() -> None:
    """By hand: a is visited twice, b once; a worker lives for 8 s, two of them come a second."""
    said = explanation(LOOP, duration=HOUR)
    (workers,) = said.populations
    assert workers.method == EXACT
    assert (workers.records.mean, workers.life.mean) == pytest.approx((3, 8))
    assert workers.records.sd == pytest.approx(math.sqrt(8))  # 1 + 2 G, G geometric with variance 2
    assert (said.rate.mean, said.alive.mean) == pytest.approx((6, 16))
    assert [each.visits for each in said.states] == pytest.approx([2, 1])
    assert said.run.records == pytest.approx(6 * 3600, rel=0.01)
    assert said.run.sd == pytest.approx(math.sqrt(2 * 3600 * (8 + 9)), rel=0.02)


def test_what_a_cap_leaves() -> None:
    """The rate of as many workers as there is room for, and a cap that would do."""
    said = explanation(LOOP, 4, duration=HOUR)
    assert said.run.held_back
    assert said.run.records == pytest.approx(4 / 8 * 3 * 3600, rel=0.1)
    assert said.cap[0].startswith("about 16 workers would be alive; -m 4 holds arrivals back")
    limited = explanation(LOOP, 4, records=3000).run
    assert (limited.limited_by, limited.records) == ("records", 3000)
    assert limited.seconds is not None
    expected = 3000 / (said.run.records / 3600)
    error = math.hypot(limited.error, said.run.error / said.run.records * expected)
    assert abs(limited.seconds - expected) <= 4 * error


def test_workers_without_an_end() -> None:
    """There is no mean, and the run has no end. In 7 s one is in a for 1 s, and twice in b for 3 s each."""
    said = explanation(NEVER_ENDING)
    assert said.populations[0].method == EXACT
    assert [each.visits for each in said.states] == pytest.approx([3600 / 7, 7200 / 7])
    assert [each.share for each in said.states] == pytest.approx([1 / 3, 2 / 3])
    assert (said.populations[0].life.mean, said.alive.mean) == (math.inf, math.inf)
    assert {each.kind for each in said.states} == {"never left for the end"}
    assert said.run.limited_by == ""


def test_rate_of_workers_without_an_end_is_that_of_their_number() -> None:
    """The cap is what meets the wish: it is no cause for advice, and what the run comes to is what is wished."""
    request = Request(duration=24 * HOUR, rate="100/s", start="2027-03-12")
    plan, _ = load(request, 1, io.BytesIO(json.dumps(NEVER_ENDING).encode()))
    said = described(plan, plan.start_at(NOW))
    assert isinstance(said, Explanation)
    assert said.cap == ()
    assert [each.rate.mean for each in said.capped] == pytest.approx([100], rel=0.02)
    assert said.run.records == pytest.approx(100 * 86_400, rel=0.02)


@pytest.mark.parametrize(
    ("flags", "here"), [({"speed": 4.0}, 900), ({}, 3600), ({"start": "2027-03-12"}, None)]
)
def test_time_here_is_known_on_the_real_clock(flags: dict[str, Any], here: float | None) -> None:
    """That of the run, by the speed of its clock; how long a simulated run takes is not made up."""
    request = Request(duration=HOUR, max_workers="none", **flags)
    plan, _ = load(request, 1, io.BytesIO(json.dumps(LOOP).encode()))
    said = described(plan, plan.start_at(NOW))
    assert isinstance(said, Explanation)
    assert said.run.here == here
    (line,) = [each for each in explained_lines(said, Display()) if each.startswith("this run")]
    assert (" in 1 h of its clock, 15 min here" in line) == (here == 900)


def test_a_note_has_a_path_on_which_a_variable_is_unset() -> None:
    """The shortest one, by the names of its states."""
    spec = spec_of(
        {
            "a": (constant(1), {"b": 0.5, "c": 0.5}),
            "b": (constant(1), {"d": 1}),
            "c": (constant(1), {"a": 0.5, "d": 0.5}),
            "d": (constant(1), {"stop": 1}),
        },
        exponential(1),
        [{"name": "shown", "type": "variable", "variable": "v"}],
    )
    known = {"name": "v", "type": "int:static", "value": 1}
    spec["emitters"].append({"name": "silent", "dimensions": []})
    for state in spec["states"][:3]:
        state["emitter"] = "silent"
    spec["states"][1]["variables"] = [known]
    (note,) = explanation(spec).notes
    assert note.startswith('"d": shows the variable "v", which may be unset on some path')
    assert ", such as a -> c -> d; its value is null there" in note


def test_workers_that_never_end_bring_most_of_a_long_run() -> None:
    """Two of them bring a record a second each, beside one in two seconds of those that come and go; if ever more come, all."""
    spec = spec_of({"a": (constant(1), {"a": 1}), "b": (constant(1), {"stop": 1})}, exponential(2))
    arrivals = spec.pop("interarrival")
    going = {"name": "q", "start": "b", "interarrival": arrivals}
    staying = {"name": "p", "start": "a", "interarrival": arrivals}
    few = explanation({**spec, "populations": [{**staying, "total": 2}, going]})
    assert [each.share for each in few.states] == pytest.approx([0.8, 0.2])
    many = explanation({**spec, "populations": [staying, going]})
    assert [each.share for each in many.states] == pytest.approx([1, 0])
