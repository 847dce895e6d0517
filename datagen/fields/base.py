"""What every field generator shares: its keys, its draws, nulls and missing values.

A field generator is a checked model whose `column(draw)` is a value for each visit of a draw. To add a
type, write one class in this package that defines `values`, and list its module in `__init__.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainValidator, ValidationError

from datagen.arrays import Bits, Ints, Mask, TextArray
from datagen.columns.column import MISSING, NULL, Column, GatheredColumn
from datagen.columns.column_type import TEXT, ColumnType
from datagen.errors import DatagenError, Path
from datagen.instants import NAIVE, Style
from datagen.randomness import blocks, draw, is_below, redraw, redraws, stream_key
from datagen.validation import Family, Model, Name, Percent, invalid_values, messages_of

MAX_RECORD_CHARACTERS = 1_500_000  # on average
_FEW_PERCENT = 50  # of values that are not shown, but made all the same
FIELDS: "Family[Field]" = Family("field type")


class CounterNumbers(Protocol):
    """Where counters take their numbers from: each has one sequence for all workers."""

    def numbers(self, path: tuple[str, ...], rows: Ints) -> Ints:
        """Return the place in a counter's sequence of each value; `rows`, int64[n], never falls."""


class TemplateTexts(Protocol):
    """What makes the texts of templates from the values of variables.

    `failure` is the earliest instant at which one could not be made, if there is such, and why.
    """

    failure: tuple[int, DatagenError] | None

    def texts(self, template: str, names: Sequence[str], draw: "Draw") -> TextArray:
        """Return the text at each visit of a draw; the template reads the variables `names`."""


OnMembers = Callable[[tuple[str, ...], int, int], object]


def _ignore(*_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Context:
    """What all draws of a run share.

    `member_sets` holds the members of a field with `cardinality`, by its path of names, and `variables`
    the values of the variables at the rows of a batch, by name; `templates` makes texts of these. `on_members`
    gets the path of a set that is being made, how many members it has, and how many it will have.
    """

    seed: np.uint64
    style: Style = NAIVE
    member_sets: dict[tuple[str, ...], Column] = field(default_factory=dict)
    counters: CounterNumbers | None = None
    variables: Mapping[str, Column] = field(default_factory=dict)
    on_members: OnMembers = _ignore
    templates: TemplateTexts | None = None


@dataclass(frozen=True)
class Draw:
    """The n visits for which a field generator makes values, and its path of names.

    `bits`, uint64[n], are b of each visit (see `randomness`). The instants of all visits of a batch or
    a part of it, `all_times`, are int64[m], microseconds since 1970, and `all_rows` the row of the batch that
    each value belongs to, None for 0 .. m - 1; the draw is for those at some `places`, None for all m.
    """

    bits: Bits
    all_times: Ints
    all_rows: Ints | None
    path: tuple[str, ...]
    context: Context
    places: Ints | None = None

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

    def samples(self, role: str, sample: Callable[[Bits], NDArray[Any]]) -> NDArray[Any]:
        """Return what is sampled from a stream, uint64[n] -> [n].

        Block by block, so that all that it takes in between stays in the processor's cache.
        """
        key = stream_key(*self.path, role)
        parts = [sample(draw(self.bits[rows], key)) for rows in blocks(len(self))]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else sample(self.bits)

    def happens(self, role: str, percent: float) -> Mask:
        """Return where a stream says so, in so many of a hundred cases: bool[n]."""
        key = stream_key(*self.path, role)
        happening = np.empty(len(self), dtype=bool)
        for rows in blocks(len(self)):
            happening[rows] = is_below(draw(self.bits[rows], key), percent / 100)
        return happening

    def child(self, *names: str) -> "Draw":
        """Return the draw of a nested field generator."""
        return replace(self, path=(*self.path, *names))

    def take(self, places: Ints) -> "Draw":
        """Return the draw of some of the visits, by their places."""
        return replace(
            self,
            bits=self.bits[places],
            places=places if self.places is None else self.places[places],
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
        return replace(self, bits=bits, places=places)


class NestedField(NamedTuple):
    """A field generator inside another: its path of keys, the names of its streams, itself."""

    path: Path
    names: tuple[str, ...]
    field: "Field"


class Field(Model):
    """The base of the family. `name` is the key of its values in a record."""

    type: str
    name: Name | None = None
    percent_nulls: Percent = 0
    percent_missing: Percent = 0
    value_type: ClassVar[ColumnType] = TEXT  # of the column, unless the keys decide it
    pure: ClassVar[bool] = True  # a value depends on its draw alone, neither on time nor on others
    counts: ClassVar[bool] = False  # values are numbered by the counters of the run
    tells_time: ClassVar[bool] = False  # a value is the instant of the visit
    shows_variable: ClassVar[bool] = False  # the key `variable` names what a worker remembers
    is_template: ClassVar[bool] = False  # a value is made of any variables, by name

    def source(self, path: tuple[str, ...], context: Context) -> Column | None:
        """Return the fixed values from which those of streams under a path are picked, None where they are not.

        It is the same object whenever it is asked for.
        """
        del path, context
        return None

    def picks(self, draw: Draw) -> Ints:
        """Return the row of the source for each visit: int64[n], an array of its own."""
        raise NotImplementedError

    def values(self, draw: Draw) -> Column:
        """Return a value for each visit, none of them null or missing: n of them."""
        source = self.source(draw.path, draw.context)
        assert source is not None
        return source.take(self.picks(draw))

    def picks_or_none(self, draw: Draw) -> Ints:
        """Return the row of the source for each of the n visits, -1 for null, -2 where it is missing."""
        picks = self.picks(draw)
        if self.percent_nulls:
            picks[draw.happens("null", self.percent_nulls)] = NULL
        if self.percent_missing:
            picks[draw.happens("missing", self.percent_missing)] = MISSING
        return picks

    def column(self, draw: Draw) -> Column:
        """Return a value, null or nothing (it is missing) for each of the n visits."""
        source = self.source(draw.path, draw.context)
        if source is not None:
            return GatheredColumn(source, self.picks_or_none(draw))
        if not self.percent_missing and not self.percent_nulls:
            return self.values(draw)
        places = np.arange(len(draw))
        if self.percent_nulls:
            places[draw.happens("null", self.percent_nulls)] = NULL
        if self.percent_missing:
            places[draw.happens("missing", self.percent_missing)] = MISSING
        if self.percent_nulls + self.percent_missing <= _FEW_PERCENT and not self._takes_note:
            return self.values(draw).take(places)
        present = np.flatnonzero(places >= 0)
        places[present] = np.arange(len(present))
        return self.values(draw.take(present)).take(places)

    @cached_property
    def _takes_note(self) -> bool:
        """Return whether something takes note of how often values are made: counters do, and templates may fail."""
        return any(each.counts or each.is_template for each in self.with_descendants())

    def holds_counter(self) -> bool:
        """Return whether there is a counter in the values."""
        return any(each.counts for each in self.with_descendants())

    def mean_characters(self) -> float:
        """Return about how many characters a value has as JSON, on average."""
        return 20

    def column_type(self, variables: Mapping[str, ColumnType]) -> ColumnType:
        """Return the type of a column of these values, given those of the variables."""
        del variables
        return self.value_type

    def children(self) -> Iterator[NestedField]:
        """Yield the field generators directly inside this one."""
        yield from ()

    def descendants(self) -> Iterator[NestedField]:
        """Yield all field generators inside this one, each before those inside it."""
        for child in self.children():
            yield child
            for path, names, inner in child.field.descendants():
                yield NestedField((*child.path, *path), (*child.names, *names), inner)

    def with_descendants(self) -> "Iterator[Field]":
        """Yield this field generator, then all those inside it."""
        yield self
        yield from (nested.field for nested in self.descendants())

    def member_set(self, path: tuple[str, ...], context: Context) -> Column | None:
        """Return the fixed set of values, for streams under a path, or None if there is none.

        Raises PydanticCustomError when it cannot be made.
        """
        del path, context
        return None

    def variable_shown(self) -> str | None:
        """Return the name of the variable whose values these are, or None."""
        return None

    def variables_read(self) -> tuple[str, ...]:
        """Return the names of the variables that a value depends on, without those of nested fields."""
        shown = self.variable_shown()
        return () if shown is None else (shown,)

    def select(self, column: Column) -> Column:
        """Return the part of its variable's column that this field shows."""
        return column

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return a raw field generator for each part of the objects that raw JSON of this type makes.

        None where that cannot be known, because the JSON is wrong.
        """
        del raw
        return {}


def too_large(what: str, characters: float, most: int) -> str:
    """Return the message that something would hold too many characters."""
    return f"{what} would hold about {characters:.3g} characters; at most {most:,} are possible"


def validate_size(fields: Sequence[Field], key: str) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong when the fields under a key hold more characters than a record can."""
    characters = sum(field.mean_characters() for field in fields)
    if characters > MAX_RECORD_CHARACTERS:
        yield (key,), too_large("a record", characters, MAX_RECORD_CHARACTERS)


def read_before_set(fields: Sequence[Field]) -> set[str]:
    """Return the variables that some of these read and none before it sets."""
    known: set[str] = set()
    needed: set[str] = set()
    for each in fields:
        needed |= set(each.variables_read()) - known
        known.add(str(each.name))
    return needed


def last_of_each_name(fields: Iterable[Field]) -> list[Field]:
    """Return of several fields of one name the last, at the place of the first."""
    return list({str(each.name): each for each in fields}.values())


def parse_field(data: Any) -> Field:
    """Return a checked field generator, which may go without a name. Raises ValidationError."""
    return FIELDS.parse(data)


def parse_named_field(data: Any) -> Field:
    """Return a checked field generator that must have a name. Raises ValidationError."""
    problems: list[tuple[Path, str]] = []
    if isinstance(data, dict) and data.get("name") is None:
        problems.append((("name",), "expected a text, not null" if "name" in data else "missing"))
    try:
        model = FIELDS.parse(data)
    except ValidationError as error:
        if not problems:
            raise
        problems += messages_of(error)
    if problems:
        raise invalid_values(problems)
    return model


AnyField = Annotated[Field, PlainValidator(parse_field)]
NamedField = Annotated[Field, PlainValidator(parse_named_field)]
