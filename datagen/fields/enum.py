"""The field type `enum`: one of a few given values."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator
from pydantic import Field as Key

from datagen.arrays import Ints
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType, type_of_value, union
from datagen.columns.literal import LiteralColumn
from datagen.distributions.base import AnyDistribution
from datagen.fields.base import FIELDS, Field
from datagen.fields.draw import Context, Draw
from datagen.language import Scope
from datagen.validation import at_least_one, invalid_value, objects_at, value_at


def _finite(value: Any) -> Any:
    """Check that doubles hold the numbers inside a value; JSON can write 1e999."""
    if isinstance(value, float) and not math.isfinite(value):
        raise invalid_value("a number is out of range")
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _finite(each)
    return value


Finite = Annotated[Any, AfterValidator(_finite)]


@FIELDS.register
class EnumField(Field):
    """One of `values`, any JSON: the one at the sampled index."""

    type: Literal["enum"] = "enum"
    values_: Annotated[list[Finite], at_least_one("value")] = Key(alias="values")
    cardinality_distribution: AnyDistribution

    def source(self, path: tuple[str, ...], context: Context) -> Column:
        del path, context
        return self._literals

    def picks(self, draw: Draw) -> Ints:
        size, distribution = len(self.values_), self.cardinality_distribution
        if size == 1:
            return np.zeros(len(draw), dtype=np.int64)
        return draw.samples("index", lambda bits: distribution.sample_index(bits, size))

    def column_type(self, scope: Scope) -> ColumnType:
        del scope
        return union(map(type_of_value, self.values_))

    def mean_characters(self) -> float:
        return sum(len(json_text.of_value(value)) for value in self.values_) / len(self.values_)

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        values = value_at(raw, "values")
        if not isinstance(values, list):
            return None
        parts: dict[str, list[Any]] = {}
        for _, value in objects_at(raw, "values"):
            for key in value:
                parts.setdefault(key, []).append(value[key])
        return {key: {"type": raw["type"], "values": inner} for key, inner in parts.items()}

    @cached_property
    def _literals(self) -> Column:
        return LiteralColumn(self.values_, lasting=True)
