"""Turns the states of a specification into what a picture of them shows: boxes, arrows and labels."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from datagen.distributions.base import Distribution
from datagen.errors import UsageError
from datagen.one_line import listed
from datagen.running.plan import Plan
from datagen.spec.generator import Generator
from datagen.spec.populations import Arrivals
from datagen.spec.state import State
from datagen.spec.state_graph import STOP, reachable
from datagen.spec.transitions import ELSE, Transition

_UNITS = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "\N{GREEK SMALL LETTER MU}s"))  # fmt: skip
_MOST_EMITTERS = 3  # that a box names


@dataclass(frozen=True)
class StateBox:
    """A state: its name, the emitters of its records, its delay in words, "" where it waits for nothing."""

    name: str
    emitters: tuple[str, ...]
    delay: str
    reached: bool = True

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is said below the name, line by line."""
        return tuple(text for text in (self.emits, self.delay) if text)

    @property
    def emits(self) -> str:
        """Return the emitters in words, "" where there is none."""
        return f"emits {listed(self.emitters, _MOST_EMITTERS)}" if self.emitters else ""


@dataclass(frozen=True)
class Arrow:
    """All transitions from one state to another, by their numbers; `target` is STOP for the end of a worker.

    `share` is their share of the probabilities of the state: what is drawn if not all can be. Each text is a way.
    """

    source: int
    target: int
    texts: tuple[str, ...]
    share: float

    @property
    def label(self) -> str:
        """Return all ways in words."""
        return " or ".join(self.texts)


@dataclass(frozen=True)
class Beginning:
    """Where the workers of a population begin: the number of a state, and how often they come, in words."""

    first: int
    text: str


@dataclass(frozen=True)
class Diagram:
    """The machine as a picture shows it: states by their numbers, and what leads where."""

    states: tuple[StateBox, ...]
    arrows: tuple[Arrow, ...]
    beginnings: tuple[Beginning, ...]

    @property
    def ends(self) -> bool:
        """Return whether some worker may end."""
        return any(each.target == STOP for each in self.arrows)


def diagram_of(plan: Plan) -> Diagram:
    """Return the picture of a plan's machine. Raises UsageError where it has none."""
    spec = plan.spec
    if not isinstance(spec, Generator):
        raise UsageError(f"{plan.file}: a replay has no states, so there is no machine to draw")
    reached = reachable(spec.graph())
    return Diagram(
        tuple(
            StateBox(each.name, tuple(each.emitter), delay_text(each.delay), number in reached)
            for number, each in enumerate(spec.states)
        ),
        tuple(_arrows(spec)),
        tuple(
            Beginning(first, _arrivals_text(each))
            for each, first in zip(spec.arrivals, spec.firsts, strict=True)
        ),
    )


def _arrows(spec: Generator) -> Iterator[Arrow]:
    """Yield an arrow for each pair of states of which one may lead to the other."""
    numbers = {state.name: number for number, state in enumerate(spec.states)}
    for number, state in enumerate(spec.states):
        targets: dict[int, list[Transition]] = {}
        for each in state.transitions:
            targets.setdefault(numbers.get(each.next, STOP), []).append(each)
        total = math.fsum(each.probability for each in state.transitions)
        for target, ways in targets.items():
            share = math.fsum(each.probability for each in ways) / total
            yield Arrow(number, target, tuple(_ways(state, ways, share)), share)


def _ways(state: State, ways: Iterable[Transition], share: float) -> Iterator[str]:
    """Yield the words of each way: how likely it is or, where conditions decide what may be taken, its weight and its condition."""
    if all(each.when is None for each in state.transitions):
        yield percent(share)
        return
    weighed = len({each.probability for each in state.transitions}) > 1
    for each in ways:
        weight = [f"weight {each.probability:g}"] if weighed else []
        when = (
            [] if each.when is None else ["else" if each.when == ELSE else f"if {each.when.text}"]
        )
        yield " ".join(weight + when) or "always possible"


def percent(share: float) -> str:
    """Return a share in percent, with the digits that count."""
    if not share or share >= 0.9995:
        return f"{100 * share:.0f} %"
    if share > 0.99:
        return f"{100 * share:.4g} %"
    return f"{100 * share:.2g} %" if share >= 1e-4 else f"{100 * share:.1g} %"


def span_text(seconds: float) -> str:
    """Return a span of time with its unit: 4.5 min, 20 ms."""
    if not seconds or not math.isfinite(seconds):
        return "0 s" if not seconds else "without end"
    size, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    number = seconds / size
    return f"{number:,.0f} {unit}" if number >= 100 else f"{number:.2g} {unit}"


def delay_text(delay: Distribution) -> str:
    """Return how long a delay is on average, "" where there is none."""
    if not delay.can_take_time():
        return ""
    if any(delay.expressions()):
        return "waits by values"
    mean = delay.mean_duration()
    text = "waits by values" if math.isnan(mean) else f"waits {span_text(mean)}"
    if delay.hours is not None:
        return f"{text} of open hours"
    return text if delay.type == "constant" else f"{text} ({delay.type})"


def _arrivals_text(arrivals: Arrivals) -> str:
    """Return how often the workers of a population come, after its name."""
    name, total = arrivals.name, arrivals.limits.total
    who = "workers" if name is None else name
    many = "" if total is None else f"{total:,} in all"
    mean = arrivals.interarrival.mean_duration()
    if not arrivals.interarrival.can_take_time():
        often = "all at once" if total is not None else "as many as may be alive"
    else:
        often = f"one every {span_text(mean)}"
    return f"{who}: {', '.join(text for text in (many, often) if text)}"
