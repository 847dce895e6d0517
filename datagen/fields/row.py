"""The field type `row`: a row of a table, or a part of one."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import PlainValidator

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType
from datagen.distributions.base import Distribution
from datagen.distributions.parsing import parse_pick as parse_pick_of_set
from datagen.errors import Path
from datagen.fields.base import FIELDS, Field
from datagen.fields.draw import Context, Draw
from datagen.fields.tables import Table
from datagen.language import Scope
from datagen.validation import did_you_mean, quoted

EACH = "each"


def parse_pick(data: Any) -> Distribution | str:
    """Return a checked distribution of numbers, or "each". Raises ValidationError."""
    return EACH if data == EACH else parse_pick_of_set(data)


Pick = Annotated[Any, PlainValidator(parse_pick)]


@FIELDS.register
class RowField(Field):
    """A row of `table`: the one at the sampled number, one by weight, or each in turn."""

    type: Literal["row"] = "row"
    looks_up = True
    table: str
    pick: Pick = None
    field: str | None = None

    def source(self, path: tuple[str, ...], context: Context) -> Column | None:
        del path
        table = context.tables[self.table]
        return table.column(self.field) if table.is_small and self.pick != EACH else None

    def picks(self, draw: Draw) -> Ints:
        table: Table = draw.context.tables[self.table]
        if self.pick == EACH:
            workers: Ints = draw.named("worker").vector
            return np.remainder(workers, len(table))
        if self.pick is None:
            return draw.samples("index", table.picked)
        size, pick = len(table), self.pick
        return draw.samples("index", lambda bits: pick.sample_index(bits, size))

    def picks_by_draw(self) -> bool:
        return self.pick is None or (self.pick != EACH and not self.pick.varies)

    def values(self, draw: Draw) -> Column:
        table: Table = draw.context.tables[self.table]
        picks = self.picks(draw)
        if table.is_small:
            return table.column(self.field).take(picks)
        return table.rows_at(self.field, picks)

    def column_type(self, scope: Scope) -> ColumnType:
        table: Any = scope.tables[self.table]
        column_type: ColumnType = table.column_type(self.field)
        return column_type

    def problems(self, scope: Scope) -> Iterator[tuple[Path, str]]:
        table: Any = scope.tables.get(self.table)
        if table is None:
            hint = did_you_mean(self.table, scope.tables)
            yield ("table",), f"no table {quoted(self.table)}{hint}"
        elif self.pick == EACH and scope.outside is not None:
            yield ("pick",), '"each" takes the row of a worker, whom a set of values does not know'
        elif self.field is not None and self.column_type(scope).kind == "nothing":
            hint = did_you_mean(self.field, table.columns)
            yield (
                ("field",),
                f"the table {quoted(self.table)} has no column {quoted(self.field)}{hint}",
            )

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        del raw
        return None
