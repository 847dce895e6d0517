"""Chooses what makes the batches of a run: a machine's workers, or the passes over a file.

Each makes windows ahead of the clock and knows nothing of text, pacing and targets; the pipeline turns
their windows into batches when it wants them.
"""

from collections.abc import Callable, Iterator
from functools import singledispatch
from typing import Any, Protocol, TypeVar

from datagen.batch import Batch
from datagen.curves.curve import Curve
from datagen.errors import Path
from datagen.instants import Style
from datagen.position import Cursor
from datagen.replay.recording import ReplaySource
from datagen.replay.records import ReplayRecords
from datagen.simulation.cursor import MachineCursor
from datagen.simulation.machine import Machine
from datagen.simulation.pool import Pool, Visits
from datagen.simulation.records import Records
from datagen.spec.generator import Generator

W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)


class Stream(Protocol[W_co]):
    """The windows of a run, in order, up to the instant `end`; `exhausted`: it had no more to give."""

    end: int
    room: int
    exhausted: bool

    def request_window_size(self, records: int) -> None:
        """Ask for windows of about this many records, which has no effect on these."""

    def windows(self) -> Iterator[W_co]:
        """Return one window after the other. Raises RunError."""

    def jump(self, by: int, until: int) -> None:
        """Go on later, at an instant: all that is to come is moved by so many microseconds."""

    def close(self) -> None:
        """Let go of what is held."""


class BatchSource(Protocol[W]):
    """Makes batches; `width` is about how many bytes a record has, `unit` what its workers are."""

    width: float
    unit: str

    def prepare(self) -> list[tuple[Path, str]]:
        """Make what must be there before a run; give what is wrong with what cannot be made."""

    def begin(
        self, start: int, end: int, stopped: Callable[[], bool], before: Cursor | None = None
    ) -> Stream[W]:
        """Return the windows from an instant, or from where a run stood, to another instant.

        `stopped` tells that nobody waits for more.
        """

    def cursor(self, stream: Any) -> Cursor:
        """Return where a run stands between two windows."""

    def batch(self, window: W) -> Batch:
        """Return the records of a window; windows come in order."""


class RunParameters(Protocol):
    """What a run says of its stream besides the specification."""

    @property
    def seed(self) -> int:
        """Return the seed."""

    @property
    def max_workers(self) -> int:
        """Return the most workers alive at once."""

    @property
    def schedule(self) -> Curve | None:
        """Return the curve that workers or arrivals follow."""

    @property
    def needs_schema(self) -> bool:
        """Return whether the records must keep to the columns of the specification."""


@singledispatch
def batch_source_of(spec: Any, wish: RunParameters, style: Style) -> BatchSource[Any]:
    """Return what makes the batches of a specification."""
    raise TypeError(f"no batches of {spec} with {wish}, {style}")


class Simulation:
    """Makes the batches of a machine."""

    unit = "workers"

    def __init__(self, spec: Generator, wish: RunParameters, style: Style) -> None:
        self.width = _expected_width(spec)
        self._most_alive = wish.max_workers
        self._of_arrivals, self._of_workers = (
            wish.schedule if wish.schedule and wish.schedule.applies_to == what else None
            for what in ("arrivals", "workers")
        )
        self._spec = spec
        self._machine = Machine(spec, wish.seed, self._of_arrivals)
        self._records = Records(self._machine, style)

    def prepare(self) -> list[tuple[Path, str]]:
        return self._records.prepare(
            {
                self._spec.index_in_file(n): state.variables
                for n, state in enumerate(self._spec.states)
            }
        )

    def begin(
        self, start: int, end: int, stopped: Callable[[], bool], before: Cursor | None = None
    ) -> Pool:
        del stopped
        pool = Pool(self._machine, start, self._most_alive, end, self._of_workers)
        if isinstance(before, MachineCursor):
            pool.go_on(before.pool)
            self._records.go_on(before.counted)
        return pool

    def cursor(self, stream: Pool) -> MachineCursor:
        return self._records.start_cursor(stream.cursor())

    def batch(self, window: Visits) -> Batch:
        return self._records.batch(window)


@batch_source_of.register
def _(spec: Generator, wish: RunParameters, style: Style) -> BatchSource[Any]:
    return Simulation(spec, wish, style)


@batch_source_of.register
def _(spec: ReplaySource, wish: RunParameters, style: Style) -> BatchSource[Any]:
    return ReplayRecords(spec, wish.seed, style, whole=wish.needs_schema)


def _expected_width(spec: Generator) -> float:
    """Return about how many bytes the longest kind of record has, on average."""
    lengths = [
        sum(20 + each.mean_characters() for each in emitter.dimensions) for emitter in spec.emitters
    ]
    return max(lengths, default=0.0) + 100.0
