"""Runs a plan for whoever takes Arrow tables: of its records as they leave, disorder included, or of the truth about them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from datagen.batch import Batch
from datagen.disorder.effects import effect_names
from datagen.formats import Format
from datagen.formats.rendered import Payload, RecordTable, Rendered
from datagen.position import Cursor
from datagen.running.batch_source import BatchSource, batch_source_of, prepare
from datagen.running.batch_stream import BatchStream
from datagen.running.clock import Moment, NeverStopped
from datagen.running.departure_cursor import DepartureCursor
from datagen.running.departures import CleanDepartures, Departures
from datagen.running.disordering import disorder_of
from datagen.running.held_forecast import check_held
from datagen.running.plan import Plan, Start
from datagen.running.rendering import Rendering, raise_failure
from datagen.running.stream_position import StreamPosition
from datagen.truth.labels import OfEvents, compiled_labels
from datagen.truth.ledger import Ledger
from datagen.truth.tables import EventRows, TableLedger

_STOP = NeverStopped()


@dataclass(frozen=True)
class TableRun:
    """A run of a plan without a target, as fast as it can be made; `format` is one of columns, or of objects.

    Its rows are those that a target of that format gets, in the same order. Raises SpecError, RunError, UsageError.
    """

    plan: Plan
    format: Format

    def records(self) -> Iterator[Any]:
        """Yield the records of the run within its limits, as Arrow record batches."""
        yield from map(_table, self.payloads())

    def payloads(self) -> Iterator[Payload]:
        """Yield the same as the format makes them."""
        start = self._start()
        for each in self._leaving(start, StreamPosition(self.plan, start)):
            yield _last_payload(each)

    def slice(
        self, begin: int, end: int, before: Cursor | None, keep: Callable[[Cursor], None]
    ) -> Iterator[Any]:
        """Yield the records that leave from one instant on, and before another: microseconds since 1970.

        They are made from the cursor `before` on, or from the start of the stream; `keep` gets the cursor
        from which those after them can be made.
        """
        start = self._start()
        covered = replace(start.time_range, begin=begin, end=end, bounded=True)
        own = before.source_cursor if isinstance(before, DepartureCursor) else before
        departures = Departures(before, covered.jumps, end, self.plan.memory)
        source = self._source(start)
        with closing(BatchStream(source, covered, _STOP.stopped, own)) as stream:
            for batch, rendered in self._departing(start, stream, departures):
                first = int(batch.times.searchsorted(begin))
                if first < len(rendered):
                    yield _table(rendered.rows(first, len(rendered)).payload)
                raise_failure(batch, rendered)
            keep(departures.cursor(stream.cursor()))

    def truth(self) -> Iterator[Any]:
        """Yield what is true of the events of the run, as Arrow record batches of the columns of `truth_schema`."""
        plan, start = self.plan, self._start()
        names = tuple(effect_names(plan.effects))
        ledger = TableLedger(names, plan.style, start.instant.micros, plan.events_part)
        position, delivered = StreamPosition(plan, start), 0
        for each in self._leaving(start, position, ledger):
            delivered += len(each)
            yield from _tables(ledger.settled(delivered))
        until = position.reached if position.is_complete else start.time_range.last
        yield from _tables(ledger.rest(delivered, until))

    def _start(self) -> Start:
        return self.plan.start_at(Moment.present())

    def _source(self, start: Start) -> BatchSource[Any]:
        source = batch_source_of(self.plan.spec, self.plan, self.plan.style)
        check_held(self.plan, source.width)
        prepare(source, self.plan.file)
        source.start_stream(start.instant.micros)
        return source

    def _leaving(
        self, start: Start, position: StreamPosition, ledger: Ledger | None = None
    ) -> Iterator[Rendered]:
        """Yield the records within the limits of the run, in the order in which they leave."""
        if position.is_complete:
            return
        covered = start.time_range
        end = covered.end if covered.bounded else None
        reorders = bool(self.plan.effects) or ledger is not None
        departures: Departures | CleanDepartures = CleanDepartures()
        if reorders:
            departures = Departures(None, covered.jumps, end, self.plan.memory, ledger)
        source = self._source(start)
        with closing(BatchStream(source, covered, _STOP.stopped)) as stream:
            if not reorders:
                stream.limit(position.needed, position.start)
            for batch, rendered in self._departing(
                start, stream, departures, told=ledger is not None
            ):
                first, last = position.select(batch, len(rendered), rendered)
                position.after_write(batch, first, last)
                if last > first:
                    yield rendered.rows(first, last)
                if position.is_complete:
                    return
                raise_failure(batch, rendered)

    def _departing(
        self,
        start: Start,
        stream: BatchStream,
        departures: Departures | CleanDepartures,
        *,
        told: bool = False,
    ) -> Iterator[tuple[Batch, Rendered]]:
        plan = self.plan
        events: OfEvents | None = None
        if told:
            events = EventRows(compiled_labels(plan.labels, plan.spec, plan.style))
        disorder = None
        if isinstance(departures, Departures):
            disorder = disorder_of(plan.effects, plan.spec, plan.seed, plan.style)
        measured = () if plan.max_bytes is None else (plan.measured,)
        formats = (*measured, self.format)
        rendering = Rendering(plan.spec, formats, {}, plan.style, disorder, events)
        rendering.begin(start.instant.micros)
        written = (rendering.written(stream.batch(each)) for each in stream.windows())
        return departures.batches(written, _STOP.stopped)


def _last_payload(rendered: Rendered) -> Payload:
    """Return the records as the run makes them; where bytes are counted, their text is another payload."""
    return rendered.payloads[rendered.payload_indices[-1]]


def _tables(several: Iterable[Rendered]) -> Iterator[Any]:
    return (_table(each.payload) for each in several)


def _table(payload: Payload) -> Any:
    assert isinstance(payload, RecordTable)
    return payload.table
