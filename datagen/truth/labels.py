"""Turns the records of a clean batch into what the truth says of their events, whatever becomes of them: by arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from datagen.arrays import TextArray
from datagen.batch import Batch
from datagen.columns.column import Column
from datagen.columns.json_text import of_value
from datagen.columns.literal import LiteralColumn
from datagen.columns.pieces import Part, joined
from datagen.columns.scalar import InstantColumn, IntColumn
from datagen.disorder.checks import scope_of_spec
from datagen.disorder.clean_records import evaluated, origins_of
from datagen.errors import Path
from datagen.instants import NAIVE, Style
from datagen.language import Compiled, Expression, ExpressionError
from datagen.spec.record_schema import Specification


@dataclass
class CompiledLabels:
    """The expressions of labels, by their names, and what is wrong with others: paths begin at the labels.

    `fields` are the names that are fields of some record.
    """

    by_name: dict[str, Compiled] = field(default_factory=dict)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    warnings: list[tuple[Path, str]] = field(default_factory=list)
    fields: frozenset[str] = frozenset()


def compiled_labels(
    labels: Mapping[str, Expression], spec: Specification, style: Style = NAIVE
) -> CompiledLabels:
    """Compile labels over the records of a specification, whose instants are written in a style."""
    if not labels:
        return CompiledLabels()
    scope, fields = scope_of_spec(spec, style)
    found = CompiledLabels(fields=fields)
    for name, expression in labels.items():
        try:
            found.by_name[name] = compiled = expression.compiled(scope)
        except ExpressionError as error:
            found.problems += [((name,), text) for text in error.texts]
            continue
        found.warnings += [((name,), text) for text in compiled.warnings]
    return found


class OfEvents(Protocol):
    """Makes what is told of the events of a clean batch, whatever becomes of them."""

    def of(self, batch: Batch) -> Any:
        """Return an Arrow array of n: a text, or a struct, for each record of a batch."""


class EventTexts:
    """Makes the part of a line of the truth that says what an event was: JSON from `"time"` to `"labels"`."""

    def __init__(self, labels: CompiledLabels, style: Style) -> None:
        self._labels, self._style = labels, style

    def of(self, batch: Batch) -> TextArray:
        """Return the text of each record of a clean batch, which has origins: a string array of n."""
        columns = {"time": InstantColumn(batch.times, self._style), **origin_columns(batch)}
        parts: list[Part] = []
        for name, column in columns.items():
            parts += ["," * bool(parts) + f"{of_value(name)}:", *column.json_parts()]
        parts.append(',"labels":{')
        for place, (name, compiled) in enumerate(self._labels.by_name.items()):
            column, _ = evaluated(compiled, batch, self._labels.fields)
            parts += ["," * bool(place) + f"{of_value(name)}:", *column.json_parts()]
        return joined([*parts, "}"], len(batch))


def origin_columns(batch: Batch) -> dict[str, Column]:
    """Return where the records of a clean batch, which has origins, come from, by names."""
    origins = origins_of(batch)
    return {
        "population": origins.populations,
        "worker": IntColumn(origins.workers),
        "visit": IntColumn(origins.visits),
        "state": origins.states,
        "emitter": _emitters(batch),
    }


def _emitters(batch: Batch) -> Column:
    numbers = np.zeros(len(batch), dtype=np.int64)
    for number, group in enumerate(batch.groups):
        numbers[group.rows] = number
    return LiteralColumn([group.emitter for group in batch.groups]).take(numbers)
