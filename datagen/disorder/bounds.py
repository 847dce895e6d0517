"""What all effects of a list can add up to: how late a copy leaves at most, and how much is under way."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from datagen.disorder.effects import Effect, Outage
from datagen.validation import Problems, did_you_mean, quoted


class Delays(NamedTuple):
    """The greatest delay of a copy, in microseconds, and how long copies are under way, in microseconds a record.

    The latter times the records a second, over 10**6, is about how many records are held.
    """

    greatest: int
    mean: float


def bound_of(effects: Sequence[Effect], lengths: Mapping[str, int]) -> Delays:
    """Return what the delays of effects add up to, given the lengths of the periods of the timeline, microseconds by name."""
    return Delays(
        sum(each.greatest_delay(lengths) for each in effects),
        sum(each.mean_delay(lengths) for each in effects),
    )


def period_problems(effects: Sequence[Effect], lengths: Mapping[str, int]) -> Problems:
    """Yield the outages whose period the timeline does not have, with their paths in the list."""
    for place, each in enumerate(effects):
        if isinstance(each, Outage) and each.period not in lengths:
            text = f"the timeline has no {quoted(each.period)}{did_you_mean(each.period, lengths)}"
            yield (place, "period"), text
