"""Turns distributions and curves into small pictures in SVG: densities, and a rate over the week."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Floats
from datagen.curves.curve import MINUTE, MINUTES_PER_WEEK, Curve
from datagen.curves.zones import week_start, weeks_and_offsets
from datagen.distributions.base import Distribution
from datagen.fields.base import Field
from datagen.inspection.diagram import span_text
from datagen.inspection.svg import number, picture, text
from datagen.spec.generator import Generator

_STRATA, _BINS, _MOST_BARS = 4096, 40, 40
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_STEP = 30  # minutes of a week between two points
_SMALL = (300.0, 92.0)
_WEEK = (720.0, 190.0)


@dataclass(frozen=True)
class Drawn:
    """A distribution and where it is in a specification, in words; `seconds` says that its samples are times."""

    title: str
    distribution: Distribution
    seconds: bool = False


@dataclass(frozen=True)
class Shape:
    """What a distribution looks like: bars of equal width over values or, with `edges`, over what lies between these.

    float64[n] heights, float64[n] places or float64[n + 1] edges. The mean may be infinite.
    """

    heights: Floats
    places: Floats
    mean: float
    median: float
    high: float  # 99 % are below

    @property
    def continuous(self) -> bool:
        """Return whether the places are edges."""
        return len(self.places) > len(self.heights)


def distributions_of(spec: Generator) -> Iterator[Drawn]:
    """Yield all distributions of a specification: of arrivals, delays, variables and dimensions, each once."""
    for each in spec.arrivals:
        who = (
            "time between workers" if each.name is None else f"time between workers of {each.name}"
        )
        yield Drawn(who, each.interarrival, seconds=True)
    for state in spec.states:
        yield Drawn(f"{state.name}: delay", state.delay, seconds=True)
    seen: set[tuple[str, str]] = set()
    for owner, field, found in _in_fields(spec):
        mark = (str(field.name), repr(found))
        if mark not in seen:
            seen.add(mark)
            yield Drawn(f"{owner}: {field.name or field.type}", found)


def _in_fields(spec: Generator) -> Iterator[tuple[str, Field, Distribution]]:
    """Yield each distribution in a field, with the field and the name of the state or emitter that it belongs to."""
    lists = [(each.name, each.variables) for each in spec.states]
    lists += [(each.name, each.dimensions) for each in spec.emitters]
    for owner, fields in lists:
        for field in (inner for each in fields for inner in each.with_descendants()):
            values = [getattr(field, key) for key in type(field).model_fields]
            yield from ((owner, field, each) for each in values if isinstance(each, Distribution))


def shape_of(distribution: Distribution) -> Shape | None:
    """Return what a distribution looks like, by its quantiles; None of one that depends on values, or is a constant."""
    if any(distribution.expressions()):
        return None
    with np.errstate(all="ignore"):
        samples = np.sort(distribution.quantile((np.arange(_STRATA) + 0.5) / _STRATA))
        mean = float(distribution.mean())
    samples = samples[np.isfinite(samples)]
    if len(samples) < _STRATA // 2 or samples[0] == samples[-1]:
        return None
    figures = (mean, float(np.median(samples)), float(np.quantile(samples, 0.99)))
    values, counts = np.unique(samples, return_counts=True)
    if len(values) <= _MOST_BARS or distribution.discrete:
        values, counts = values[:_MOST_BARS], counts[:_MOST_BARS]
        return Shape(counts / len(samples), values, *figures)
    low, high = np.quantile(samples, [0.0 if distribution.bounds()[0] > -np.inf else 0.002, 0.985])
    if not low < high:
        low, high = samples[0], samples[-1]
    heights, edges = np.histogram(samples, _BINS, (low, high))
    return Shape(heights / len(samples), edges, *figures)


def density_picture(shape: Shape, *, seconds: bool = False, what: str = "") -> str:
    """Return the density, or the probabilities of values, of a distribution; its mean is dashed."""
    (width, height), low = _SMALL, _SMALL[1] - 16
    first, last = float(shape.places[0]), float(shape.places[-1])
    most, room = float(shape.heights.max()), low - 6
    if not shape.continuous:
        gap = float(np.diff(shape.places).min()) if len(shape.places) > 1 else 1.0
        first, last = first - gap / 2, last + gap / 2
    xs = (shape.places - first) / (last - first) * width
    tops = low - shape.heights / most * room
    if shape.continuous:
        line = "".join(
            f"V{number(top)}H{number(x)}"
            for top, x in zip(tops.tolist(), xs[1:].tolist(), strict=True)
        )
        path = f"M0 {number(low)}{line}V{number(low)}"
        body = f'<path class="area" d="{path}z"/><path class="line" d="{path}"/>'
    else:
        wide = max(min(0.6 * float(np.diff(xs).min()) if len(xs) > 1 else 20.0, 24.0), 1.0)
        bars = "".join(
            f"M{number(x - wide / 2)} {number(low)}V{number(top)}h{number(wide)}V{number(low)}z"
            for x, top in zip(xs.tolist(), tops.tolist(), strict=True)
        )
        body = f'<path class="bar" d="{bars}"/>'
    body += f'<path class="rule" d="M0 {number(low)}H{number(width)}"/>'
    at = (shape.mean - first) / (last - first) * width
    if 0 <= at <= width:
        body += f'<path class="mean" d="M{number(at)} 2V{number(low)}"/>'
    ends = (float(shape.places[0]), float(shape.places[-1]))
    body += text(0, height - 3, value_text(ends[0], seconds=seconds))
    body += text(width, height - 3, value_text(ends[1], seconds=seconds), anchor="end")
    return picture(_SMALL, what, body)


def figures_text(shape: Shape, *, seconds: bool = False) -> str:
    """Return the mean, the median and the 99th percentile in words."""
    mean, median, high = (
        value_text(each, seconds=seconds) for each in (shape.mean, shape.median, shape.high)
    )
    return f"mean {mean}, median {median}, 99 % up to {high}"


def value_text(value: float, *, seconds: bool = False) -> str:
    """Return a value with three digits, a span of time with its unit."""
    if seconds and value >= 0:
        return span_text(value)
    if not np.isfinite(value):
        return "infinite"
    return f"{value:,.0f}" if 100 <= abs(value) < 1e7 else f"{value:.3g}"


def heights_over_week(curve: Curve, start: int) -> Floats:
    """Return the height of a curve at every half hour of the week of an instant: float64[336], from Monday in its time zone on."""
    curve = curve.starting_at(start)
    local = int(curve.local_times(np.array([start]))[0])
    monday = int(week_start(int(weeks_and_offsets(np.array([local]))[0][0])))
    instants = monday - (local - start) + np.arange(0, MINUTES_PER_WEEK, _STEP) * MINUTE
    return curve.heights(instants)


def week_picture(values: Sequence[float], unit: str, what: str, *, alone: bool = False) -> str:
    """Return a rate over the week, from Monday on, in equal steps; the mean is dashed."""
    (width, height), left, top = _WEEK, 64.0, 12.0
    low, most = height - 24.0, max(*values, 1e-300)
    step = (width - left - 8) / len(values)
    heights = [low - each / most * (low - top) for each in values]
    line = "L".join(
        f"{number(left + place * step)} {number(y)}"
        for place, y in enumerate([*heights, heights[0]])
    )
    right = left + len(values) * step
    day = (right - left) / 7
    rules = "".join(
        f"M{number(left + each * day)} {number(top)}V{number(low + 4)}" for each in range(8)
    )
    mean = low - sum(values) / len(values) / most * (low - top)
    body = (
        f'<path class="rule" d="{rules}M{number(left)} {number(low)}H{number(right)}M{number(left)} {number(top)}H{number(right)}"/>'
        f'<path class="area" d="M{number(left)} {number(low)}L{line}V{number(low)}z"/><path class="line" d="M{line}"/>'
        f'<path class="mean" d="M{number(left)} {number(mean)}H{number(right)}"/>'
    )
    body += "".join(
        text(left + (place + 0.5) * day, height - 7, name, anchor="middle")
        for place, name in enumerate(_DAYS)
    )
    body += text(left - 6, top + 8, value_text(most), anchor="end") + text(
        left - 6, low, "0", anchor="end"
    )
    body += text(left - 6, top + 21, unit, anchor="end")
    return picture(_WEEK, what, body, alone=alone)
