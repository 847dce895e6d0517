"""What is known of a machine in a constant phase: delays, truths, and whether anything is left that is not."""

from typing import Any

import numpy as np
import pytest

from datagen.arrays import Bits
from datagen.instants import SECOND, parse_instant
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.build import build_machine
from datagen.simulation.folding import Folded, Folding
from datagen.spec.deciding import decisions_of
from datagen.spec.parsing import parse_spec
from datagen.spec.scopes import compiled_decisions, scope_of

START = parse_instant("2027-03-12").micros
BEFORE, WITHIN = START, START + 5 * SECOND
NUMBERS = np.arange(4000)
DELAY: dict[str, Any] = {"type": "uniform", "min": 1, "max": {"expr": "1 + 9 * during('outage')"}}


def folding(
    when: str = "during('outage')", delay: Any = DELAY, **changes: Any
) -> tuple[Folding, Bits]:
    """Return what folds a machine of one state, and the random bits of visits of it."""
    spec, _ = parse_spec(
        {
            "timeline": {"outage": {"at": "+5S", "for": "3S"}},
            "interarrival": 1,
            "states": [{"name": "a", "emitter": "e", "delay": delay, **changes, "transitions": [
                {"next": "b", "probability": 0.5, "when": when}, {"next": "stop", "probability": 0.5}]},
                {"name": "b", "emitter": "e", "transitions": [{"next": "stop", "probability": 1}]}],
            "emitters": [{"name": "e", "dimensions": []}],
        },
        "test.json",
    )  # fmt: skip
    spec.run_timeline.begin(START)
    machine = build_machine(spec, 1)
    compiled = compiled_decisions(decisions_of(spec.states), scope_of(spec)).by_place
    made = Folding(machine, {expression: each for (_, expression), each in compiled.items()})
    return made, visit_bits(worker_bits(machine.seed, NUMBERS), np.zeros_like(NUMBERS))


def test_a_machine_that_looks_at_periods_alone_looks_at_nothing_then() -> None:
    """Its choices are routes, its delays have numbers: others in the period than before."""
    made, bits = folding()
    zeros = np.zeros_like(NUMBERS)
    for instant, longest, share in ((BEFORE, 1, 0.0), (WITHIN, 10, 0.5)):
        found = made.at(instant)
        assert found.machine.decisions is None
        delays = found.machine.delays(bits, zeros, zeros)
        assert delays.max() == pytest.approx(longest * SECOND, rel=0.01)
        assert delays.min() >= SECOND
        following = found.machine.next_states(bits, zeros)
        assert (following == 1).mean() == pytest.approx(share, abs=0.03)
    assert made.at(WITHIN + SECOND) is made.at(WITHIN)


@pytest.mark.parametrize(
    ("arguments", "delays", "truths"),
    [
        ({"when": "during('outage') and visit > 2"}, {0}, []),
        ({"delay": {"type": "exponential", "mean": {"expr": "1 + visit"}}}, set(), [False]),
        ({"variables": [{"name": "n", "type": "int", "distribution": 5}], "when": "n > during('outage')"}, {0}, []),
    ],
)  # fmt: skip
def test_what_looks_at_something_else_is_left(
    arguments: dict[str, Any], delays: set[int], truths: list[bool]
) -> None:
    """The others are known all the same."""
    found: Folded = folding(**arguments)[0].at(BEFORE)
    assert found.machine.decisions is not None
    assert {*found.delays} == delays
    assert [*found.truths.values()] == truths


@pytest.mark.parametrize(
    "arguments",
    [
        {"delay": {"type": "exponential", "mean": {"expr": "1 / (0 if during('outage') else 1)"}}},
        {"delay": {"type": "exponential", "mean": {"expr": "1 - 2 * during('outage')"}}},
    ],
)
def test_a_delay_that_cannot_be_computed_leads_nowhere(arguments: dict[str, Any]) -> None:
    """At once, whatever comes otherwise; before the period it is a delay like others."""
    made, bits = folding(**arguments)
    zeros = np.zeros_like(NUMBERS)
    lost = made.at(WITHIN).machine
    names = [lost.names[state] for state in np.unique(lost.next_states(bits, zeros))]
    assert len(names) == 1
    assert lost.next_states(bits, zeros).min() >= 2  # after the states of the specification
    assert not lost.delays(bits, zeros, zeros).any()
    assert made.at(BEFORE).machine.delays(bits, zeros, zeros).any()
