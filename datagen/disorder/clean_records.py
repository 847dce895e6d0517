"""What expressions of effects see: the fields of a record, then what its visit is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datagen.columns.column_type import JSON, ColumnType
from datagen.disorder.effects import Effect
from datagen.errors import Path
from datagen.fields.draw import VISIT_TYPES
from datagen.instants import NAIVE, Style
from datagen.language import Compiled, ExpressionError, Scope

Place = tuple[int, str]  # an effect in the list, the key of an expression


def scope_of_records(
    columns: Mapping[str, ColumnType],
    tables: Mapping[str, Any],
    style: Style = NAIVE,
    *,
    replayed: bool = False,
) -> Scope:
    """Return what expressions over records see, given the columns of all emitters: null where a record lacks one.

    Records that are `replayed` may hold other types than their first ones: a field has those that fit.
    """
    if replayed:
        columns = {name: each if each.kind == "instant" else JSON for name, each in columns.items()}
    return Scope({**VISIT_TYPES, **columns}, {}, style, tables)


@dataclass
class CompiledEffects:
    """The expressions of effects in their scope, by place, and what is wrong with others: paths begin at the list."""

    by_place: dict[Place, Compiled] = field(default_factory=dict)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    warnings: list[tuple[Path, str]] = field(default_factory=list)


def compiled_effects(effects: Sequence[Effect], scope: Scope) -> CompiledEffects:
    """Compile all expressions of effects in the scope of records."""
    found = CompiledEffects()
    for place, each in enumerate(effects):
        for (key,), expression in each.expressions():
            try:
                compiled = expression.compiled(scope)
            except ExpressionError as error:
                found.problems += [((place, key), text) for text in error.texts]
                continue
            found.by_place[place, str(key)] = compiled
            found.warnings += [((place, key), text) for text in compiled.warnings]
    return found
