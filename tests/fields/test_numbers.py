"""Whole numbers, floats and counters through the whole program."""

import math
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datagen.fields.numbers import round_decimals
from tests.support.fields import (
    START,
    choice,
    columns,
    firsts,
    floats,
    integers,
    objects,
    refusal,
    uniform,
    values,
)
from tests.support.helpers import invoke
from tests.support.machines import constant

WHOLES = [
    (0.5, 1), (-0.5, -1), (1.5, 2), (2.5, 3), (-2.5, -3), (2.4999999999999996, 2), (-0.25, 0),
    (0.49999999999999994, 0), (2**53 + 1, 2**53 + 1), (2**63 - 1, 2**63 - 1), (-(2**63), -(2**63)),
]  # fmt: skip


def test_int_is_the_nearest_whole_number() -> None:
    """Halves go away from zero, and large whole numbers never pass through a double."""
    exact = firsts(*(integers(constant(value)) for value, _ in WHOLES))
    chosen = firsts(*(integers(choice(value)) for value, _ in WHOLES))
    assert exact == chosen == [whole for _, whole in WHOLES]


def test_int_beyond_64_bits_is_held() -> None:
    """Samples that no 64 bits can hold become the largest or smallest that they can."""
    huge = {"type": "lognormal", "mu": 800, "sigma": 0}
    assert firsts(integers(huge), integers(choice(1e300)), integers(choice(-1e300))) == [
        2**63 - 1, 2**63 - 1, -(2**63)
    ]  # fmt: skip


def test_int_reaches_both_ends() -> None:
    """Each whole number of the interval comes, the ends too, also at the ends of 64 bits."""
    ends = [(-1, 1), (2**63 - 3, 2**63 - 1), (-(2**63), 2 - 2**63), (5, 5), (2**53, 2**53 + 2)]
    for (low, high), column in zip(
        ends, columns(*(integers(uniform(*e)) for e in ends)), strict=True
    ):
        assert set(column) == set(range(low, high + 1))
    everything = values(integers(uniform(-(2**63), 2**63 - 1)))
    assert len(set(everything)) == 200
    assert min(everything) < -(2**62) < 2**62 < max(everything)


def test_int_between_fractions_is_rounded() -> None:
    """Between numbers that are not whole, the sample is rounded like any other."""
    counts = Counter(values(integers(uniform(0.5, 3.5)), 3000))
    assert set(counts) == {1, 2, 3}
    assert all(abs(count - 1000) < 130 for count in counts.values())


ROUNDED = [
    (2.675, 2, 2.67), (0.125, 2, 0.12), (0.375, 2, 0.38), (2.5, 0, 2.0), (3.5, 0, 4.0),
    (-0.004, 2, 0.0), (1e300, 2, 1e300), (1.0, 3, 1.0), (0.1 + 0.2, 15, 0.3), (123456.789, 1, 123456.8),
]  # fmt: skip


def test_float_is_rounded_to_its_precision() -> None:
    """Half to even by the exact binary value, as Python's `round`; zero never is negative."""
    found = firsts(*(floats(constant(value), precision=digits) for value, digits, _ in ROUNDED))
    assert found == [wanted for _, _, wanted in ROUNDED]
    assert [math.copysign(1, value) for value in found] == [1.0] * len(found)


@given(
    st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e6, 1e6),
    st.integers(0, 15),
)
def test_rounding_is_that_of_python(value: float, digits: int) -> None:
    """Rounding by arrays and by Python's `round` never differ."""
    assert round_decimals(np.array([value]), digits)[0] == round(value, digits)


@given(st.integers(-(10**9), 10**9), st.integers(0, 9))
def test_rounding_of_ties_is_that_of_python(number: int, digits: int) -> None:
    """Nor do they differ next to halves of the last decimal."""
    tie = (number + 0.5) / 10**digits
    near = np.array([tie, np.nextafter(tie, np.inf), np.nextafter(tie, -np.inf)])
    assert round_decimals(near, digits).tolist() == [round(each, digits) for each in near.tolist()]


def test_precision_is_from_0_to_15() -> None:
    """More decimals than a double has, or a negative number of them, are refused."""
    for digits in (-1, 16, 2.5, "2"):
        assert "emitters[0].dimensions[0].precision: expected" in refusal(
            floats(constant(1), precision=digits)
        )


def test_counter_starts_and_steps_as_told() -> None:
    """From 0 by 1 unless told; any whole numbers, negative ones too."""
    steps = [(0, 1), (10, 5), (-3, -2), (7, 0), (2**63 - 3, 1), (-(2**62), 2**62)]
    fields = [{"type": "counter", "start": start, "increment": step} for start, step in steps]
    found = columns(*fields, {"type": "counter"}, {"type": "counter", "start": 2}, n=3)
    assert found[:6] == [[start + n * step for n in range(3)] for start, step in steps]
    assert found[6:] == [[0, 1, 2], [2, 3, 4]]


def test_counter_goes_on_beyond_64_bits() -> None:
    """Where 64 bits end the numbers stay right, whole and in order."""
    steps = [(2**63 - 2, 1), (1 - 2**63, -1), (2**62, 2**62), (2**63 - 1, -(2**63))]
    fields = [{"type": "counter", "start": start, "increment": step} for start, step in steps]
    found = columns(*fields, n=50)
    assert found == [[start + n * step for n in range(50)] for start, step in steps]


def test_counter_skips_nulls_and_missing_values() -> None:
    """A number is consumed only where one is shown."""
    field = {"type": "counter", "percent_nulls": 40, "percent_missing": 30}
    inner = objects({**field, "name": "inner"}, percent_nulls=50)
    plain, nested = columns(field, inner)
    shown = [value for value in plain if isinstance(value, int)]
    inside = [v["inner"] for v in nested if v is not None and isinstance(v.get("inner"), int)]
    assert shown == list(range(len(shown)))
    assert inside == list(range(len(inside)))
    assert 20 < len(inside) < len(shown) < 180


def test_counter_is_shared_by_all_workers() -> None:
    """One sequence in the order of records: (time, worker, visit), ties included."""
    spec = {
        "states": [
            {"name": "a", "emitter": "e", "delay": uniform(0, 2),
             "transitions": [{"next": "a", "probability": 0.5}, {"next": "b", "probability": 0.5}]},
            {"name": "b", "emitter": "e", "delay": constant(1),
             "transitions": [{"next": "c", "probability": 0.9}, {"next": "stop", "probability": 0.1}]},
            {"name": "c", "emitter": "f", "delay": constant(0),
             "transitions": [{"next": "a", "probability": 1}]},
        ],
        "emitters": [
            {"name": "e", "dimensions": [{"name": "n", "type": "counter"}]},
            {"name": "f", "dimensions": [{"name": "m", "type": "counter"}]},
        ],
        "interarrival": constant(0.5),
    }  # fmt: skip
    found = invoke("--seed", "1", "-s", START, "-n", "3000", "-m", "20", spec=spec).records
    for name in ("n", "m"):
        numbers = [record[name] for record in found if name in record]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) > 500
