"""Times that are texts: ISO 8601, or of a pattern."""

import pyarrow as pa

from datagen.sources.text_times import TextTimeParser


def test_layouts_can_be_mixed() -> None:
    """Each row keeps its own, also among texts of one length."""
    texts = ["2020-01-01T00:00:00Z", "2020-01-01 00:00:00Z", "2020-01-01"]
    times, problem = TextTimeParser(None).read_texts(pa.array(texts), as_texts=True)
    assert problem is None
    assert times.column().text.to_pylist() == texts
    assert len({times.nanos(row) for row in range(3)}) == 1


def test_patterns_of_any_width_are_written_as_they_were() -> None:
    """Numbers without padding stay without."""
    times, _ = TextTimeParser("%m/%d/%y %I:%M %p").read_texts(
        pa.array(["1/2/20 1:05 PM"]), as_texts=True
    )
    assert times.column().text.to_pylist() == ["1/2/20 1:05 PM"]
    assert times.moved(23 * 3600 * 10**9).column().text.to_pylist() == ["1/3/20 12:05 PM"]


def test_first_text_that_is_no_time_is_told() -> None:
    """With what it should be."""
    times, problem = TextTimeParser("%Y").read_texts(pa.array(["2020", "x", "y"]), as_texts=True)
    assert problem is not None
    assert (len(times), problem.text) == (1, 'time "x" is not of the form "%Y"')


def test_numbers_are_no_texts() -> None:
    """Nothing of them is read."""
    times, problem = TextTimeParser(None).read_numbers([5])
    assert problem is not None
    assert (len(times), problem.text) == (0, "expected a text, not 5")
