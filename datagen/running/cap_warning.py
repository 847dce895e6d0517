"""Turns a plan into a warning that its cap on workers holds arrivals back, with figures and a remedy."""

import math

import numpy as np

from datagen.curves.curve import Curve
from datagen.instants import SECOND
from datagen.one_line import plural
from datagen.part import Part
from datagen.running.plan import Plan, Start
from datagen.simulation.forecast import WAITING, Forecast, Span, forecast
from datagen.simulation.queue import waiting_share
from datagen.spec.generator import Generator

_MOST = 100_000_000  # that -m can be
_ROOM = 1.25  # above the mean number alive
_LONG = 100 * 365 * 86_400.0  # seconds until the calendar ends, which count as no end


def cap_warning(plan: Plan, start: Start) -> str | None:
    """Return a sentence where more than 1 % of a run's arrivals would wait, else None."""
    spec, most = plan.spec, plan.max_workers
    if most is None or not isinstance(spec, Generator):
        return None
    workers, arrivals = (_curve(plan, start, what) for what in ("workers", "arrivals"))
    span = _span(plan, start)
    heights = np.ones(1) if workers is None else workers.heights_over(span.begin, span.looked_at)
    highest = min(float(heights.max()), 1.0)
    places = max(plan.part.share(int(most * highest)), 1)
    with np.errstate(all="ignore"):  # what is too large is infinite
        found = forecast(spec, places, span, arrivals, plan.part)
    if found is None:
        return None
    if found.depends_on_values:
        remedy = "a higher -m or -m none" if workers is None else "a higher -m"
        return f"how many workers would be alive depends on values; -m {most} may hold arrivals back. Use {remedy}"
    alive = found.alive / max(highest, 1 / most)
    remedy = _remedy(alive, plan.part.count, workers is None)
    return f"{_what(found, most, places, plan.part)}. Use {remedy}"


def _curve(plan: Plan, start: Start, what: str) -> Curve | None:
    """Return the schedule of the run, where it applies to what is asked for."""
    if plan.schedule is None or plan.schedule.applies_to != what:
        return None
    return plan.schedule.starting_at(start.instant.micros)


def _span(plan: Plan, start: Start) -> Span:
    """Return the time of a run, with that of the runs before it."""
    covered = start.time_range
    length = (covered.end - covered.simulated_from) / SECOND
    seconds = length if covered.bounded or length < _LONG else None
    before = plan.resumed_from.written if plan.resumed_from else 0
    records = None if plan.max_records is None else plan.max_records + before
    return Span(covered.simulated_from, seconds, records, start.instant.micros)


def _what(found: Forecast, most: int, places: int, part: Part) -> str:
    held = found.held(places)
    rates = f": about {_rounded(held)} records/s instead of {_rounded(found.rate)}" if held else ""
    alive = "ever more" if math.isinf(found.alive) else f"about {_rounded(found.alive, 0)}"
    who, cap = plural("worker", 1 if alive == "about 1" else 2), f"-m {most}"
    if not part.is_whole:
        who, cap = f"{who} of part {part}", f"its share of {cap}, {part.share(most)},"
    return f"{alive} {who} would be alive; {cap} holds arrivals back{rates}"


def _remedy(alive: float, parts: int, can_be_free: bool) -> str:
    """Return the flags that let (nearly) all arrivals of each of so many parts start when they are due."""
    free = "-m none"
    if math.isinf(alive):
        return f"a higher -m or {free}" if can_be_free else "a higher -m"
    enough = _rounded_up(alive * _ROOM)
    while waiting_share(alive, enough) > WAITING:
        enough = _rounded_up(enough + 1)
    enough = _rounded_up(enough * parts)
    if enough > _MOST:
        return free if can_be_free else "a higher -m"
    return f"-m {enough} or {free}" if can_be_free else f"-m {enough}"


def _rounded_up(number: float) -> int:
    """Return the next number with one digit that is not 0."""
    unit = 10 ** max(math.floor(math.log10(number)), 0) if number > 1 else 1
    return math.ceil(number / unit) * unit


def _rounded(number: float, decimals: int = 300) -> str:
    """Return a number with two digits that count: 52,000, 0.0023; or fewer, with so many decimals."""
    if math.isinf(number):
        return "ever more"
    digits = min(1 - math.floor(math.log10(number)), decimals) if number else 0
    return f"{round(number, digits):,.{max(digits, 0)}f}"
