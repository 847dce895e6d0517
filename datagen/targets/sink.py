"""What every sink shares: it delivers records to a target that is open, and counts them."""

from collections.abc import Callable
from typing import Self

from datagen.formats.rendered import Rendered
from datagen.instants import YEAR_1
from datagen.targets.delivered import Position, TargetCounts


class Sink:
    """Delivers records to a target that is open.

    Counts the records that were delivered, their bytes, the records that failed, and those that are not for the
    target; those that were written and are none of these have not been sent yet.
    """

    def __init__(self) -> None:
        self.delivered = 0
        self.failed = 0
        self.passed_over = 0  # records that are not for the target, by its filter
        self.bytes = 0
        self.records_before = 0  # records of the stream that earlier runs delivered
        self.before_rename: Callable[[], None] | None = None  # set where the run writes checkpoints
        self._warning_handler: Callable[[str], None] | None = None
        self._pending_warnings: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, records: Rendered) -> None:
        """Write records; return when the next ones can be written. Raises TargetError.

        Where the format has a header or a schema, the first call has no records: what comes before
        them can be written then. Counts what is delivered in `delivered`, `failed` and `bytes`.
        """
        raise NotImplementedError

    def flush(self) -> None:
        """Deliver what is buffered for a fuller batch: nothing more is due for a while. Raises TargetError."""

    def close(self) -> None:
        """Deliver the rest and close the target. Raises TargetError."""

    def sync(self) -> None:
        """Make all that was written as durable as the target can, before a checkpoint. Raises TargetError."""
        self.flush()

    def commit(self, document: Callable[[Position], bytes]) -> None:
        """Commit all that was written together with the checkpoint that `document` makes of a position.

        Does nothing in most targets: only one that is transactional stores checkpoints itself.
        """

    def position(self) -> Position:
        """Return the position in the stream from which a later run can resume."""
        return Position(self.records_before + self.delivered)

    def pause(self) -> Position:
        """Close, to make room for others, and return the position from which writing goes on: after all that was written.

        Raises TargetError.
        """
        self.suspend(YEAR_1)
        return self.position()

    def end_member(self) -> None:
        """Write what is gathered for a fuller piece, so that a later run can go on here. Raises TargetError."""

    def suspend(self, reached: int) -> None:
        """Close, so that a later run can resume after an instant, microseconds since 1970."""
        del reached
        self.close()

    def enable_checkpoints(self, before_rename: Callable[[], None]) -> None:
        """Make files durable when they are complete, and call `before_rename` before each is renamed.

        The run writes a checkpoint then.
        """
        self.before_rename = before_rename

    @property
    def settled(self) -> int:
        """Return how many records of this run, the first ones in order, are delivered or not for the target."""
        return self.delivered

    def parts(self) -> tuple[TargetCounts, ...]:
        """Return the counts of each target, where the sink delivers to several."""
        return ()

    def warn(self, text: str) -> None:
        """Warn the user, at once or as soon as there is a handler."""
        if self._warning_handler is None:
            self._pending_warnings.append(text)
        else:
            self._warning_handler(text)

    def expect_real_clock(self) -> None:
        """Take note that records come when they are due: none should wait for others for long."""

    def set_warning_handler(self, handler: Callable[[str], None]) -> None:
        """Send warnings to `handler` from now on, and those of before at once."""
        self._warning_handler = handler
        while self._pending_warnings:
            handler(self._pending_warnings.pop(0))
