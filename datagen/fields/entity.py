"""The field type `entity`: a member of a pool, or a part of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from pydantic import PrivateAttr

from datagen.arrays import Ints
from datagen.columns.column import NULL, Column
from datagen.columns.column_type import NOTHING, ColumnType
from datagen.entity_pools.ranks import EVEN, AnyPick, Pick
from datagen.errors import Path
from datagen.fields.base import FIELDS, Field, missing_part, part_of_type
from datagen.fields.draw import Context, Draw
from datagen.fields.pool import EntityPool
from datagen.fields.selection import selected
from datagen.language import AnyExpression, Expression, Scope
from datagen.validation import did_you_mean, quoted


@FIELDS.register
class EntityField(Field):
    """A member of the pool `entity`, as an object, or with `field` a part of it.

    It is one that is there and fulfils `where`; or with `new` the next one, which comes into being.
    """

    type: Literal["entity"] = "entity"
    pure = False
    entity: str
    pick: AnyPick | None = None
    field: str | None = None
    new: bool = False
    where: AnyExpression | None = None

    _pools: Mapping[str, EntityPool] = PrivateAttr(default_factory=dict)
    _numbered: bool = PrivateAttr(default=False)

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        for key in ("pick", "where"):
            if self.new and getattr(self, key) is not None:
                yield (key,), 'has no meaning with "new": the next member comes into being'
        if self.where is not None and self.pick is not None and self.pick.each:
            yield (
                ("where",),
                f'has no meaning with "pick": {quoted("each")}, which leaves no choice',
            )

    def source(self, path: tuple[str, ...], context: Context) -> Column | None:
        del path
        if self.new:
            return None
        everyone = context.entities[self.entity].everyone(context)
        if everyone is None:
            return None
        return everyone.kept(("part", self.field), lambda: self.select(everyone))

    def picks(self, draw: Draw) -> Ints:
        members = draw.context.entities[self.entity]
        if self.new:
            return members.new(draw)
        if self.where is not None:
            return selected(members, self._pick, self.where, draw)
        words = draw.bits if self._pick.each else draw.stream("pick")
        return members.picked_by(self._pick, words, draw)

    def picks_by_draw(self) -> bool:
        return not self.new and self.where is None and not self._pick.each

    def values(self, draw: Draw) -> Column:
        ids = self.picks(draw)
        members = draw.context.entities[self.entity].objects(np.maximum(ids, 0), draw.context)
        return self.select(members).with_nulls(ids == NULL)

    def select(self, column: Column) -> Column:
        for name in [] if self.field is None else self.field.split("."):
            column = column.member(name)
        return column

    def column_type(self, scope: Scope) -> ColumnType:
        return part_of_type(scope.entities.get(self.entity, NOTHING), self.field)

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        if self.where is not None:
            yield ("where",), self.where

    def own_names(self) -> frozenset[str]:
        return frozenset() if self._pool is None else frozenset(self._pool.names)

    def expression_scope(self, scope: Scope) -> Scope:
        return scope.inside(dict(scope.entities.get(self.entity, NOTHING).members))

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> None:
        del raw  # the pool is elsewhere

    @property
    def counts(self) -> bool:  # type: ignore[override]
        return self.new

    def sequence_of(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        del path
        return ("entities", self.entity) if self.new or self._numbered else None

    def undecidable(self) -> str:
        if self.new:
            return "a new entity"
        return "a pick among entities made by new" if self._numbered else ""

    def looks_at_time(self) -> bool:
        return self._pool is not None and self._pool.growth is not None

    def entity_picked(self) -> str:
        return self.entity

    def makes_entities(self) -> bool:
        return self.new

    def bind(self, pools: Mapping[str, EntityPool], numbered: frozenset[str]) -> None:
        self._pools, self._numbered = pools, self.entity in numbered

    def problems(self, scope: Scope) -> Iterator[tuple[Path, str]]:
        if text := missing_part(scope.entities.get(self.entity, NOTHING), self.field):
            yield ("field",), f"no entity of {quoted(self.entity)} {text}"

    def entity_problems(self) -> Iterator[tuple[Path, str]]:
        if self._pool is None:
            hint = did_you_mean(self.entity, self._pools)
            yield ("entity",), f"no entities {quoted(self.entity)}{hint}"
            return
        if self.pick is not None and (text := self._pool.why_no_pick(self.pick)):
            yield ("pick",), text
        if self.new and self._pool.growth is not None:
            text = f"{quoted(self.entity)} grows by so many a day: new members need a plain count"
            yield ("new",), text

    def attribute_problems(self, pool: EntityPool) -> Iterator[tuple[Path, str]]:
        if self.new:
            yield ("new",), "nobody comes into being with a member, only at a visit"
        elif self._numbered:
            text = f"members of {quoted(self.entity)} come into being at visits, which a member does not know: pick it in the state"
            yield ("entity",), text
        elif self.looks_at_time() and pool.growth is None:
            text = f"{quoted(self.entity)} grows, but these have no instant at which they are born: pick it in the state"
            yield ("entity",), text

    @property
    def _pool(self) -> EntityPool | None:
        return self._pools.get(self.entity)

    @property
    def _pick(self) -> Pick:
        if self.pick is not None:
            return self.pick
        return EVEN if self._pool is None else self._pool.pick
