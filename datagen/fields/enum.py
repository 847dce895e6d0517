"""The field type `enum`: one of a few given values."""

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator
from pydantic import Field as Key

from datagen.arrays import Ints
from datagen.columns import json_text
from datagen.columns.column import NULL, Column
from datagen.columns.column_type import ColumnType, type_of_value, union
from datagen.columns.literal import LiteralColumn
from datagen.distributions.base import Distribution
from datagen.distributions.continuous import Uniform
from datagen.distributions.discrete import Choice
from datagen.distributions.parsing import AnyDistribution
from datagen.distributions.weights import Weights, validate_weights_of
from datagen.errors import Path
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
    cardinality_distribution: AnyDistribution | None = None
    weights: Weights | None = None

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if keys.get("cardinality_distribution") is not None and keys.get("weights") is not None:
            yield ("weights",), 'expected either "weights" or "cardinality_distribution"'

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from validate_weights_of(self.values_, self.weights)

    def source(self, path: tuple[str, ...], context: Context) -> Column:
        del path, context
        return self._literals

    def picks(self, draw: Draw) -> Ints:
        size = len(self.values_)
        if size == 1:
            return np.zeros(len(draw), dtype=np.int64)
        picks, absent = draw.sampled(
            "index", self._distribution, lambda d, bits: d.sample_index(bits, size)
        )
        if absent is not None:
            picks[absent] = NULL
        return picks

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
    def _distribution(self) -> Distribution:
        """Return the distribution of indices: as given, by weights, or even."""
        if self.cardinality_distribution is not None:
            return self.cardinality_distribution
        if self.weights is None:
            return Uniform(min=0, max=len(self.values_) - 1)
        return Choice(values=list(range(len(self.values_))), weights=self.weights)

    @cached_property
    def _literals(self) -> Column:
        return LiteralColumn(self.values_, lasting=True)
