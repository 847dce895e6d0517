"""Times that are numbers of a unit since 1970."""

import pyarrow as pa
import pytest

from datagen.sources.number_times import NumberTimeParser

SECONDS = NumberTimeParser(10**9)


def test_decimals_are_nanoseconds() -> None:
    """Of negative numbers too, which are before 1970; each keeps as many as it had."""
    times, problem = SECONDS.read_texts(pa.array(["1.5", "-0.25", "2"]), as_texts=False)
    assert problem is None
    assert [times.nanos(row) for row in range(3)] == [1_500_000_000, -250_000_000, 2_000_000_000]
    assert times.take(slice(0, 1)).column().json_text.to_pylist() == ["1.5"]


def test_numbers_can_be_texts() -> None:
    """Where the field was one."""
    times, _ = SECONDS.read_texts(pa.array(["1"]), as_texts=True)
    assert times.column().json_text.to_pylist() == ['"1"']


def test_json_numbers_keep_their_kind() -> None:
    """Whole ones stay whole."""
    times, _ = SECONDS.read_numbers([1, 2.5])
    assert times.column().json_text.to_pylist() == ["1", "2.5"]


@pytest.mark.parametrize("text", ["x", "1.0000000001", "99999999999999999999"])
def test_what_is_no_such_number_is_told(text: str) -> None:
    """The times before it are read."""
    times, problem = SECONDS.read_texts(pa.array(["1", text]), as_texts=False)
    assert problem is not None
    assert (len(times), problem.row) == (1, 1)
    assert problem.text.startswith(f'time "{text}" is not a number')
