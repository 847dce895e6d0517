"""What a machine knows of paths that depend on values: which variables decide, what may follow each state, and on which condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datagen.arrays import Ints
from datagen.distributions.base import Distribution
from datagen.language import Expression

Condition = Expression | str | None  # `else` for a text


@dataclass(frozen=True)
class Choice:
    """What may follow a state that looks at values: states, how likely they are, and their conditions.

    Where nothing can be taken a worker comes to the state `lost`.
    """

    nexts: tuple[int, ...]
    probabilities: tuple[float, ...]
    conditions: tuple[Condition, ...]
    lost: int

    @cached_property
    def looks_at_periods(self) -> bool:
        """Return whether some condition looks at the timeline."""
        return any(each.uses for each in self.expressions)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Return the conditions that are expressions, in order, each once."""
        return tuple(
            dict.fromkeys(each for each in self.conditions if isinstance(each, Expression))
        )


@dataclass(frozen=True)
class ValueDelay:
    """A delay whose parameters are expressions; where it cannot be computed a worker comes to the state `lost`."""

    distribution: Distribution
    lost: int


@dataclass(frozen=True)
class Lost:
    """A state of the machine that ends a run: `why` a worker cannot go on from a state, and the names that say so."""

    state: str
    why: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Decisions:
    """The variables that decide paths, and the states whose choices or delays look at them, by number.

    `timed` says that instants decide, too. `lost` are the states after those of the specification, in order.
    """

    variables: tuple[str, ...]
    timed: bool
    choices: Mapping[int, Choice]
    delays: Mapping[int, ValueDelay]
    lost: Sequence[Lost]

    @cached_property
    def that_look(self) -> Ints:
        """Return the states whose conditions look at the timeline: int64[k]."""
        looking = [state for state, each in self.choices.items() if each.looks_at_periods]
        return np.array(looking, dtype=np.int64)
