"""What a sink counts, where a later run goes on, and what it warns of."""

import io

from datagen.targets.delivered import Position
from datagen.targets.null import NullTarget
from datagen.targets.sink import Sink
from tests.support.records import rendered


def test_a_sink_that_resumes_counts_from_there() -> None:
    """Its position is that of the stream, its counts those of this run."""
    sink = NullTarget().reopen(io.BytesIO(), Position(40))
    sink.write(rendered([b"a\n", b"b\n"]))
    assert (sink.position(), sink.delivered) == (Position(42), 2)


def test_warnings_wait_for_somebody_who_hears_them() -> None:
    """Those before come first, later ones at once."""
    sink, told = Sink(), list[str]()
    sink.warn("early")
    sink.set_warning_handler(told.append)
    sink.warn("late")
    assert told == ["early", "late"]
