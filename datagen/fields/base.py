"""What every field generator shares: its keys, its draws, nulls, missing values and cardinality.

A field generator is a checked model with one verb: `column(draw)` gives a value for each visit of
a draw. To add a type, write one class in this package and list its module in `__init__.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Protocol

import numpy as np
from pydantic import AfterValidator, PlainValidator, ValidationError

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column import MISSING, NULL, Column
from datagen.columns.column_type import TEXT, ColumnType
from datagen.columns.json_text import Text
from datagen.distributions.base import AnyDistribution
from datagen.errors import Path
from datagen.instants import NAIVE, Style
from datagen.randomness import draw, redraw, stream_key, uniform, visit_bits, worker_bits
from datagen.validation import (
    Count,
    Family,
    Model,
    Name,
    Percent,
    invalid_value,
    invalid_values,
    messages_of,
    quoted,
)

MOST_MEMBERS = 1_000_000
MOST_CHARACTERS = 1_500_000  # of a record, on average
_MOST_IN_MEMBERS = 200_000_000  # characters
_CHARACTERS_AT_ONCE = 10_000_000
_CHARACTERS_TRIED = 500_000_000
FIELDS: "Family[Field]" = Family("field type")


class Numbering(Protocol):
    """Gives counters their numbers."""

    def numbers(self, path: tuple[str, ...], rows: Ints) -> Ints:
        """Return the place in the sequence of each value; `rows`, int64[n], never falls."""


@dataclass(frozen=True)
class Context:
    """What all draws of a run share."""

    seed: np.uint64
    style: Style = NAIVE
    sets: dict[tuple[str, ...], Column] = field(default_factory=dict)
    numbering: Numbering | None = None
    variables: Mapping[str, Column] = field(default_factory=dict)


@dataclass(frozen=True)
class Draw:
    """The visits that a field generator gives a value to, n of them, and its path of names."""

    bits: Bits  # b of each visit
    times: Ints  # the instant of each visit
    rows: Ints  # the row of the batch that each value belongs to
    path: tuple[str, ...]
    context: Context

    def __len__(self) -> int:
        return len(self.bits)

    def stream(self, role: str) -> Bits:
        """Return the first draw of a stream of this field generator for each visit."""
        return draw(self.bits, stream_key(*self.path, role))

    def child(self, *names: str) -> "Draw":
        """Return the draw of a nested field generator."""
        return replace(self, path=(*self.path, *names))

    def at(self, places: Ints) -> "Draw":
        """Return the draw of some of the visits."""
        return replace(
            self, bits=self.bits[places], times=self.times[places], rows=self.rows[places]
        )

    def spread(self, counts: Ints) -> "Draw":
        """Return a draw with counts[i] places for the i-th visit, each as if it were a visit."""
        owners = np.repeat(np.arange(len(self)), counts)
        places = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        return replace(self.at(owners), bits=redraw(self.stream("place")[owners], places + 1))


@dataclass(frozen=True)
class Support:
    """All values that a field generator can have, when they can be counted."""

    size: int
    values: Any  # () -> Column of `size`
    weights: Floats | None = None


class Field(Model):
    """The base of the family."""

    type: str
    name: Name | None = None
    percent_nulls: Percent = 0
    percent_missing: Percent = 0
    one_shape: ClassVar[ColumnType] = TEXT  # of types whose values are always alike

    def values(self, draw: Draw) -> Column:
        """Return a value for each visit."""
        raise NotImplementedError

    def column(self, draw: Draw) -> Column:
        """Return a value, null or nothing for each visit."""
        if not self.percent_missing and not self.percent_nulls:
            return self._picked(draw)
        missing = uniform(draw.stream("missing")) < self.percent_missing / 100
        null = uniform(draw.stream("null")) < self.percent_nulls / 100
        kept = np.flatnonzero(~(missing | null))
        places = np.where(missing, MISSING, NULL)
        places[kept] = np.arange(len(kept))
        return self._picked(draw.at(kept)).take(places)

    def size(self) -> float:
        """Return about how many characters a value has, on average."""
        return 20

    def column_type(self, variables: Mapping[str, ColumnType]) -> ColumnType:
        """Return the type of a column of these values, given those of the variables."""
        del variables
        return self.one_shape

    def children(self) -> Iterator[tuple[Path, tuple[str, ...], "Field"]]:
        """Yield nested field generators: where they stand, the names of their streams, themselves."""
        yield from ()

    def _picked(self, draw: Draw) -> Column:
        return self.values(draw)


def _members(value: int) -> int:
    if value > MOST_MEMBERS:
        raise invalid_value(f"expected at most {MOST_MEMBERS}, not {quoted(value)}")
    return value


class LimitedField(Field):
    """The base of field generators that `cardinality` can limit to a fixed set of values."""

    cardinality: Annotated[Count, AfterValidator(_members)] = 0
    cardinality_distribution: AnyDistribution | None = None

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if keys.get("cardinality", 0) != 0 and keys.get("cardinality_distribution") is None:
            yield ("cardinality_distribution",), "missing; it picks from the values of cardinality"

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if not self.cardinality:
            return
        characters = self.cardinality * self.size()
        if characters > _MOST_IN_MEMBERS:
            yield ("cardinality",), too_large("these values", characters, _MOST_IN_MEMBERS)
        for path, each in _descendants(self):
            if each.type in ("counter", "clock", "variable"):
                yield path, f"a {each.type} cannot be inside a field with cardinality"

    def support(self) -> Support | None:
        """Return all possible values when they can be counted, else None."""
        return None

    def _picked(self, draw: Draw) -> Column:
        if not self.cardinality or self.cardinality_distribution is None:
            return self.values(draw)
        if draw.path not in draw.context.sets:
            draw.context.sets[draw.path] = member_set(self, draw.path, draw.context)
        members = draw.context.sets[draw.path]
        return members.take(
            self.cardinality_distribution.sample_index(draw.stream("index"), len(members))
        )


def too_large(what: str, characters: float, most: int) -> str:
    """Say that something would hold more characters than can be."""
    return f"{what} would hold about {characters:.3g} characters; at most {most:,} are possible"


def size_mistakes(fields: Sequence[Field], key: str) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong when the fields under a key hold more characters than a record can."""
    characters = sum(field.size() for field in fields)
    if characters > MOST_CHARACTERS:
        yield (key,), too_large("a record", characters, MOST_CHARACTERS)


def any_field(data: Any) -> Field:
    """Check a field generator, which may go without a name."""
    return FIELDS.parse(data)


def named_field(data: Any) -> Field:
    """Check a field generator that must have a name."""
    found: list[tuple[Path, str]] = []
    if isinstance(data, dict) and data.get("name") is None:
        found.append((("name",), "expected a text, not null" if "name" in data else "missing"))
    try:
        model = FIELDS.parse(data)
    except ValidationError as error:
        if not found:
            raise
        found += messages_of(error)
    if found:
        raise invalid_values(found)
    return model


AnyField = Annotated[Field, PlainValidator(any_field)]
NamedField = Annotated[Field, PlainValidator(named_field)]


def member_set(field: LimitedField, path: tuple[str, ...], context: Context) -> Column:
    """Make the fixed set of values of a field with cardinality, distinct as rendered text.

    Raises the error of a mistake when there are fewer than `cardinality` of them.
    """
    wanted, support = field.cardinality, field.support()
    if support is not None and support.size < wanted:
        raise invalid_value(
            f"only {support.size} different values are possible, not {quoted(wanted)}"
        )
    if support is not None and wanted > support.size / 2:
        return _chosen(support, wanted, path, context)
    return _tried(field, path, context)


def _chosen(support: Support, wanted: int, path: tuple[str, ...], context: Context) -> Column:
    """Choose from all values without replacement (Efraimidis and Spirakis 2006)."""
    bits = _member_draw(np.arange(support.size), np.zeros(support.size, np.int64), path, context)
    keys = -np.log(uniform(bits.stream("index")))
    if support.weights is not None:
        keys /= support.weights
    values: Column = support.values()
    return values.take(np.argsort(keys, kind="stable")[:wanted])


def _tried(field: LimitedField, path: tuple[str, ...], context: Context) -> Column:
    """Draw until the values are distinct: all members' first attempts, then second ones, ...

    It gives up after 100 attempts a member and 10,000, or when new values have become very rare.
    """
    wanted, size = field.cardinality, max(field.size(), 1)
    left = min(100 * wanted + 10_000, max(2 * wanted, int(_CHARACTERS_TRIED / size)))
    at_once = min(4096, int(_CHARACTERS_AT_ONCE / size))
    first = field.values(_member_draw(np.arange(wanted), np.zeros(wanted, int), path, context))
    different, places = _distinct(first.json_text)
    if len(places) == wanted:
        return first
    found = np.full(wanted, -1)  # the attempt that gave each member its value
    found[places] = 0
    seen: set[str] = set(different.to_pylist())
    attempt, tried, in_vain = 1, wanted, 0
    while len(pending := np.flatnonzero(found < 0)) and tried < left:
        rounds = max(1, min(attempt + 1, min(at_once, left - tried) // len(pending)))
        members = np.tile(pending, rounds)[: left - tried]
        attempts = np.repeat(np.arange(attempt, attempt + rounds), len(pending))[: left - tried]
        texts = field.values(_member_draw(members, attempts, path, context)).json_text.to_pylist()
        before = len(seen)
        for member, number, text in zip(members.tolist(), attempts.tolist(), texts, strict=True):
            if text not in seen and found[member] < 0:
                seen.add(text)
                found[member] = number
        attempt, tried = attempt + rounds, tried + len(members)
        in_vain = 0 if len(seen) > before else in_vain + len(members)
        if in_vain > 20_000 + 10 * len(seen):
            break
    if len(seen) < wanted:
        raise invalid_value(
            f"found only {len(seen)} different values in {tried} attempts, not {wanted}"
        )
    return field.values(_member_draw(np.arange(wanted), found, path, context))


def _distinct(texts: Text) -> tuple[Text, Ints]:
    """Return the different texts, and where each of them comes first."""
    encoded = texts.dictionary_encode()
    return encoded.dictionary, np.unique(encoded.indices.to_numpy(), return_index=True)[1]


def _member_draw(members: Ints, attempts: Ints, path: tuple[str, ...], context: Context) -> Draw:
    bits = visit_bits(worker_bits(context.seed, members), attempts)
    nothing = np.zeros(len(members), dtype=np.int64)
    return Draw(bits, nothing, nothing, (*path, "cardinality"), context)


def _descendants(field: Field) -> Iterator[tuple[Path, Field]]:
    for path, _, child in field.children():
        yield path, child
        for below, grandchild in _descendants(child):
            yield (*path, *below), grandchild
