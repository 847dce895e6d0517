"""Records that go nowhere."""

import io

from datagen.targets.null import NullTarget
from tests.support.files import run, to
from tests.support.records import rendered


def test_records_and_bytes_are_counted() -> None:
    """As any other target counts them."""
    with NullTarget().open(io.BytesIO()) as sink:
        sink.write(rendered([b"a\n", b"bcd\n"]))
        sink.write(rendered([b"\n"]))
    assert (sink.delivered, sink.failed, sink.bytes) == (3, 0, 7)


def test_nothing_is_written() -> None:
    """Not even to stdout."""
    outcome = run("-n", "50", spec=to({"type": "null"}))
    assert (outcome.status, outcome.out) == (0, b"")
    assert "\n50 records, " in outcome.err
