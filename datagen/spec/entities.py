"""The pools of entities of a specification: their column types, and what is wrong between them and fields."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Protocol

import numpy as np
from pydantic import AfterValidator, BeforeValidator

from datagen.columns.column_type import INT, NOTHING, ColumnType, object_type
from datagen.errors import Path
from datagen.fields.base import Field
from datagen.fields.pool import ID, EntityPool, Members
from datagen.instants import NAIVE, Style
from datagen.language import ExpressionError, Scope
from datagen.spec.document import without_comments
from datagen.validation import Problems, invalid_value, quoted

Streams = tuple[str, ...]


def _named(pools: dict[str, EntityPool]) -> dict[str, EntityPool]:
    if "" in pools:
        raise invalid_value('expected names of entities, not ""')
    return pools


Entities = Annotated[
    dict[str, EntityPool], BeforeValidator(without_comments), AfterValidator(_named)
]


class HasEntities(Protocol):
    """A specification with pools of entities, as the machine takes it."""

    @property
    def entities(self) -> Mapping[str, EntityPool]:
        """Return the pools, by name."""

    def field_lists(self) -> Iterator[tuple[Path, Streams, Sequence[Field]]]:
        """Yield all lists of field generators."""


def members_of(pools: Mapping[str, EntityPool], seed: np.uint64) -> dict[str, Members]:
    """Return the members of each pool in a run, whose draws are made from a word."""
    return {name: Members(name, pool, seed) for name, pool in pools.items()}


def attribute_lists(
    pools: Mapping[str, EntityPool],
) -> Iterator[tuple[Path, Streams, Sequence[Field]]]:
    """Yield the attributes of each pool: where they are in the file, the path of their streams."""
    for name, pool in pools.items():
        yield ("entities", name, "attributes"), ("entities", name), pool.attributes


def entity_types(
    pools: Mapping[str, EntityPool], tables: Mapping[str, Any], style: Style = NAIVE
) -> dict[str, ColumnType]:
    """Return the column type of the members of each pool, given that these refer to each other without circles."""
    types: dict[str, ColumnType] = {}
    for name in _in_order(pools):
        own = types_of_own(pools[name])
        scope = Scope(own, style=style, tables=tables, entities=types)
        for each in pools[name].attributes:
            own[str(each.name)] = _type_or_nothing(each, scope)
        types[name] = object_type(own)
    return types


def types_of_own(pool: EntityPool) -> dict[str, ColumnType]:
    """Return the column types of what every member of a pool has besides its attributes."""
    del pool
    return {ID: INT}


def entity_problems(spec: HasEntities) -> Problems:
    """Yield what is wrong between pools of entities and all field generators of a specification."""
    for where, _, fields in spec.field_lists():
        for place, each in enumerate(fields):
            for path, field in [
                ((), each),
                *((inner.path, inner.field) for inner in each.descendants()),
            ]:
                for key, text in field.entity_problems(spec.entities):
                    yield (*where, place, *path, *key), text
    for name in _in_circles(spec.entities):
        others = ", ".join(quoted(each) for each in references(spec.entities[name]))
        text = f"leads back to itself: its attributes pick from {others}"
        yield ("entities", name), text


def references(pool: EntityPool) -> list[str]:
    """Return the names of the pools that the attributes of a pool pick from."""
    every = (inner for each in pool.attributes for inner in each.with_descendants())
    names = (each.entity_picked() for each in every)
    return list(dict.fromkeys(name for name in names if name is not None))


def _in_order(pools: Mapping[str, EntityPool]) -> list[str]:
    """Return the names of pools, each after those that its attributes pick from, without those in circles."""
    open_references = {name: set(references(pool)) & pools.keys() for name, pool in pools.items()}
    ordered: list[str] = []
    while ready := [name for name, names in open_references.items() if not names - {*ordered}]:
        ordered += ready
        for name in ready:
            del open_references[name]
    return ordered


def _in_circles(pools: Mapping[str, EntityPool]) -> list[str]:
    """Return the names of pools whose attributes lead back to them."""
    reached = {name: set(references(pool)) & pools.keys() for name, pool in pools.items()}
    for _ in pools:
        for names in reached.values():
            names |= {further for name in names for further in reached[name]}
    return [name for name, names in reached.items() if name in names]


def _type_or_nothing(field: Field, scope: Scope) -> ColumnType:
    try:
        return field.column_type(scope)
    except ExpressionError:
        return NOTHING
