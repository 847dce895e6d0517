"""Turns a plan into how much of its disorder would be under way at a time, before a record is made.

By Little's law that is the rate of records times the mean time that they are under way (Little, "A proof for the queuing
formula L = lambda W", Operations Research 9 (1961), 383-387).
"""

import math
from dataclasses import dataclass

import numpy as np

from datagen.disorder.bounds import bound_of
from datagen.errors import UsageError
from datagen.running.disordering import period_lengths
from datagen.running.plan import Plan
from datagen.simulation.chain import chain_of
from datagen.spec.generator import Generator

_BYTES = 100  # of a record that is held, besides its text
_MEGA = 1_000_000


@dataclass(frozen=True)
class Held:
    """Records that are under way at a time, on average, of so many a second."""

    records: float
    rate: float


def check_held(plan: Plan, width: float) -> None:
    """Raise UsageError where a run would hold more than it may; `width` is about how many bytes a record has."""
    held = expected_held(plan)
    size = 0.0 if held is None else held.records * (width + _BYTES)
    if held is not None and size > plan.memory:
        raise UsageError(
            f"about {held.rate:,.0f} records a second would be under way for so long that {size / _MEGA:,.0f} MB are held, "
            f"more than the {plan.memory / _MEGA:,.0f} MB of --memory: use shorter delays, a smaller share, or a higher --memory"
        )


def expected_held(plan: Plan) -> Held | None:
    """Return how many records would be under way, None where that is not known."""
    rate = _rate(plan)
    if not plan.effects or rate is None:
        return None
    seconds = bound_of(plan.effects, period_lengths(plan.spec)).mean / 1e6
    if plan.duration is not None:
        seconds = min(seconds, plan.duration / 1e6)
    records = rate * seconds
    return Held(records if plan.max_records is None else min(records, plan.max_records), rate)


def _rate(plan: Plan) -> float | None:
    """Return how many records a second there are on average, None where the chain does not say it."""
    spec = plan.spec
    if not isinstance(spec, Generator) or not plan.effects:
        return None
    with np.errstate(all="ignore"):
        chain = chain_of(spec)
    if chain is None:
        return None
    rate = 0.0
    for arrivals, first in zip(spec.arrivals, spec.firsts, strict=True):
        mean, life = arrivals.interarrival.mean_duration(), float(chain.seconds[first])
        records, cap = float(chain.records[first]), arrivals.cap(plan.max_workers)
        if arrivals.limits.total is not None:
            continue
        if not (math.isfinite(records) and 0 < mean < math.inf):
            return None
        capped = cap is not None and life > cap * mean
        rate += (cap or 0) * records / life if capped else records / mean
    return rate / plan.part.count
