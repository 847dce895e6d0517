"""What all targets share: which format the records have, and what a sink counts and warns of."""

import io

import pytest

from datagen.formats.base import Format, any_format
from datagen.targets.base import Sink
from datagen.targets.delivered import Position
from datagen.targets.null import NullTarget
from datagen.targets.stdout import StdoutTarget
from tests.support.records import rendered

CSV, JSON = any_format("csv"), any_format("json")


@pytest.mark.parametrize(
    ("own", "default", "chosen", "found"),
    [
        (None, None, None, JSON),
        (None, CSV, None, CSV),
        ("tsv", CSV, None, any_format("tsv")),
        ("tsv", CSV, JSON, JSON),
    ],
)
def test_nearest_wish_decides_the_format(
    own: str | None, default: Format | None, chosen: Format | None, found: Format
) -> None:
    """The command line's, then the target's, then the specification's; else JSON."""
    assert NullTarget.model_validate({"format": own}).formats(default, chosen) == (found,)


def test_format_that_a_target_cannot_take_is_named_with_its_key() -> None:
    """Without a path where it is not the target's own."""
    target = StdoutTarget.model_validate({"format": "parquet"})
    [(path, form, text)] = target.incompatibilities(None, None)
    assert (path, form.type) == (("format",), "parquet")
    assert "parquet" in text
    [(path, _, _)] = StdoutTarget().incompatibilities(any_format("arrow"), None)
    assert path == ()


def test_only_one_target_writes_to_stdout() -> None:
    """Two of a tee that both do are refused by this name."""
    assert list(StdoutTarget().exclusive_outputs()) == [("stdout", "stdout")]
    assert list(NullTarget().exclusive_outputs()) == []


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
