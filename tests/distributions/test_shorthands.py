"""Short ways to write a distribution."""

import pytest
from pydantic_core import PydanticCustomError

from datagen.distributions.shorthands import constant_of, misplaced_times, with_seconds


def test_a_number_is_a_constant() -> None:
    """Wherever a distribution is expected; true is no number."""
    assert constant_of(2.5, seconds=False) == {"type": "constant", "value": 2.5}
    assert constant_of(True, seconds=False) is True
    assert constant_of({"type": "x"}, seconds=True) == {"type": "x"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90S", 90), ("10M", 600), ("1.5H", 5400), ("0.25s", 0.25), ("P1D", 86400)],
)
def test_a_length_of_time_is_a_constant_of_seconds(text: str, seconds: float) -> None:
    """As for -r."""
    assert constant_of(text, seconds=True) == {"type": "constant", "value": seconds}


def test_a_length_of_time_elsewhere_is_refused() -> None:
    """With the number that is meant, perhaps."""
    with pytest.raises(PydanticCustomError) as caught:
        constant_of("1.5H", seconds=False)
    assert str(caught.value) == (
        '"1.5H" is a length of time, which is for delays and interarrival; here give a number (5400)'
    )


def test_texts_become_seconds() -> None:
    """Those under the keys, in lists too; all else stays."""
    raw = {"type": "choice", "values": ["1M", 2, "3H"], "weights": ["4S"]}
    made, problems = with_seconds(raw, ["values"])
    assert made == {"type": "choice", "values": [60, 2, 10800], "weights": ["4S"]}
    assert problems == {}
    assert raw["values"] == ["1M", 2, "3H"]


def test_a_rate_becomes_the_exact_mean() -> None:
    """1 / (3 / 3600) would not be."""
    assert with_seconds({"rate": "3/h"}, ["mean", "rate"])[0] == {"mean": 1200.0}
    assert with_seconds({"rate": "5000/s"}, ["rate"])[0] == {"mean": 0.0002}
    assert with_seconds({"rate": "3/h", "mean": 2}, ["rate"])[0] == {"rate": 3 / 3600, "mean": 2}


def test_wrong_texts_are_named() -> None:
    """Each with what was expected; a number stands in its place, so that the rest is checked."""
    made, problems = with_seconds(
        {"mean": "soon", "rate": "0/s", "values": ["5"]}, ["mean", "rate", "values"]
    )
    assert problems == {
        (
            "mean",
        ): 'expected a number or a length of time such as "90S", "10M" or "1.5H", not "soon"',
        (
            "rate",
        ): 'expected a number of events a second, or a rate such as "5000/s" or "3/h", not "0/s"',
        ("values", 0): '"5": a number needs a unit: 5S, 5M (minutes), 5H, 5D or 5W',
    }
    assert made == {"mean": 1, "rate": 1, "values": [1]}


def test_a_rate_for_a_length_of_time_names_the_parameter() -> None:
    """A text such as 5000/s in place of a distribution, or of a length of time, says how it is written."""
    text = (
        '"5000/s" is a rate, not a length of time; give {"type": "exponential", "rate": "5000/s"}'
    )
    with pytest.raises(PydanticCustomError) as caught:
        constant_of("5000/s", seconds=True)
    assert str(caught.value) == text
    assert with_seconds({"value": "5000/s"}, ["value"])[1] == {("value",): text}


def test_times_where_none_are_meant_are_named() -> None:
    """Other texts are left to the checks of parameters."""
    made, problems = misplaced_times(
        {"mean": "10S", "rate": "3/h", "stddev": "x"}, ["mean", "rate", "stddev"]
    )
    assert made == {"mean": 1, "rate": 1, "stddev": "x"}
    assert problems == {
        (
            "mean",
        ): '"10S" is a length of time, which is for delays and interarrival; here give a number (10)',
        ("rate",): '"3/h" is a rate, which is for delays and interarrival; here give a number',
    }
