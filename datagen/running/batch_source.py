"""Chooses what makes the batches of a run: the workers of a machine, or the passes over a file.

Each makes windows ahead of the clock and knows nothing of text, pacing and targets; the pipeline turns
their windows into batches when it wants them.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from datagen.batch import Batch, Handover
from datagen.errors import Path, Problem, SpecError
from datagen.fields.draw import OnMembers
from datagen.formats.variable_texts import VariableTexts
from datagen.instants import Style
from datagen.position import Cursor
from datagen.simulation.entity_records import EntityRecords
from datagen.simulation.source import Simulation, SimulationParameters
from datagen.spec.entity_table import EntityTable
from datagen.spec.generator import Generator

W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)


class Stream(Protocol[W_co]):
    """The windows of a run, in order, up to the instant `end`.

    `window_size` is about how many records the next one holds; `exhausted` says that the stream ended
    before that instant.
    """

    end: int
    window_size: int

    @property
    def exhausted(self) -> bool:
        """Return whether there are no more windows, however long the run."""

    def request_window_size(self, records: int) -> None:
        """Ask for windows of about this many records. It has no effect on the records."""

    def windows(self) -> Iterator[W_co]:
        """Yield one window after the other. Raises RunError."""

    def jump(self, by: int, until: int) -> None:
        """Move all that is to come `by` microseconds on, to go on at the instant `until`."""

    def close(self) -> None:
        """Release files and other resources."""


class BatchSource(Protocol[W]):
    """Makes batches; `width` is about how many bytes a record has, `unit` what its workers are called.

    Where `counts_depend`, a window may have more records than `counts` says.
    """

    width: float
    unit: str
    counts_depend: bool

    def prepare(self, on_members: OnMembers | None = None) -> list[tuple[Path, str]]:
        """Make what must be there before a run; return the problems, with paths.

        `on_members` gets the path of a set of values that takes long, how many it has and will have.
        """

    def start_stream(self, start: int) -> None:
        """Take note of when the stream starts, however late a run resumes it: microseconds since 1970."""

    def begin(
        self, start: int, end: int, stopped: Callable[[], bool], before: Cursor | None = None
    ) -> Stream[W]:
        """Return the windows from an instant, or from a cursor, to another instant.

        `stopped` returns whether nobody waits for more.
        """

    def cursor(self, stream: Any) -> Cursor:
        """Return the position of a stream between two windows."""

    def counts(self, window: W, since: int) -> tuple[int, int]:
        """Return the size of a window, and how many of its records are not before an instant."""

    def batch(self, window: W) -> Batch:
        """Return the records of a window. Windows must come in order."""

    @property
    def prepared(self) -> Any:
        """Return what `prepare` has made, for another process."""

    def prepare_with(self, prepared: Any) -> None:
        """Take what `prepare` has made in another process."""

    def hand_over(self, window: W) -> Handover:
        """Go on behind a window; return what it takes to make its records in another process.

        Windows must come in order, all of them by this method or all by `batch`.
        """

    def batch_of(self, work: Any) -> Batch:
        """Return the records of a window that another process has handed over, in any order of windows."""


class RunParameters(SimulationParameters, Protocol):
    """What a source of batches needs to know of a run besides the specification."""

    @property
    def needs_schema(self) -> bool:
        """Return whether all records must have the columns of the specification."""


def prepare(source: BatchSource[Any], file: str, on_members: OnMembers | None = None) -> None:
    """Make what must be there before a run of a specification, whose file this is; see `BatchSource.prepare`.

    Raises SpecError for sets of values that cannot be made.
    """
    if problems := source.prepare(on_members):
        raise SpecError([Problem(path, text, file) for path, text in problems])


def batch_source_of(spec: Any, parameters: RunParameters, style: Style) -> BatchSource[Any]:
    """Return what makes the batches of a specification. Raises TypeError for one of no known kind."""
    if isinstance(spec, Generator):
        return Simulation(spec, parameters, style, VariableTexts(spec.variable_types))
    if isinstance(spec, EntityTable):
        return EntityRecords(spec, parameters, style)
    # a machine reads no source: it needs none of this
    from datagen.replay.records import ReplayRecords  # noqa: PLC0415
    from datagen.replay.source import ReplaySource  # noqa: PLC0415

    if not isinstance(spec, ReplaySource):
        raise TypeError(f"no batches of {spec} with {parameters}, {style}")
    needs_schema = parameters.needs_schema
    return ReplayRecords(
        spec, parameters.seed, style, needs_schema=needs_schema, part=parameters.part
    )
