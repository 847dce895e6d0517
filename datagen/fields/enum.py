"""One of a few given values."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from pydantic import Field as Key

from datagen.columns import Column, LiteralColumn
from datagen.distributions import AnyDistribution
from datagen.errors import Path
from datagen.fields.base import FIELDS, Draw, Field


@FIELDS.register
class EnumField(Field):
    """One of `values`, any JSON: the one at the sampled index."""

    type: Literal["enum"] = "enum"
    values_: list[Any] = Key(alias="values")
    cardinality_distribution: AnyDistribution

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        if not self.values_:
            yield ("values",), "expected at least one value"

    def values(self, draw: Draw) -> Column:
        index = self.cardinality_distribution.index(draw.stream("index"), len(self.values_))
        return self._literals.take(index)

    @cached_property
    def _literals(self) -> Column:
        return LiteralColumn(self.values_)
