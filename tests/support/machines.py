"""Specifications of the tests' own, small, each with a reason to be."""

from typing import Any

from datagen.distributions.base import Distribution
from datagen.part import WHOLE, Part
from datagen.simulation.build import build_machine
from datagen.simulation.machine import Machine
from datagen.simulation.pool import Pool
from datagen.spec.parsing import parse_spec

Spec = dict[str, Any]


def exponential(mean: float) -> Spec:
    """Return an exponential distribution."""
    return {"type": "exponential", "mean": mean}


def constant(value: float) -> Spec:
    """Return a constant."""
    return {"type": "constant", "value": value}


def spec_of(
    routes: dict[str, tuple[Spec, dict[str, float]]],
    interarrival: Spec,
    dimensions: list[Spec] | None = None,
) -> Spec:
    """Return a specification from each state's delay and where it leads."""
    return {
        "states": [
            {
                "name": name,
                "emitter": "e",
                "delay": delay,
                "transitions": [
                    {"next": following, "probability": chance}
                    for following, chance in nexts.items()
                ],
            }
            for name, (delay, nexts) in routes.items()
        ],
        "emitters": [{"name": "e", "dimensions": dimensions or []}],
        "interarrival": interarrival,
    }


ENDING = spec_of(
    {
        "a": (exponential(2), {"b": 0.7, "stop": 0.3}),
        "b": (constant(0.5), {"a": 0.5, "b": 0.3, "stop": 0.2}),
    },
    exponential(0.5),
)
NEVER_ENDING = spec_of(
    {"a": (exponential(1), {"b": 1}), "b": (exponential(3), {"a": 0.5, "b": 0.5})}, exponential(2)
)
NO_DURATION = spec_of({"a": (constant(0), {"stop": 1})}, exponential(0.3))
SYNCHRONOUS = spec_of({"a": (constant(1), {"a": 0.8, "stop": 0.2})}, constant(0))
CROWDED = spec_of(
    {"a": (exponential(0.00005), {"b": 0.9, "stop": 0.1}), "b": (constant(0), {"a": 1})},
    constant(1e-6),
)
BURSTS = spec_of(
    {"a": (constant(0), {"a": 0.95, "b": 0.05}), "b": (constant(2), {"a": 0.5, "stop": 0.5})},
    exponential(1),
)


def machine_of(spec: Spec, seed: int = 1, part: Part = WHOLE) -> Machine:
    """Return the machine of a specification, or of a part of its stream."""
    return build_machine(parse_spec(spec, "test.json")[0], seed, part=part)


def distribution_of(spec: Spec) -> Distribution:
    """Return a distribution as a specification has it."""
    parsed, _ = parse_spec(spec_of({"a": (constant(1), {"stop": 1})}, spec), "test.json")
    return parsed.arrivals[0].interarrival


def pool_of(stream: Any) -> Pool:
    """Return the stream of a simulation that has one population."""
    assert isinstance(stream, Pool)
    return stream
