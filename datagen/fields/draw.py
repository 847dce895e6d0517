"""What field generators make values from: the visits of a draw, and what all draws of a run share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Bits, Ints, Mask, TextArray
from datagen.columns.column import Column
from datagen.columns.column_type import INSTANT, INT, TEXT, ColumnType
from datagen.columns.faults import Faults as FaultsSeen
from datagen.columns.faults import all_faults
from datagen.distributions.base import Distribution
from datagen.errors import DatagenError
from datagen.instants import NAIVE, Style
from datagen.language import INSTANT_NAME, Compiled, Expression, Values
from datagen.randomness import blocks, draw, is_below, redraw, redraws, stream_key

S = TypeVar("S", bound=NDArray[Any])
# what a visit is, as values of expressions; fields and variables of these names come first
VISIT_TYPES: Mapping[str, ColumnType] = {
    "time": INSTANT,
    "worker": INT,
    "visit": INT,
    "state": TEXT,
    "emitter": TEXT,
    "population": TEXT,
    INSTANT_NAME: INSTANT,
}


class CounterNumbers(Protocol):
    """Where counters take their numbers from: each has one sequence for all workers."""

    def numbers(self, path: tuple[str, ...], rows: Ints) -> Ints:
        """Return the place in a counter's sequence of each value; `rows`, int64[n], never falls."""

    def shared_numbers(
        self,
        path: tuple[str, ...],
        sequence: tuple[str, ...],
        rows: Ints,
        values: "Callable[[], Column] | None" = None,
    ) -> Ints:
        """Return the place of each value in a sequence that generators share; `rows`, int64[n], never falls.

        It counts in the order of output. `values` returns of each what is counted by itself, n values; without it,
        all count together.
        """

    def given_before(self, path: tuple[str, ...], sequence: tuple[str, ...], rows: Ints) -> Ints:
        """Return how many places of a sequence came before each value in the order of output, in this part: int64[n].

        The k-th of them, from 0, is `striped(k)`. `rows`, int64[n], never falls.
        """

    def striped(self, counts: Ints) -> Ints:
        """Return the place in a sequence of each value of this part, by its place among them."""


class TemplateTexts(Protocol):
    """What makes the texts of templates from the values of variables.

    `failure` is the earliest instant at which one could not be made, if there is such, and why.
    """

    failure: tuple[int, DatagenError] | None

    def texts(self, template: str, names: Sequence[str], draw: "Draw") -> TextArray:
        """Return the text at each visit of a draw; the template reads the variables `names`."""


class Faults(Protocol):
    """What takes note of values that cannot be computed."""

    def add(self, path: tuple[str, ...], expression: Expression, rows: Ints) -> None:
        """Note that an expression of the field generator of a path gave none; `rows` of the batch, int64[n]."""


class EntityMembers(Protocol):
    """The members of a pool of entities in a run."""

    def begin(self, start: int) -> None:
        """Take note of when the stream starts, microseconds since 1970."""

    def objects(self, ids: Ints, context: "Context") -> Column:
        """Return members by their ids, int64[n]: objects whose attributes are made when looked at."""

    def values(self, ids: Ints, context: "Context") -> Mapping[str, Column]:
        """Return what members have, by name, given their ids, int64[n]: each column is made when it is looked at."""

    def everyone(self, context: "Context") -> Column | None:
        """Return all members of a pool that is not large, each at the row of its id; always the same column.

        None where there are many, or ever more.
        """

    def picked_by(self, pick: Any, words: Bits, draw: "Draw") -> Ints:
        """Return the id of a member for each visit, -1 for none, given the words that decide: uint64[n] -> int64[n]."""

    def new(self, draw: "Draw") -> Ints:
        """Return the id of a member that comes into being at each visit, where that is possible: int64[n]."""


OnMembers = Callable[[tuple[str, ...], int, int], object]


def _ignore(*_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Context:
    """What all draws of a run share.

    `member_sets` holds the members of a field with `cardinality`, by its path of names, and `variables`
    the values of the variables at the rows of a batch, by name; `templates` makes texts of these. `on_members`
    gets the path of a set that is being made, how many members it has, and how many it will have.
    `expressions` are those of field generators in their scopes, by the path of names of the field generator;
    `faults` takes note of what they cannot compute; `tables` are those of the specification, and `entities` the
    members of its pools, by name.
    """

    seed: np.uint64
    style: Style = NAIVE
    member_sets: dict[tuple[str, ...], Column] = field(default_factory=dict)
    counters: CounterNumbers | None = None
    variables: Mapping[str, Column] = field(default_factory=dict)
    on_members: OnMembers = _ignore
    templates: TemplateTexts | None = None
    expressions: Mapping[tuple[tuple[str, ...], Expression], Compiled] = field(default_factory=dict)
    faults: Faults | None = None
    tables: Mapping[str, Any] = field(default_factory=dict)
    entities: Mapping[str, EntityMembers] = field(default_factory=dict)


@dataclass(frozen=True)
class Draw:
    """The n visits for which a field generator makes values, and its path of names.

    `bits`, uint64[n], are b of each visit (see `randomness`). The instants of all visits of a batch or
    a part of it, `all_times`, are int64[m], microseconds since 1970, and `all_rows` the row of the batch that
    each value belongs to, None for 0 .. m - 1; the draw is for those at some `places`, None for all m.
    `scopes` are what expressions see, the innermost first: columns by name, and the rows of them that are at
    the n visits, int64[n], None for all in order.
    """

    bits: Bits
    all_times: Ints
    all_rows: Ints | None
    path: tuple[str, ...]
    context: Context
    places: Ints | None = None
    scopes: tuple[tuple[Mapping[str, Column], Ints | None], ...] = ()

    def __len__(self) -> int:
        return len(self.bits)

    @cached_property
    def times(self) -> Ints:
        """Return the instant of each visit."""
        return self.all_times if self.places is None else self.all_times[self.places]

    @cached_property
    def rows(self) -> Ints:
        """Return the row of the batch that each value belongs to: int64[n]."""
        if self.all_rows is None:
            return np.arange(len(self)) if self.places is None else self.places
        return self.all_rows if self.places is None else self.all_rows[self.places]

    def of_rows(self, column: Column) -> Column:
        """Return the values for the rows of a batch, a column of it, at each visit."""
        return column if self.all_rows is self.places is None else column.take(self.rows)

    def stream(self, role: str) -> Bits:
        """Return the first draw of a stream of this field generator for each visit: uint64[n]."""
        return draw(self.bits, stream_key(*self.path, role))

    def samples(self, role: str, sample: Callable[[Bits], S]) -> S:
        """Return what is sampled from a stream, uint64[n] -> [n].

        Block by block, so that all that it takes in between stays in the processor's cache.
        """
        key = stream_key(*self.path, role)
        parts = [sample(draw(self.bits[rows], key)) for rows in blocks(len(self))]
        if len(parts) == 1:
            return parts[0]
        joined: Any = np.concatenate(parts) if parts else sample(self.bits)
        made: S = joined
        return made

    def sampled(
        self, role: str, distribution: Distribution, sample: Callable[[Distribution, Bits], S]
    ) -> tuple[S, Mask | None]:
        """Return what is sampled of a distribution by a stream, and at which visits there is none: bool[n].

        That is where a parameter is null or not allowed; None stands for nowhere.
        """
        if not distribution.varies:
            return self.samples(role, lambda bits: sample(distribution, bits)), None
        own, invalid = distribution.at(self.evaluated, len(self))
        faults = self.context.faults
        if invalid is not None and faults is not None:
            _, expression = next(distribution.expressions())
            faults.add(self.path, expression, self.rows[invalid])
        return sample(own, self.stream(role)), invalid

    def happens(self, role: str, percent: float) -> Mask:
        """Return where a stream says so, in so many of a hundred cases: bool[n]."""
        key = stream_key(*self.path, role)
        happening = np.empty(len(self), dtype=bool)
        for rows in blocks(len(self)):
            happening[rows] = is_below(draw(self.bits[rows], key), percent / 100)
        return happening

    def named(self, name: str) -> Column:
        """Return the values that a name has in expressions, at each visit."""
        for columns, rows in self.scopes:
            if name in columns:
                return columns[name] if rows is None else columns[name].take(rows)
        raise KeyError(name)

    def owners(self) -> Ints:
        """Return the number of the worker whose visit each is, or the id of the member that a value is of: int64[n]."""
        columns, rows = self.scopes[-1]  # the outermost: what visits are, or members
        column = columns["worker"] if "worker" in columns else columns["id"]
        numbers: Ints = column.vector
        return numbers if rows is None else numbers[rows]

    def inside(self, columns: Mapping[str, Column]) -> "Draw":
        """Return the same draw, for what sees these columns first: n values each; more may be put in."""
        return replace(self, scopes=((columns, None), *self.scopes))

    def evaluated(self, expression: Expression) -> Column:
        """Return the value of an expression of the field generator at each visit."""
        if self.context.faults is None:
            return self._values(expression).column
        column, faults = self.with_faults(expression)
        for (path, other), rows in faults.items():
            self.context.faults.add(path, other, self.rows[rows])
        return column

    def with_faults(self, expression: Expression) -> tuple[Column, FaultsSeen]:
        """Return the value of an expression at each visit, and its faults and those of what it looks at, noting none."""
        found = self._values(expression)
        seen = self._compiled(expression).faults_seen(self.named, len(self))
        if found.faults is None:
            return found.column, seen
        return found.column, all_faults([{(self.path, expression): found.faults}, seen])

    def _values(self, expression: Expression) -> Values:
        return self._compiled(expression).values(self.named, len(self))

    def _compiled(self, expression: Expression) -> Compiled:
        return self.context.expressions[self.path, expression]

    def child(self, *names: str) -> "Draw":
        """Return the draw of a nested field generator."""
        return replace(self, path=(*self.path, *names))

    def take(self, places: Ints) -> "Draw":
        """Return the draw of some of the visits, by their places."""
        return replace(
            self,
            bits=self.bits[places],
            places=places if self.places is None else self.places[places],
            scopes=self._scopes_at(places),
        )

    def repeat(self, counts: Ints) -> "Draw":
        """Return a draw with counts[i] places for the i-th visit, each with bits of its own."""
        owners = np.repeat(np.arange(len(self)), counts)
        first, most = self.stream("place"), int(counts.max(initial=0))
        if len(owners) == most * len(self):
            bits = redraws(first, most)
        else:
            numbers = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
            numbers += 1
            bits = redraw(first[owners], numbers)
        places = owners if self.places is None else self.places[owners]
        return replace(self, bits=bits, places=places, scopes=self._scopes_at(owners))

    def _scopes_at(self, places: Ints) -> tuple[tuple[Mapping[str, Column], Ints | None], ...]:
        return tuple(
            (columns, places if rows is None else rows[places]) for columns, rows in self.scopes
        )
