"""Turns a plan into a warning that its cap on workers holds arrivals back, with figures and a remedy."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

import numpy as np

from datagen.curves.curve import Curve
from datagen.errors import Problem, SpecError
from datagen.formats.variable_texts import VariableTexts
from datagen.instants import SECOND
from datagen.one_line import plural
from datagen.part import Part
from datagen.running.options import NO_LIMIT
from datagen.running.plan import Plan, Start
from datagen.simulation.build import openings_of
from datagen.simulation.cap import NEVER
from datagen.simulation.forecast import (
    WAITING,
    Forecast,
    Span,
    TrialMachines,
    forecast,
    seconds_of,
)
from datagen.simulation.machine import Machine
from datagen.simulation.queue import waiting_share
from datagen.simulation.source import Simulation
from datagen.spec.deciding import decisions_of
from datagen.spec.generator import Generator
from datagen.spec.populations import MOST, Arrivals
from datagen.spec.scaling import Lever, levers

_MOST_PERIODS = 1000  # in which workers may come, that are counted
_SHORT_RECORD = 50  # bytes: with a limit of bytes, there are no more records than so short ones
_DIGITS, _MOST_DIGITS = 2, 6  # of rates
_ROOM = 1.25  # above the mean number alive
_LONG = 100 * 365 * 86_400.0  # seconds until the calendar ends, which count as no end


@dataclass(frozen=True)
class _Cap:
    """The cap of a population, and the words for it: `-m 100`, and what goes before a number or "none"."""

    most: int
    who: str = ""
    key: str = "-m "

    def __str__(self) -> str:
        return f"{self.key}{self.most}"

    def of(self, value: object) -> str:
        """Return the cap with another value."""
        quotes = isinstance(value, str) and self.who and not value.isdigit()
        return f'{self.key}"{value}"' if quotes else f"{self.key}{value}"


@dataclass(frozen=True)
class HeldBack:
    """What a cap holds back of a population: what there would be without it, its places at its `highest`.

    Nobody needs to hear of it where it is the cap by which a wished rate is met: `as_wished`.
    """

    found: Forecast
    cap: _Cap
    places: int
    highest: float
    can_be_free: bool
    as_wished: bool = False

    @property
    def kept(self) -> float:
        """Return how many records a second the cap leaves, by the formula of a queue."""
        return self.found.held(self.places)


def cap_warnings(
    plan: Plan, start: Start, source: object = None, waiting: float = WAITING
) -> Iterator[str]:
    """Yield a sentence for each population of which more than 1 % of a run's arrivals would wait.

    A prepared `source` of its batches is what walks workers whose paths depend on values; without it one is made. With
    the cap that is advised no more than a share of arrivals, `waiting`, waits.
    """
    for each in held_back(plan, start, source):
        if each is not None and not each.as_wished:
            yield cap_sentence(plan, each, each.kept, waiting)


def run_warnings(plan: Plan, start: Start, source: object = None) -> Iterator[str]:
    """Yield what is to be known of a run before it begins: what it comes to instead of what is wished, what caps hold back."""
    if plan.wish_note is not None:
        yield plan.wish_note
    yield from cap_warnings(plan, start, source)


def held_back(plan: Plan, start: Start, source: object = None) -> Iterator[HeldBack | None]:
    """Yield what the cap does to each population, None where hardly an arrival waits."""
    spec = plan.spec
    if not isinstance(spec, Generator):
        return
    span = span_of(plan, start)
    machines = trial_machines(plan, spec, start, source) if any(decisions_of(spec.states)) else None
    if len(spec.arrivals) > 1:
        curves = [each.curve(plan.schedule, "arrivals") for each in spec.arrivals]
        with np.errstate(all="ignore"):
            seconds = seconds_of(spec, span, curves, plan.part, machines)
            span = replace(span, seconds=seconds, records=None)
    scaled_caps = levers(spec, plan.schedule) if plan.scaling is not None else []
    for number in range(len(spec.arrivals)):
        found = _of_population(plan, spec, number, span, machines)
        as_wished = bool(scaled_caps) and scaled_caps[number] is Lever.CAP
        yield None if found is None else replace(found, as_wished=as_wished)


def trial_machines(plan: Plan, spec: Generator, start: Start, source: object) -> TrialMachines:
    """Return what makes the machines that walk workers, once."""

    @cache
    def machines() -> list[Machine]:
        simulation = source
        if not isinstance(simulation, Simulation):
            simulation = prepared_source(plan, spec)
        return simulation.trial_machines(start.instant.micros)

    return machines


def prepared_source(plan: Plan, spec: Generator) -> Simulation:
    """Return a source of the batches of a plan, prepared. Raises SpecError for sets of values that cannot be made."""
    simulation = Simulation(spec, plan, plan.style, VariableTexts(spec.variable_types))
    if problems := simulation.prepare():
        raise SpecError([Problem(path, text, plan.file) for path, text in problems])
    return simulation


def _of_population(
    plan: Plan, spec: Generator, number: int, span: Span, machines: TrialMachines | None
) -> HeldBack | None:
    arrivals = spec.arrivals[number]
    most = arrivals.cap(plan.max_workers)
    if most is None:
        return None
    cap = _Cap(most, arrivals.prefix, '"max": ' if arrivals.limits.max is not None else "-m ")
    workers, curve = (_curve(arrivals, plan, span, each) for each in ("workers", "arrivals"))
    heights = np.ones(1) if workers is None else workers.heights_over(span.begin, span.looked_at)
    highest = min(float(heights.max()), 1.0)
    places = max(plan.part.share(int(most * highest)), 1)
    seconds = _open_seconds(plan, spec, number, span)
    with np.errstate(all="ignore"):  # what is too large is infinite
        covered = replace(span, seconds=seconds)
        found = forecast(spec, places, covered, curve, plan.part, number, machines)
    return (
        None
        if found is None
        else HeldBack(found, cap, places, highest, can_be_free=workers is None)
    )


def cap_sentence(plan: Plan, held: HeldBack, kept: float, waiting: float = WAITING) -> str:
    """Return what a cap does that leaves so many records a second, and one under which no more than a share of arrivals waits."""
    found, cap = held.found, held.cap
    if found.depends_on_values:
        higher = f"a higher {cap.key.strip(': ')}"
        remedy = f"{higher} or {cap.of(NO_LIMIT)}" if held.can_be_free else higher
        return f"{cap.who}how many workers would be alive depends on values; {cap} may hold arrivals back. Use {remedy}"
    alive = found.alive / max(held.highest, 1 / cap.most)
    remedy = _remedy(alive, plan.part.count, cap, waiting, can_be_free=held.can_be_free)
    return f"{cap.who}{_what(found, cap, kept, plan.part)}. Use {remedy}"


def _curve(arrivals: Arrivals, plan: Plan, span: Span, what: str) -> Curve | None:
    """Return the curve of a population, where it applies to what is asked for."""
    curve = arrivals.curve(plan.schedule, what)
    return None if curve is None else curve.starting_at(span.first_start)


def _open_seconds(plan: Plan, spec: Generator, number: int, span: Span) -> float | None:
    """Return how long the workers of a population can come in a run, None where that has no end."""
    start = plan.start.micros if plan.start is not None else span.begin
    openings = openings_of(spec.arrivals[number], spec, start, plan.style)
    if openings is None:
        return span.seconds
    spec.run_timeline.begin(start, plan.style)
    end = NEVER if span.seconds is None else span.begin + int(span.seconds * SECOND)
    found = list(islice(openings.within(span.begin, end), _MOST_PERIODS))
    if len(found) == _MOST_PERIODS or (found and found[-1][1] >= NEVER):
        return span.seconds
    return sum(min(b, end) - max(a, span.begin) for a, b in found) / SECOND


def span_of(plan: Plan, start: Start) -> Span:
    """Return the time of a run, with that of the runs before it."""
    covered = start.time_range
    length = (covered.end - covered.simulated_from) / SECOND
    seconds = length if covered.bounded or length < _LONG else None
    before = plan.resumed_from.written if plan.resumed_from else 0
    most = plan.max_records
    if plan.max_bytes is not None:
        most = plan.max_bytes // _SHORT_RECORD
    records = None if most is None else most + before
    return Span(covered.simulated_from, seconds, records, start.instant.micros)


def _what(found: Forecast, of: _Cap, kept: float, part: Part) -> str:
    rates = _told_apart(kept, found.rate) if kept else ""
    alive = "ever more" if math.isinf(found.alive) else f"about {rounded(found.alive, 0)}"
    who, cap = plural("worker", 1 if alive == "about 1" else 2), str(of)
    if not part.is_whole:
        who, cap = f"{who} of part {part}", f"its share of {cap}, {part.share(of.most)},"
    when = " outside of periods" if found.outside_periods else ""
    return f"{alive} {who} would be alive{when}; {cap} holds arrivals back{rates}"


def _told_apart(held: float, rate: float) -> str:
    """Return the words for a rate that a cap leaves of another, with as many digits as tell them apart."""
    for digits in range(_DIGITS, _MOST_DIGITS + 1):
        left, free = rounded(held, digits=digits), rounded(rate, digits=digits)
        if left != free:
            break
    return f": about {left} records/s instead of {free}"


def _remedy(alive: float, parts: int, cap: _Cap, waiting: float, *, can_be_free: bool) -> str:
    """Return the cap that lets (nearly) all arrivals of each of so many parts start when they are due."""
    free, higher = cap.of(NO_LIMIT), f"a higher {cap.key.strip(': ')}"
    if math.isinf(alive):
        return f"{higher} or {free}" if can_be_free else higher
    enough = enough_workers(alive, parts, waiting)
    if enough is None:
        return free if can_be_free else higher
    return f"{cap.of(enough)} or {free}" if can_be_free else cap.of(enough)


def enough_workers(alive: float, parts: int = 1, waiting: float = WAITING) -> int | None:
    """Return a cap under which hardly an arrival of each of so many parts waits, None where that is beyond -m.

    Hardly one is a share, `waiting`.
    """
    if not alive * _ROOM <= MOST:
        return None
    enough = rounded_up(alive * _ROOM)
    while waiting_share(alive, enough) > waiting:
        enough = rounded_up(enough + 1)
    enough = rounded_up(enough * parts)
    return enough if enough <= MOST else None


def rounded_up(number: float) -> int:
    """Return the next number with one digit that is not 0."""
    unit = 10 ** max(math.floor(math.log10(number)), 0) if number > 1 else 1
    return math.ceil(number / unit) * unit


def rounded(number: float, decimals: int = 300, digits: int = 2) -> str:
    """Return a number with so many digits that count: 52,000, 0.0023; or fewer, with so many decimals."""
    if math.isinf(number):
        return "ever more"
    places = min(digits - 1 - math.floor(math.log10(number)), decimals) if number else 0
    return f"{round(number, places):,.{max(places, 0)}f}"
