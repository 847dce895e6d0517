"""The field types `object` and `list`, which are made of fields."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np

from datagen.columns.column import Column, concat_columns
from datagen.columns.column_type import ColumnType, list_type, object_type, union
from datagen.columns.literal import nulls
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.distributions.parsing import AnyDistribution
from datagen.errors import Path
from datagen.fields.base import FIELDS, AnyField, NamedField, NestedField, last_of_each_name
from datagen.fields.draw import Draw
from datagen.fields.member_sets import LimitedField
from datagen.fields.text import QUANTILE_GRID, mean_length, sampled_lengths, validate_length
from datagen.language import Scope
from datagen.validation import at_least_one, objects_at, quoted, value_at

MAX_LIST_LENGTH = 100_000


@FIELDS.register
class ObjectField(LimitedField):
    """A nested object with its own dimensions."""

    type: Literal["object"] = "object"
    nests_names = True
    dimensions: list[NamedField]

    def values(self, draw: Draw) -> Column:
        fields = last_of_each_name(self.dimensions)
        columns: dict[str, Column] = {}
        inside = draw.inside(columns)
        for each in fields:
            columns[str(each.name)] = each.column(inside.child("dimensions", str(each.name)))
        return ObjectColumn(list(columns), list(columns.values()), len(draw))

    def column_type(self, scope: Scope) -> ColumnType:
        members: dict[str, ColumnType] = {}
        inside = scope.inside(members)
        for each in self.dimensions:
            members[str(each.name)] = each.column_type(inside)
        return object_type(members)

    def mean_characters(self) -> float:
        return 2 + sum(len(str(each.name)) + 4 + each.mean_characters() for each in self.dimensions)

    def children(self) -> Iterator[NestedField]:
        for place, each in enumerate(self.dimensions):
            yield NestedField(("dimensions", place), ("dimensions", str(each.name)), each)

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        if not isinstance(value_at(raw, "dimensions"), list):
            return None
        dimensions = [each for _, each in objects_at(raw, "dimensions")]
        return {each["name"]: each for each in dimensions if isinstance(each.get("name"), str)}


@FIELDS.register
class ListField(LimitedField):
    """An array; each place picks one of the field generators in `elements`."""

    type: Literal["list"] = "list"
    holds_elements = True
    elements: Annotated[list[AnyField], at_least_one("field")]
    length_distribution: AnyDistribution
    selection_distribution: AnyDistribution

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from validate_length(self.length_distribution, MAX_LIST_LENGTH)
        unnamed = {str(place) for place, each in enumerate(self.elements) if each.name is None}
        for place, each in enumerate(self.elements):
            if each.name in unnamed:  # the two would share their draws, sets and counters
                text = f"the name {quoted(each.name)} is reserved for the unnamed element at that position"
                yield ("elements", place, "name"), text

    def values(self, draw: Draw) -> Column:
        sizes, absent = sampled_lengths(self.length_distribution, draw, MAX_LIST_LENGTH)
        return ListColumn(sizes, self._elements(draw.repeat(sizes))).with_nulls(absent)

    def _elements(self, places: Draw) -> Column:
        """Return the element at each place of the lists."""
        if len(self.elements) == 1 and len(places):
            ((_, names, only),) = self.children()
            return only.column(places.child(*names))
        picks, absent = places.sampled(
            "selection",
            self.selection_distribution,
            lambda d, bits: d.sample_index(bits, len(self.elements)),
        )
        chosen = [np.flatnonzero(picks == which) for which in range(len(self.elements))]
        columns = [
            each.column(places.take(rows).child(*names))
            for (_, names, each), rows in zip(self.children(), chosen, strict=True)
            if len(rows)
        ]
        if not columns:
            return nulls(0)
        order = np.argsort(np.concatenate(chosen), kind="stable")
        return concat_columns(columns).take(order).with_nulls(absent)

    def column_type(self, scope: Scope) -> ColumnType:
        return list_type(union(each.column_type(scope) for each in self.elements))

    def mean_characters(self) -> float:
        picks = np.arange(len(self.elements))
        if not self.selection_distribution.varies:
            picks = self.selection_distribution.sample_index(QUANTILE_GRID, len(self.elements))
        sizes = np.array([1 + each.mean_characters() for each in self.elements])
        return 2 + mean_length(self.length_distribution, MAX_LIST_LENGTH) * float(
            sizes[picks].mean()
        )

    def children(self) -> Iterator[NestedField]:
        for place, each in enumerate(self.elements):
            name = str(place) if each.name is None else each.name
            yield NestedField(("elements", place), ("elements", name), each)
