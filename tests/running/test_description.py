"""The lines of `--validate`."""

from typing import Any

from datagen.curves.curve import CURVES
from datagen.running.description import described, repeating_flags
from datagen.running.options import Request
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.running.test_plan import NOW, plan
from tests.support.machines import ENDING, Spec, constant, spec_of


def lines(spec: Spec = ENDING, *, verbose: bool = True, **keys: Any) -> list[str]:
    """Return the lines about the plan of a specification."""
    made: Plan = plan(spec=parse_spec(spec, "test.json")[0], target=StdoutTarget(), **keys)
    return described(made, verbose)


def test_a_specification_that_is_right_is_one_line() -> None:
    """Its name and how much it holds, whatever it amounts to."""
    assert lines(verbose=False) == ["test.json: ok: 2 states, 1 emitter"]


def test_means_and_target_are_for_those_who_ask() -> None:
    """One line for each distribution of time, in seconds."""
    assert lines()[1:] == [
        "interarrival: a mean of 0.5 s",
        'state "a": a mean delay of 2 s',
        'state "b": a mean delay of 0.5 s',
        "target: stdout",
    ]


def test_an_infinite_mean_is_a_word() -> None:
    """A tail may have none."""
    tail: Spec = {"type": "pareto", "alpha": 1, "min": 1}
    assert "interarrival: a mean of infinity s" in lines(
        spec_of({"a": (constant(1), {"stop": 1})}, tail)
    )


def test_effect_of_a_schedule_is_in_figures() -> None:
    """What it multiplies, and by how much: its mean, its least and its greatest height."""
    day = CURVES.parse({"type": "constant", "value": 0.5, "applies_to": "arrivals"})
    told = (
        "schedule: constant in UTC, multiplies the rate of arrivals by 0.5 on average, 0.5 to 0.5"
    )
    assert told in lines(schedule=day)


def test_flags_that_repeat_a_run_name_the_cap() -> None:
    """Unless it is the default."""
    start, flags = plan().start_at(NOW), "--seed 1 -s 2027-03-12T00:00:00.000000+01:00"
    assert "--entities 'old users' --seed" in repeating_flags(
        Request(entities="old users"), plan(), start
    )
    capped = [repeating_flags(Request(), plan(max_workers=most), start) for most in (100, 7, None)]
    assert capped == [flags, f"{flags} -m 7", f"{flags} -m none"]
