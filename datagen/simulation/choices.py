"""Turns the truth of conditions into the next state, for many workers at once."""

import numpy as np

from datagen.arrays import Floats, Ints, Mask
from datagen.distributions.weights import cumulative
from datagen.language import Expression
from datagen.simulation.decisions import Choice

_FEW = 8  # ends, which are faster compared than searched


class ChoiceTable:
    """What may follow a state, by which of its conditions are true: a pattern, bit i for the i-th of `expressions`.

    What each pattern leads to is made when it first comes.
    """

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._bits = {each: bit for bit, each in enumerate(choice.expressions)}
        self._known: dict[int, tuple[Floats, Ints]] = {}

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Return the conditions that are expressions, each once, in the order of their bits."""
        return self._choice.expressions

    def follow(self, u: Floats, patterns: Ints) -> Ints:
        """Return the next state of each: of those that may be taken the first whose cumulative probability reaches u.

        float64[n], int64[n] -> int64[n].
        """
        first = int(patterns[0]) if len(patterns) else 0
        nexts = self._of_pattern(first, u)
        others = np.flatnonzero(patterns != first)
        while len(others):
            pattern = int(patterns[others[0]])
            same = patterns[others] == pattern
            rows, others = others[same], others[~same]
            nexts[rows] = self._of_pattern(pattern, u[rows])
        return nexts

    def ways(self, pattern: int) -> tuple[Floats, Ints]:
        """Return the states that may be taken, and the cumulative probability below each but the last."""
        if pattern not in self._known:
            self._known[pattern] = self._ways(pattern)
        return self._known[pattern]

    def _of_pattern(self, pattern: int, u: Floats) -> Ints:
        ends, nexts = self.ways(pattern)
        if len(ends) > _FEW:
            return nexts[np.searchsorted(ends, u)]
        places = np.zeros(len(u), dtype=np.int64)
        for end in ends:
            places += u > end
        return nexts[places]

    def taken(self, pattern: int) -> list[int]:
        """Return the places of the ways that may be taken."""
        taken = []
        for place, condition in enumerate(self._choice.conditions):
            if isinstance(condition, Expression):
                taken += [place] * (pattern >> self._bits[condition] & 1)
            elif condition is None or not pattern:  # without a condition, or `else`
                taken.append(place)
        return taken

    def _ways(self, pattern: int) -> tuple[Floats, Ints]:
        choice, taken = self._choice, self.taken(pattern)
        if not taken:
            return np.zeros(0), np.array([choice.lost])
        ends = cumulative(np.array([choice.probabilities[place] for place in taken]))
        return ends[:-1], np.array([choice.nexts[place] for place in taken])


def pattern_of(truths: "list[Mask]", rows: int) -> Ints:
    """Return the pattern of conditions at each of n rows: bool[n] for each of them -> int64[n]."""
    pattern = np.zeros(rows, dtype=np.int64)
    for bit, truth in enumerate(truths):
        pattern |= truth.astype(np.int64) << bit
    return pattern
