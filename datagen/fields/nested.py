"""Objects and lists: fields made of fields."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import numpy as np

from datagen.columns.column import Column, ListColumn, ObjectColumn, nulls, stack
from datagen.columns.column_type import ColumnType, list_type, object_type, union
from datagen.distributions.base import AnyDistribution
from datagen.errors import Path
from datagen.fields.base import FIELDS, AnyField, Draw, Field, LimitedField, NamedField
from datagen.fields.text import GRID, length_mistakes, lengths, mean_length
from datagen.validation import at_least_one, quoted

LONGEST_LIST = 100_000


@FIELDS.register
class ObjectField(LimitedField):
    """A nested object with its own dimensions."""

    type: Literal["object"] = "object"
    dimensions: list[NamedField]

    def values(self, draw: Draw) -> Column:
        names = [str(each.name) for each in self.dimensions]
        columns = [
            each.column(draw.child("dimensions", name))
            for name, each in zip(names, self.dimensions, strict=True)
        ]
        return ObjectColumn(names, columns, len(draw))

    def column_type(self, variables: Mapping[str, ColumnType]) -> ColumnType:
        return object_type(
            {str(each.name): each.column_type(variables) for each in self.dimensions}
        )

    def size(self) -> float:
        return 2 + sum(len(str(each.name)) + 4 + each.size() for each in self.dimensions)

    def children(self) -> Iterator[tuple[Path, tuple[str, ...], Field]]:
        for place, each in enumerate(self.dimensions):
            yield ("dimensions", place), ("dimensions", str(each.name)), each


@FIELDS.register
class ListField(LimitedField):
    """An array; each place picks one of the field generators in `elements`."""

    type: Literal["list"] = "list"
    elements: Annotated[list[AnyField], at_least_one("field")]
    length_distribution: AnyDistribution
    selection_distribution: AnyDistribution

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from length_mistakes(self.length_distribution, LONGEST_LIST)
        unnamed = {str(place) for place, each in enumerate(self.elements) if each.name is None}
        for place, each in enumerate(self.elements):
            if each.name in unnamed:  # the two would share their draws, sets and counters
                text = (
                    f"{quoted(each.name)} stands for the element at that place, which has no name"
                )
                yield ("elements", place, "name"), text

    def values(self, draw: Draw) -> Column:
        sizes = lengths(self.length_distribution, draw.stream("length"), LONGEST_LIST)
        places = draw.spread(sizes)
        picks = self.selection_distribution.sample_index(
            places.stream("selection"), len(self.elements)
        )
        chosen = [np.flatnonzero(picks == which) for which in range(len(self.elements))]
        columns = [
            each.column(places.at(rows).child(*names))
            for (_, names, each), rows in zip(self.children(), chosen, strict=True)
            if len(rows)
        ]
        if not columns:
            return ListColumn(sizes, nulls(0))
        order = np.argsort(np.concatenate(chosen), kind="stable")
        return ListColumn(sizes, stack(columns).take(order))

    def column_type(self, variables: Mapping[str, ColumnType]) -> ColumnType:
        return list_type(union(each.column_type(variables) for each in self.elements))

    def size(self) -> float:
        picks = self.selection_distribution.sample_index(GRID, len(self.elements))
        sizes = np.array([1 + each.size() for each in self.elements])
        return 2 + mean_length(self.length_distribution, LONGEST_LIST) * float(sizes[picks].mean())

    def children(self) -> Iterator[tuple[Path, tuple[str, ...], Field]]:
        for place, each in enumerate(self.elements):
            name = str(place) if each.name is None else each.name
            yield ("elements", place), ("elements", name), each
