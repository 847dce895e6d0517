"""Turns a plan into the records of its parts, as Arrow record batches: all of a part, or a slice of time."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from datagen import __version__
from datagen.batch import Batch
from datagen.columns.column_type import ColumnType
from datagen.errors import Path, UsageError
from datagen.formats import Format
from datagen.formats.columnar import Arrow, arrow_schema, record_batch
from datagen.formats.encoding import Output
from datagen.formats.jsonlines import JsonLines
from datagen.formats.rendered import NO_INTS
from datagen.instants import Instant
from datagen.part import Part
from datagen.position import Cursor
from datagen.running.batch_source import batch_source_of
from datagen.running.checkpoint import Checkpoint
from datagen.running.clock import Moment
from datagen.running.given_instants import given_instant
from datagen.running.held_forecast import check_held
from datagen.running.loading import load, seed_of
from datagen.running.options import Request
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.running.rate import rated
from datagen.running.resume import resume_or_start
from datagen.running.table_run import TableRun
from datagen.spark.cursor_files import CursorFiles
from datagen.spark.emitter_rows import NoColumns, OfEmitter, without_others
from datagen.spark.options import SourceOptions
from datagen.spec.record_schema import Specification
from datagen.targets import Target
from datagen.targets.compatibility import Accepted
from datagen.targets.delivered import Position
from datagen.truth.labels import compiled_labels
from datagen.truth.tables import truth_schema
from datagen.validation import did_you_mean, quoted


@dataclass(frozen=True)
class PartedRecords:
    """The records of a plan, in as many parts as its part has; they travel by pickle.

    With an `emitter`, only its records, with its own columns; with `truth`, the truth about them instead. `limit` is how
    many all parts have together, None: as many as there are.
    """

    plan: Plan
    emitter: str | None = None
    limit: int | None = None
    truth: bool = False

    @property
    def parts(self) -> int:
        """Return how many parts there are."""
        return self.plan.part.count

    @property
    def schema(self) -> Any:
        """Return the Arrow schema of the records."""
        plan = self.plan
        if self.truth:
            return truth_schema(compiled_labels(plan.labels, plan.spec, plan.style))
        return arrow_schema(self._columns)

    def repeat(self, request: Request) -> str:
        """Return the options that give the same rows again, of those that a request leaves open: a seed, a factor."""
        plan, found = self.plan, []
        if request.seed is None:
            found.append(f"seed={plan.seed}")
        if plan.scaling is not None and plan.wish is not None and plan.wish.unit != "factor":
            found.append(f"rate=x{plan.scaling.factor:.6g}")
        return " ".join(found)

    def of_part(self, index: int) -> Iterator[Any]:
        """Yield all rows of a part. Raises SpecError, RunError, UsageError."""
        plan = self._plan_of(index)
        if self.truth:
            yield from TableRun(plan, NoColumns()).truth()
        elif plan.effects:
            yield from self._own_rows(TableRun(plan, self._format).records())
        else:
            for batch in Run(plan).batches():
                yield from self._in_columns(batch)

    def of_slice(
        self, index: int, begin: int, end: int, files: CursorFiles | None = None
    ) -> Iterator[Any]:
        """Yield the records of a part from one instant on, and before another: microseconds since 1970.

        With `files` they are made from the last cursor before them, and the one after them is written.
        Raises SpecError, RunError.
        """
        plan = self._plan_of(index)
        before = files.latest(plan.part, begin) if files else None

        def keep(cursor: Cursor) -> None:
            if files:
                files.write(plan.part, _checkpoint(plan, end, cursor))

        if plan.effects:
            tables = TableRun(plan, self._format).slice(begin, end, before, keep)
            yield from self._own_rows(tables)
        else:
            for batch in Run(plan).slice(begin, end, before, keep):
                yield from self._in_columns(batch)

    @cached_property
    def key(self) -> str:
        """Return a text that differs between streams, for the names of their cursors."""
        plan = self.plan
        facts = [
            __version__,
            sorted(plan.fingerprint.items()),
            plan.spec.source_state,
            plan.seed,
            str(plan.start),
            plan.warm_up,
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    @cached_property
    def _columns(self) -> Mapping[str, ColumnType]:
        known = self.plan.spec.record_schema
        return known.columns if self.emitter is None else known.emitters[self.emitter]

    @property
    def _format(self) -> Format:
        return Arrow() if self.emitter is None else OfEmitter(emitter=self.emitter)

    def _own_rows(self, tables: Iterator[Any]) -> Iterator[Any]:
        """Yield tables without the rows of other emitters."""
        for each in tables:
            own = each if self.emitter is None else without_others(each)
            if len(own):
                yield own

    def _plan_of(self, index: int) -> Plan:
        part = Part(index, self.parts)
        most = None if self.limit is None else part.share(self.limit)
        return replace(self.plan, part=part, max_records=most)

    def _in_columns(self, batch: Batch) -> Iterator[Any]:
        if self.emitter is not None:
            batch = _of_emitter(batch, self.emitter)
        if len(batch):
            yield record_batch(batch, self._columns)


def parted_records(options: SourceOptions, now: Instant | None = None) -> PartedRecords:
    """Return the records that options ask for, all of which is read and checked; `now` is the present.

    Raises SpecError with all problems, UsageError.
    """
    now = now or Moment.present().time
    request = replace(options.request, seed=seed_of(options.request))
    for name, text in (("start", request.start), ("until", request.until)):
        if text is not None:
            given_instant(text, name, now, None)  # or the sentence would be about a flag
    plan, _ = load(request, now=now, target=_Columns())
    with resume_or_start(request, plan, (), _ignore, now) as checked:
        plan = rated(checked)
    check_held(plan, batch_source_of(plan.spec, plan, plan.style).width)
    if plan.spec.unresumable():
        raise UsageError(f"spec {request.config}: {plan.spec.unresumable()}")
    emitters = plan.spec.record_schema.emitters
    if options.emitter is not None and options.emitter not in emitters:
        known = did_you_mean(options.emitter, emitters)
        raise UsageError(f"emitter: there is no {quoted(options.emitter)}{known}")
    return PartedRecords(plan, options.emitter, request.records, options.truth)


class _Columns(Target):
    """Takes the place of the target of a specification: whoever takes the records wants columns."""

    type: Literal["columns"] = "columns"

    def formats(self, default: Format | None, override: Format | None = None) -> tuple[Format, ...]:
        del default, override
        return (Arrow(),)

    def measured(self, default: Format | None, override: Format | None = None) -> Format:
        """Return the format of the command, as if the records went to stdout."""
        return override or default or JsonLines()

    def accepted(self) -> Accepted:
        return Accepted(Output.FILES)

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from Arrow().check(spec)


def _checkpoint(plan: Plan, reached: int, cursor: Cursor) -> Checkpoint:
    """Return a checkpoint of a run that has no target."""
    return Checkpoint(
        seed=plan.seed,
        start=plan.start_at(Moment.present()).instant,
        fingerprint=plan.fingerprint,
        target=plan.target.identity,
        reached=reached,
        position=Position(),
        part=plan.part,
        cursor=cursor,
        skip=0,
        written=0,
    )


def _of_emitter(batch: Batch, emitter: str) -> Batch:
    """Return the records of one emitter."""
    groups = [each for each in batch.groups if each.emitter == emitter]
    rows = np.sort(np.concatenate([NO_INTS, *(each.rows for each in groups)]))
    return replace(
        batch,
        times=batch.times[rows],
        workers=batch.workers[rows],
        groups=tuple(replace(each, rows=np.searchsorted(rows, each.rows)) for each in groups),
    )


def _ignore(_: object) -> None:
    """Do nothing."""
