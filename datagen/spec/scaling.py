"""Turns a specification into one whose workers come so many times as often: what `--rate` does to it.

Where it is not arrivals that decide how many workers there are, their number is multiplied instead.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto

from datagen.curves.curve import Curve
from datagen.distributions.scaled import Scaled
from datagen.spec.generator import Generator
from datagen.spec.populations import ANY_NUMBER, MOST, Arrivals
from datagen.spec.state_graph import endless_from


@dataclass(frozen=True)
class Scaling:
    """By how much the workers of a run are multiplied, rounded to 6 digits, for a wish; and the cap then, None for none."""

    wish: str
    factor: float
    max_workers: int | None


class Lever(Enum):
    """What of a population is multiplied."""

    NOTHING = auto()  # its total says how many there are, and others come without end
    ARRIVALS = auto()  # how often workers come
    TOTAL = auto()  # how many come in all, which never end
    CAP = (
        auto()
    )  # how many may be alive at once: they never end, follow a schedule or come all at once


def levers(spec: Generator, schedule: Curve | None) -> list[Lever]:
    """Return what is multiplied of each population; `schedule` is that of the run."""
    graph = spec.graph()
    without_end = any(each.limits.total is None for each in spec.arrivals)
    return [
        _lever(each, schedule, endless=endless_from(graph, first), without_end=without_end)
        for each, first in zip(spec.arrivals, spec.firsts, strict=True)
    ]


def _lever(
    arrivals: Arrivals, schedule: Curve | None, *, endless: bool, without_end: bool
) -> Lever:
    if arrivals.limits.total is not None:
        return Lever.TOTAL if endless and not without_end else Lever.NOTHING
    if arrivals.curve(schedule, "workers") is not None or arrivals.all_at_once:
        return Lever.CAP
    return Lever.CAP if endless and arrivals.limits.until is None else Lever.ARRIVALS


def rounded_factor(factor: float) -> float:
    """Return a factor with 6 digits that count: so it is written, and the same on every machine."""
    return float(f"{factor:.6g}")


def scaled_number(number: int, factor: float) -> int:
    """Return a number of workers, multiplied: at least 1, and no more than there may be."""
    return min(max(round(number * factor), 1), MOST)


def scaled_spec(spec: Generator, factor: float, schedule: Curve | None) -> Generator:
    """Return a specification whose populations are multiplied by a factor, each in its way."""
    made = [
        _scaled(each, lever, factor, schedule)
        for each, lever in zip(spec.arrivals, levers(spec, schedule), strict=True)
    ]
    return spec.with_arrivals(made)


def _scaled(arrivals: Arrivals, lever: Lever, factor: float, schedule: Curve | None) -> Arrivals:
    """Return the arrivals of one population, multiplied."""
    if lever is Lever.NOTHING:
        return arrivals
    limits = arrivals.limits
    if lever is Lever.TOTAL and limits.total is not None:
        limits = limits.model_copy(update={"total": scaled_number(limits.total, factor)})
    if lever is Lever.CAP and limits.max not in (None, ANY_NUMBER):
        limits = limits.model_copy(update={"max": scaled_number(int(str(limits.max)), factor)})
    arrivals = replace(arrivals, limits=limits)
    if arrivals.curve(schedule, "workers") is not None:
        return arrivals
    return replace(arrivals, interarrival=Scaled.of(arrivals.interarrival, factor))
