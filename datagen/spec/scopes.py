"""Finds what the names of expressions are, and compiles all expressions of a specification.

An expression of a dimension sees the dimensions above it, inside an object its own first, then the
variables, then what a visit is. One of a variable sees the variables.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from datagen.columns.column_type import JSON, NOTHING, ColumnType, type_of_value, union
from datagen.columns.typed_values import ValueType
from datagen.errors import Path
from datagen.fields.base import Field
from datagen.fields.draw import VISIT_TYPES
from datagen.instants import NAIVE, Style
from datagen.language import NO_TIMELINE, Compiled, Expression, ExpressionError, Scope
from datagen.spec.emissions import EmitterOfElements, item_types
from datagen.spec.entities import (
    HasEntities,
    attribute_lists,
    entity_types,
    scope_of_members,
)
from datagen.spec.own_names import own_name_problems
from datagen.timeline import Timeline

_MAX_ROUNDS = 20  # until the types of variables that are made of each other are known
_MAX_TYPE_DEPTH, _MAX_TYPE_PARTS = 7, 10_000
Streams = tuple[str, ...]


class HasFields(HasEntities, Protocol):
    """A specification as the machine takes it."""

    @property
    def variable_types(self) -> dict[str, ColumnType]:
        """Return the type of each variable."""

    @property
    def tables(self) -> Mapping[str, Any]:
        """Return the tables, by name."""

    @property
    def run_timeline(self) -> Timeline:
        """Return the periods of a run."""

    @property
    def setters(self) -> dict[str, list[Field]]:
        """Return for each variable the field generators that set it."""

    @property
    def emitters(self) -> Sequence[Any]:
        """Return its emitters."""


@dataclass
class CompiledExpressions:
    """The expressions of a specification in their scopes, by the streams of their field generators, and what is wrong with others."""

    by_place: dict[tuple[Streams, Expression], Compiled] = field(default_factory=dict)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    warnings: list[tuple[Path, str]] = field(default_factory=list)


def compiled_expressions(spec: HasFields, style: Style = NAIVE) -> CompiledExpressions:
    """Compile all expressions; `style` is how instants are written."""
    walk = _Walk()
    lists = spec.field_lists()
    if not spec.entities and not any(
        each.needs_names() for _, _, fields in lists for each in fields
    ):
        return walk.found
    scope = scope_of(spec, style)
    of_emitters = {each.name: with_items(scope, each) for each in spec.emitters}
    for path, streams, fields in spec.field_lists():
        nests = streams[0] == "emitters"
        seen = of_emitters[streams[1]] if nests else scope
        walk.all_of(path, streams, fields, seen, nests=nests)
    for path, streams, fields in attribute_lists(spec.entities):
        seen = scope_of_members(spec.entities[streams[1]], scope)
        walk.all_of(path, streams, fields, seen, nests=True)
    found = walk.found
    _, endless = _types_and_endless(spec.setters, scope)
    found.problems += dict.fromkeys(own_name_problems(spec, found.by_place, endless))
    return found


def with_items(scope: Scope, emitter: EmitterOfElements) -> Scope:
    """Return a scope in which an emitter's elements have names, where nothing else has these."""
    items = item_types(emitter, scope.variables)
    return replace(scope, types={**items, **scope.types}) if items else scope


def compiled_decisions(
    decisions: Iterable[tuple[Path, Expression]], scope: Scope
) -> CompiledExpressions:
    """Compile the expressions that decide paths, all of which see the variables, then what a visit is."""
    walk = _Walk()
    for path, expression in decisions:
        walk.compile(path, (), expression, scope)
    return walk.found


def types_of_variables(
    setters: Mapping[str, Sequence[Field]],
    tables: Mapping[str, Any],
    entities: Mapping[str, ColumnType],
    timeline: Timeline = NO_TIMELINE,
) -> dict[str, ColumnType]:
    """Return the type of each variable, given the field generators that set it, tables, types of entities, and periods.

    Those made of each other, or of themselves, are typed in rounds, until nothing changes.
    """
    return _types_and_endless(setters, Scope({}, {}, NAIVE, tables, entities, timeline))[0]


def _types_and_endless(
    setters: Mapping[str, Sequence[Field]], shared: Scope
) -> tuple[dict[str, ColumnType], set[str]]:
    """Return the type of each variable, and those that would hold themselves, ever more deeply.

    `shared` is what all scopes of the specification have besides names.
    """
    first = {
        name: union(type_of_value(value) for each in fields for value in each.initials())
        for name, fields in setters.items()
    }
    types, endless = first, set[str]()
    for _ in range(_MAX_ROUNDS):
        known = _scope_of_variables(types, shared)
        found = {
            name: union((*(_type_or_nothing(each, known) for each in fields), first[name]))
            for name, fields in setters.items()
        }
        endless |= {name for name in found if found[name] != types[name] and _is_deep(found[name])}
        found |= dict.fromkeys(endless, JSON)
        if found == types:
            break
        types = found
    return types, endless


def _is_deep(column_type: ColumnType) -> bool:
    """Return whether a type has more parts, or more in each other, than values have that are no part of themselves."""
    pending, count = [(column_type, 0)], 0
    while pending:
        each, depth = pending.pop()
        count += 1
        if depth > _MAX_TYPE_DEPTH or count > _MAX_TYPE_PARTS:
            return True
        inner = [part for _, part in each.members]
        inner += [] if each.elements is None else [each.elements]
        pending += [(part, depth + 1) for part in inner]
    return False


def value_types(spec: HasFields, style: Style) -> dict[str, ValueType]:
    """Return the type of the values of each variable, and whether each is of just this type."""
    types = spec.variable_types
    scope = scope_of(spec, style)
    return {
        name: ValueType(types[name], _are_uniform(fields, types[name], scope), style)
        for name, fields in spec.setters.items()
    }


def _are_uniform(fields: Sequence[Field], column_type: ColumnType, scope: Scope) -> bool:
    """Return whether all values of a variable are of just this type, which an array may hold."""
    try:
        types = {of for each in fields for of in each.types_of_values(scope)}
    except (ExpressionError, KeyError):  # of a name that is not there
        return False
    return types == {column_type} and not any(each.holds_counter() for each in fields)


def scope_of(spec: HasFields, style: Style = NAIVE) -> Scope:
    """Return what expressions see besides the values above them: variables, then what a visit is."""
    entities = entity_types(spec.entities, spec.tables, style, spec.run_timeline)
    shared = Scope({}, {}, style, spec.tables, entities, spec.run_timeline)
    return _scope_of_variables(spec.variable_types, shared)


def _scope_of_variables(types: Mapping[str, ColumnType], shared: Scope) -> Scope:
    return replace(shared, types={**VISIT_TYPES, **types}, variables=types)


def _type_or_nothing(field: Field, scope: Scope) -> ColumnType:
    try:
        return field.column_type(scope)
    except (ExpressionError, KeyError):  # of a name that is not there
        return NOTHING


class _Walk:
    """A walk through field generators, nested ones too, which compiles their expressions."""

    def __init__(self) -> None:
        self.found = CompiledExpressions()

    def all_of(
        self, path: Path, streams: Streams, fields: Sequence[Field], scope: Scope, *, nests: bool
    ) -> None:
        """Compile those of a list; with `nests`, each sees the ones before it."""
        above: dict[str, ColumnType] = {}
        below = {str(each.name) for each in fields} if nests else set()
        seen = scope.inside(above, below)
        for place, each in enumerate(fields):
            self._of((*path, place), (*streams, str(each.name)), each, seen)
            if nests:
                above[str(each.name)] = _type_or_nothing(each, seen)
                below.discard(str(each.name))

    def compile(self, path: Path, streams: Streams, expression: Expression, scope: Scope) -> None:
        """Compile an expression of the field generator of some streams."""
        try:
            compiled = expression.compiled(scope)
        except ExpressionError as error:
            self.found.problems += [(path, text) for text in error.texts]
            return
        self.found.by_place[streams, expression] = compiled
        self.found.warnings += [(path, text) for text in compiled.warnings]

    def _of(self, path: Path, streams: Streams, field: Field, scope: Scope) -> None:
        scope, inside = scope.of_set() if field.is_set else scope, field.streams_inside(streams)
        self.found.problems += [((*path, *key), text) for key, text in field.problems(scope)]
        self.found.warnings += [((*path, *key), text) for key, text in field.warnings(scope)]
        own = field.expression_scope(scope)
        for key, expression in field.expressions():
            self.compile((*path, *key), inside, expression, own)
        children = list(field.children())
        above: dict[str, ColumnType] = {}
        below = {*scope.below}
        if field.nests_names:
            below |= {str(child.field.name) for child in children}
        seen = scope.inside(above, below)
        for child in children:
            self._of((*path, *child.path), (*inside, *child.names), child.field, seen)
            if field.nests_names:
                above[str(child.field.name)] = _type_or_nothing(child.field, seen)
                below.discard(str(child.field.name))
