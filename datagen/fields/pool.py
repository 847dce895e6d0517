"""Pools of entities: what outlives a session and is known to many, such as products and users.

A member is its number, `id`, and its attributes: field generators whose values depend on the id alone.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from datagen.columns.column_type import INSTANT, INT, ColumnType
from datagen.distributions.base import Distribution
from datagen.distributions.parsing import parse_timer
from datagen.entity_pools.growth import Births
from datagen.entity_pools.ranks import EVEN, AnyPick, why_none_fits
from datagen.errors import Path
from datagen.fields.base import Field, NamedField, validate_size
from datagen.instants import DAY, SECOND
from datagen.validation import (
    Count,
    Model,
    Positive,
    integer,
    invalid_value,
    invalid_values,
    quoted,
)

ID, BORN = "id", "born"
MAX_MEMBERS = 10**12
_MAX_PER_DAY = DAY  # one a microsecond
_MAX_DAYS = 365_000  # between the birth of the first member and the start


class Growth(Model):
    """How many members there are at the start, and how many are born a day, evenly."""

    initial: Count
    per_day: Positive

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.initial > MAX_MEMBERS:
            yield ("initial",), f"expected at most {MAX_MEMBERS}, not {quoted(self.initial)}"
        if self.per_day > _MAX_PER_DAY:
            yield ("per_day",), f"expected at most {_MAX_PER_DAY}, not {quoted(self.per_day)}"
        days = self.initial / self.per_day
        if days > _MAX_DAYS:
            text = f"with so many a day the first was born {days:,.0f} days before the start; at most {_MAX_DAYS:,}"
            yield ("per_day",), text

    def births(self, start: int) -> Births:
        """Return when members are born, given the start of the stream, microseconds since 1970."""
        return Births(start, self.initial, self.per_day)


def _count(data: Any) -> "int | Growth":
    """Return a number of members, or how it grows. Raises PydanticCustomError or ValidationError."""
    if isinstance(data, dict):
        return Growth.model_validate(data)
    if isinstance(data, bool) or not isinstance(data, int | float):
        text = f'expected a number, or {{"initial": ..., "per_day": ...}}, not {quoted(data)}'
        raise invalid_value(text)
    number = integer(data)
    if not 0 <= number <= MAX_MEMBERS:
        raise invalid_value(f"expected a number from 0 to {MAX_MEMBERS}, not {quoted(data)}")
    return number


def _life(data: Any) -> Distribution:
    """Return a checked distribution of seconds. Raises ValidationError."""
    life = parse_timer(data)
    problems = [(path, "a life cannot depend on values") for path, _ in life.expressions()]
    if life.temporal:
        problems.append((("type",), "a life passes evenly: it follows no clock"))
    elif not problems and life.bounds()[1] <= 0:
        problems.append(
            ((), "members would leave before they come; expected lives above 0 seconds")
        )
    if problems:
        raise invalid_values(problems)
    return life


class EntityPool(Model):
    """How many members a pool has, how long they stay, how one is picked, and what they are."""

    count: Annotated[Any, PlainValidator(_count)]  # an int or a Growth
    life: Annotated[Distribution, PlainValidator(_life)] | None = None
    order: Literal["id"] | None = None
    pick: AnyPick = EVEN
    attributes: list[NamedField]

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from validate_size(self.attributes, "attributes")
        if self.life is not None and self.growth is None:
            yield ("life",), "needs members that are born: a count with initial and per_day"
        if text := self.why_no_pick(self.pick):
            yield ("pick",), text
        seen: set[str] = set()
        for place, each in enumerate(self.attributes):
            name = str(each.name)
            if name in self.own_types:
                yield ("attributes", place, "name"), f"every member has {quoted(name)} already"
            elif name in seen:
                yield ("attributes", place, "name"), f"the name {quoted(name)} is used before"
            seen.add(name)

    @property
    def growth(self) -> Growth | None:
        """Return how many are born, if any are."""
        return self.count if isinstance(self.count, Growth) else None

    @property
    def size(self) -> int:
        """Return how many members there are at the start."""
        size: int = self.count.initial if isinstance(self.count, Growth) else self.count
        return size

    def living(self) -> float:
        """Return about how many members of a pool with a `life` are there at once: at the start, or later where more."""
        assert self.life is not None
        assert self.growth is not None
        later = self.growth.per_day * self.life.mean_duration() / (DAY // SECOND)
        return max(self.size, later if math.isfinite(later) else 0)

    @property
    def own_types(self) -> dict[str, ColumnType]:
        """Return the column types of what every member has besides its attributes."""
        return {ID: INT} if self.growth is None else {ID: INT, BORN: INSTANT}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all that a member has."""
        return (*self.own_types, *(str(each.name) for each in self.attributes))

    @cached_property
    def faulty(self) -> tuple[str, ...]:
        """Return the names of the attributes with expressions, or whose members may have some."""
        return tuple(str(each.name) for each in self.attributes if each.needs_names())

    def attribute(self, name: str) -> Field:
        """Return the attribute of a name."""
        return self._attributes[name]

    def why_no_pick(self, pick: Any) -> str:
        """Return why a `Pick` is none for members of this pool, or "" if it is one."""
        if pick.each and self.life is not None:
            return "members leave, so that none stays a worker's own; give a distribution"
        if self.growth is None and self.size:
            return why_none_fits(pick, self.size)
        return ""

    @cached_property
    def _attributes(self) -> Mapping[str, Field]:
        return {str(each.name): each for each in self.attributes}
