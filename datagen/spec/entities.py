"""The pools of entities of a specification: their column types, and what is wrong between them and fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BaseModel, BeforeValidator

from datagen.columns.column_type import NOTHING, ColumnType, object_type
from datagen.errors import Path
from datagen.fields.base import Field
from datagen.fields.pool import EntityPool
from datagen.instants import NAIVE, Style
from datagen.language import NO_TIMELINE, ExpressionError, Scope
from datagen.timeline import Timeline
from datagen.validation import Problems, invalid_value, quoted, without_comments

ENTITIES = "entities"
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


def attribute_lists(
    pools: Mapping[str, EntityPool],
) -> Iterator[tuple[Path, Streams, Sequence[Field]]]:
    """Yield the attributes of each pool: where they are in the file, the path of their streams."""
    for name, pool in pools.items():
        yield (ENTITIES, name, "attributes"), (ENTITIES, name), pool.attributes


def scope_of_members(pool: EntityPool, scope: Scope) -> Scope:
    """Return what the attributes of a pool see besides those above them."""
    return replace(scope, types=pool.own_types, variables={})


def entity_types(
    pools: Mapping[str, EntityPool],
    tables: Mapping[str, Any],
    style: Style = NAIVE,
    timeline: Timeline = NO_TIMELINE,
) -> dict[str, ColumnType]:
    """Return the column type of the members of each pool, given that these refer to each other without circles."""
    types: dict[str, ColumnType] = {}
    for name in _in_order(pools):
        own: dict[str, ColumnType] = {}
        shared = Scope({}, {}, style, tables, types, timeline)
        scope = scope_of_members(pools[name], shared).inside(own)
        for each in pools[name].attributes:
            own[str(each.name)] = _type_or_nothing(each, scope)
        types[name] = object_type({**pools[name].own_types, **own})
    return types


def numbered_pools(spec: HasEntities) -> frozenset[str]:
    """Return the names of the pools into which visits bring members."""
    return frozenset(
        str(field.entity_picked())
        for _, _, fields in spec.field_lists()
        for each in fields
        for field in each.with_descendants()
        if field.makes_entities()
    )


def bind_entities(documents: Sequence[Any], pools: Mapping[str, EntityPool]) -> None:
    """Let all field generators in some documents, which may be nested in any way, know the pools."""
    if not pools:
        return
    fields = [each for document in documents for each in _fields(document)]
    numbered = frozenset(str(each.entity_picked()) for each in fields if each.makes_entities())
    for each in fields:
        each.bind(pools, numbered)


def entity_problems(spec: HasEntities) -> Problems:
    """Yield what is wrong between field generators and the pools that they know."""
    for where, streams, fields in (*spec.field_lists(), *attribute_lists(spec.entities)):
        pool = spec.entities.get(streams[1]) if streams[0] == ENTITIES else None
        for place, each in enumerate(fields):
            for path, field in [
                ((), each),
                *((inner.path, inner.field) for inner in each.descendants()),
            ]:
                found = [*field.entity_problems()]
                found += [] if pool is None else field.attribute_problems(pool)
                yield from (((*where, place, *path, *key), text) for key, text in found)
    for name in _in_circles(spec.entities):
        others = ", ".join(quoted(each) for each in references(spec.entities[name]))
        text = f"leads back to itself: its attributes pick from {others}"
        yield (ENTITIES, name), text


def references(pool: EntityPool) -> list[str]:
    """Return the names of the pools that the attributes of a pool pick from."""
    every = (inner for each in pool.attributes for inner in each.with_descendants())
    names = (each.entity_picked() for each in every)
    return list(dict.fromkeys(name for name in names if name is not None))


def _fields(node: Any) -> Iterator[Field]:
    """Yield all field generators in a tree of models, lists and dictionaries."""
    if isinstance(node, Field):
        yield node
    if isinstance(node, BaseModel):
        for _, each in node:
            yield from _fields(each)
    elif isinstance(node, list | tuple | dict):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _fields(each)


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
