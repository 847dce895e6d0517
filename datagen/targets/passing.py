"""Says which records a target gets: those of some emitters, for which an expression is true."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Mask, TextArray
from datagen.batch import Batch, FaultPlace, FaultRows, Group
from datagen.columns.truth import truth_of
from datagen.disorder.checks import scope_of_spec
from datagen.disorder.clean_records import evaluated
from datagen.errors import Path
from datagen.instants import NAIVE, Style
from datagen.language import Compiled, Expression, ExpressionError
from datagen.spec.record_schema import Specification
from datagen.validation import did_you_mean, quoted

PASSES = "@passes"  # the label that says whether a record passes


@dataclass(frozen=True)
class Passing:
    """Which records pass, of emitters by name and by an expression over their fields; None: all."""

    emitters: tuple[str, ...] | None
    when: Expression | None

    def fields(self) -> Iterable[str]:
        """Return no fields: an expression finds its own."""
        return ()

    def texts(self, group: Group) -> TextArray:
        """Raise TypeError: whether a record passes is no text."""
        del group
        raise TypeError("a filter has no texts")

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between the filter and the records of a specification."""
        known = [*spec.record_schema.emitters] if spec.schema_known and self.emitters else ()
        for place, name in enumerate(self.emitters or ()):
            if known and name not in known:
                hint = did_you_mean(name, known)
                yield ("emitters", place), f"there is no emitter {quoted(name)}{hint}"
        try:
            if self.when is not None:
                self.when.compiled(scope_of_spec(spec)[0])
        except ExpressionError as error:
            for text in error.texts:
                yield ("when",), text

    def compiled(self, spec: Specification, style: Style = NAIVE) -> "Filter":
        """Return what filters the records of a specification that has passed `check`."""
        if self.when is None:
            return Filter(self.emitters, None, frozenset())
        scope, fields = scope_of_spec(spec, style)
        return Filter(self.emitters, self.when.compiled(scope), fields)


class Filter:
    """Says of the records of batches whether they pass. Where the expression has no value, one does not."""

    def __init__(
        self,
        emitters: tuple[str, ...] | None,
        when: Compiled | None,
        fields: frozenset[str],
    ) -> None:
        """Prepare; `fields` are the names that are fields of some record."""
        self._emitters, self._when, self._fields = emitters, when, fields

    def of(self, batch: Batch) -> tuple[Mask, FaultRows]:
        """Return whether each record passes, bool[n], and the rows for which that could not be computed."""
        passes, faults = np.ones(len(batch), dtype=bool), {}
        if self._when is not None and len(batch):
            column, rows = evaluated(self._when, batch, self._fields)
            passes = truth_of(column)
            passes[rows] = False
            faults = {FaultPlace(("target", "when"), self._when.expression.text): rows}
        if self._emitters is not None:
            for group in batch.groups:
                passes[group.rows] &= group.emitter in self._emitters
        return passes, {place: rows for place, rows in faults.items() if len(rows)}
