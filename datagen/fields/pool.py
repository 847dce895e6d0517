"""Pools of entities: what outlives a session and is known to many, such as products and users.

A member is its number, `id`. Each of its attributes is drawn when something looks at it, from the seed, the
names of the pool and the attribute, and the id.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator

from datagen.arrays import Bits, Ints
from datagen.columns.column import NULL, Column
from datagen.columns.lazy import lazy_property
from datagen.columns.nested import LazyObjectColumn
from datagen.columns.scalar import IntColumn
from datagen.entities.permutation import Permutation
from datagen.entities.ranks import EVEN, AnyPick, Pick, why_none_fits
from datagen.errors import Path
from datagen.fields.base import Field, NamedField, validate_size
from datagen.fields.draw import Context, Draw
from datagen.randomness import visit_bits, worker_bits
from datagen.validation import Count, Model, invalid_value, quoted

ID = "id"
MAX_MEMBERS = 10**12
_MAX_KEPT = 65_536  # members whose values are kept, once made


def _member_count(value: int) -> int:
    if value > MAX_MEMBERS:
        raise invalid_value(f"expected at most {MAX_MEMBERS}, not {quoted(value)}")
    return value


class EntityPool(Model):
    """How many members a pool has, how one is picked, and what they are."""

    count: Annotated[Count, AfterValidator(_member_count)]
    order: Literal["id"] | None = None
    pick: AnyPick = EVEN
    attributes: list[NamedField]

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from validate_size(self.attributes, "attributes")
        if text := why_none_fits(self.pick, self.count) if self.count else "":
            yield ("pick",), text
        seen: set[str] = set()
        for place, each in enumerate(self.attributes):
            name = str(each.name)
            if name in self.own_names:
                yield ("attributes", place, "name"), f"every member has {quoted(name)} already"
            elif name in seen:
                yield ("attributes", place, "name"), f"the name {quoted(name)} is used before"
            seen.add(name)
            for path, field in [
                ((), each),
                *((inner.path, inner.field) for inner in each.descendants()),
            ]:
                if field.needs_visit:
                    text = f"a {field.type} cannot be an attribute: members know no visit"
                    yield ("attributes", place, *path, "type"), text

    @property
    def own_names(self) -> tuple[str, ...]:
        """Return the names of what every member has besides its attributes."""
        return (ID,)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all that a member has."""
        return (*self.own_names, *(str(each.name) for each in self.attributes))

    def attribute(self, name: str) -> Field:
        """Return the attribute of a name."""
        return self._attributes[name]

    @cached_property
    def _attributes(self) -> Mapping[str, Field]:
        return {str(each.name): each for each in self.attributes}


class Members:
    """The members of a pool in a run."""

    def __init__(self, name: str, pool: EntityPool, seed: np.uint64) -> None:
        self._name, self._pool, self._seed = name, pool, seed
        self._kept: dict[str, Column] = {}

    def objects(self, ids: Ints, context: Context) -> Column:
        """Return members by their ids, int64[n]: objects whose attributes are made when looked at."""
        context = replace(context, variables={}, counters=None, templates=None, faults=None)
        values = _MemberValues(self._name, self._pool, self._seed, ids, context)
        return LazyObjectColumn(self._pool.names, values.__getitem__, len(ids))

    def everyone(self, context: Context) -> Column | None:
        """Return all members of a pool that is not large, each at the row of its id; always the same column."""
        if self._pool.count > _MAX_KEPT:
            return None
        if self._name not in self._kept:
            column = self.objects(np.arange(self._pool.count), context)
            column.lasting = True
            self._kept.setdefault(self._name, column)
        return self._kept[self._name]

    def picked(self, pick: Pick | None, draw: Draw) -> Ints:
        """Return the id of a member for each visit of a draw, -1 for none: int64[n]."""
        pick, size = pick or self._pool.pick, self._pool.count
        if not size:
            return np.full(len(draw), NULL)
        if pick.each:
            return draw.owners() % size
        ranks = draw.samples("pick", lambda bits: pick.ranks(bits, size))
        return ranks if self._pool.order else self._permutation.members(ranks)

    @cached_property
    def _permutation(self) -> Permutation:
        return Permutation(self._seed, ("entities", self._name), self._pool.count)


class _MemberValues(Mapping[str, Column]):
    """What some members have, by name: each is made when it is looked at, then kept."""

    def __init__(
        self, name: str, pool: EntityPool, seed: np.uint64, ids: Ints, context: Context
    ) -> None:
        self._name, self._pool, self._seed = name, pool, seed
        self._ids, self._context = ids, context
        self._columns: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            self._columns.setdefault(name, self._made(name))
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pool.names)

    def __len__(self) -> int:
        return len(self._pool.names)

    def _made(self, name: str) -> Column:
        if name == ID:
            return IntColumn(self._ids)
        path = ("entities", self._name, name)
        scopes = ((self, None), ({ID: self[ID]}, None))
        draw = Draw(self._bits, self._times, None, path, self._context, scopes=scopes)
        return self._pool.attribute(name).column(draw)

    @lazy_property
    def _bits(self) -> Bits:
        return visit_bits(worker_bits(self._seed, self._ids), np.zeros_like(self._ids))

    @property
    def _times(self) -> Ints:
        return np.zeros_like(self._ids)
