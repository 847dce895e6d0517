"""The field type `entity`: a member of a pool, or a part of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import NULL, Column
from datagen.columns.column_type import NOTHING, ColumnType
from datagen.entities.ranks import AnyPick, why_none_fits
from datagen.errors import Path
from datagen.fields.base import FIELDS, Field, missing_part, part_of_type
from datagen.fields.draw import Context, Draw
from datagen.language import Scope
from datagen.validation import did_you_mean, quoted


@FIELDS.register
class EntityField(Field):
    """A member of the pool `entity`, as an object, or with `field` a part of it."""

    type: Literal["entity"] = "entity"
    pure = False
    entity: str
    pick: AnyPick | None = None
    field: str | None = None

    def source(self, path: tuple[str, ...], context: Context) -> Column | None:
        del path
        everyone = context.entities[self.entity].everyone(context)
        if everyone is None:
            return None
        return everyone.kept(("part", self.field), lambda: self.select(everyone))

    def picks(self, draw: Draw) -> Ints:
        return draw.context.entities[self.entity].picked(self.pick, draw)

    def values(self, draw: Draw) -> Column:
        ids = self.picks(draw)
        members = draw.context.entities[self.entity].objects(np.maximum(ids, 0), draw.context)
        column, nobody = self.select(members), ids == NULL
        return column.with_nulls(nobody)

    def column_type(self, scope: Scope) -> ColumnType:
        return part_of_type(scope.entities.get(self.entity, NOTHING), self.field)

    def scope_problems(self, scope: Scope) -> Iterator[tuple[Path, str]]:
        if text := missing_part(scope.entities.get(self.entity, NOTHING), self.field):
            yield ("field",), f"no entity of {quoted(self.entity)} {text}"

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> None:
        del raw  # the pool is elsewhere

    def select(self, column: Column) -> Column:
        for name in self._part_names:
            column = column.member(name)
        return column

    def entity_picked(self) -> str:
        return self.entity

    def entity_problems(self, pools: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
        if self.entity not in pools:
            hint = did_you_mean(self.entity, pools)
            yield ("entity",), f"no entities {quoted(self.entity)}{hint}"
            return
        pool = pools[self.entity]
        if self.pick is not None and pool.count and (text := why_none_fits(self.pick, pool.count)):
            yield ("pick",), text

    @property
    def _part_names(self) -> list[str]:
        return self.field.split(".") if self.field is not None else []
