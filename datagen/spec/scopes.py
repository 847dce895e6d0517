"""Finds what the names of expressions are, and compiles all expressions of a specification.

An expression of a dimension sees the dimensions above it, inside an object its own first, then the
variables, then what a visit is. One of a variable sees the variables.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from datagen.columns.column_type import JSON, NOTHING, ColumnType, type_of_value, union
from datagen.columns.typed_values import ValueType
from datagen.errors import Path
from datagen.fields.base import Field
from datagen.fields.draw import VISIT_TYPES
from datagen.instants import NAIVE, Style
from datagen.language import Compiled, Expression, ExpressionError, Scope
from datagen.spec.own_names import own_name_problems

_MAX_ROUNDS = 20  # until the types of variables that are made of each other are known
_MAX_TYPE_DEPTH, _MAX_TYPE_PARTS = 7, 10_000
Streams = tuple[str, ...]


class HasFields(Protocol):
    """A specification as the machine takes it."""

    @property
    def variable_types(self) -> dict[str, ColumnType]:
        """Return the type of each variable."""

    @property
    def setters(self) -> dict[str, list[Field]]:
        """Return for each variable the field generators that set it."""

    def field_lists(self) -> Iterator[tuple[Path, Streams, Sequence[Field]]]:
        """Yield all lists of field generators."""


@dataclass
class CompiledExpressions:
    """The expressions of a specification in their scopes, by the streams of their field generators, and what is wrong with others."""

    by_place: dict[tuple[Streams, Expression], Compiled] = field(default_factory=dict)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    warnings: list[tuple[Path, str]] = field(default_factory=list)


def compiled_expressions(spec: HasFields, style: Style = NAIVE) -> CompiledExpressions:
    """Compile all expressions; `style` is how instants are written."""
    walk = _Walk()
    if not any(_have_expressions(fields) for _, _, fields in spec.field_lists()):
        return walk.found
    scope = scope_of(spec, style)
    for path, streams, fields in spec.field_lists():
        walk.all_of(path, streams, fields, scope, nests=streams[0] == "emitters")
    found = walk.found
    _, endless = _types_and_endless(spec.setters)
    found.problems += dict.fromkeys(own_name_problems(spec, found.by_place, endless))
    return found


def types_of_variables(setters: Mapping[str, Sequence[Field]]) -> dict[str, ColumnType]:
    """Return the type of each variable, given the field generators that set it.

    Those made of each other, or of themselves, are typed in rounds, until nothing changes.
    """
    return _types_and_endless(setters)[0]


def _types_and_endless(
    setters: Mapping[str, Sequence[Field]],
) -> tuple[dict[str, ColumnType], set[str]]:
    """Return the type of each variable, and those that would hold themselves, ever more deeply."""
    first = {
        name: union(type_of_value(value) for each in fields for value in each.initials())
        for name, fields in setters.items()
    }
    types, endless = first, set[str]()
    for _ in range(_MAX_ROUNDS):
        known = _scope_of_variables(types, NAIVE)
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
    scope = _scope_of_variables(types, style)
    return {
        name: ValueType(types[name], _are_uniform(fields, types[name], scope), style)
        for name, fields in spec.setters.items()
    }


def _are_uniform(fields: Sequence[Field], column_type: ColumnType, scope: Scope) -> bool:
    """Return whether all values of a variable are of just this type, which an array may hold."""
    return all(
        _type_or_nothing(each, scope) == column_type and not each.holds_counter() for each in fields
    )


def _have_expressions(fields: Sequence[Field]) -> bool:
    every = (inner for each in fields for inner in each.with_descendants())
    return any(True for each in every for _ in each.expressions())


def scope_of(spec: HasFields, style: Style = NAIVE) -> Scope:
    """Return what expressions see besides the values above them: variables, then what a visit is."""
    return _scope_of_variables(spec.variable_types, style)


def _scope_of_variables(types: Mapping[str, ColumnType], style: Style) -> Scope:
    return Scope({**VISIT_TYPES, **types}, types, style)


def _type_or_nothing(field: Field, scope: Scope) -> ColumnType:
    try:
        return field.column_type(scope)
    except ExpressionError:
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
        seen = scope.inside(above)
        for place, each in enumerate(fields):
            self._of((*path, place), (*streams, str(each.name)), each, seen)
            if nests:
                above[str(each.name)] = _type_or_nothing(each, seen)

    def _of(self, path: Path, streams: Streams, field: Field, scope: Scope) -> None:
        for key, expression in field.expressions():
            try:
                compiled = expression.compiled(scope)
            except ExpressionError as error:
                self.found.problems += [((*path, *key), text) for text in error.texts]
                continue
            self.found.by_place[streams, expression] = compiled
            self.found.warnings += [((*path, *key), text) for text in compiled.warnings]
        above: dict[str, ColumnType] = {}
        seen = scope.inside(above)
        for child in field.children():
            self._of((*path, *child.path), (*streams, *child.names), child.field, seen)
            if field.nests_names:
                above[str(child.field.name)] = _type_or_nothing(child.field, seen)
