"""The sizes of values, and the budget of a record."""

from typing import Any

import pytest
from jinja2.exceptions import SecurityError

from datagen.templating.meter import MAX_DEPTH, PART, Meter, StoppedError


def doubled(times: int) -> Any:
    """Return a list that holds itself twice, so many times."""
    value: Any = [1, 1]
    for _ in range(times):
        value = [value, value]
    return value


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("abc", 3),
        ("", 0),
        (7, PART),
        (None, PART),
        (2**63 - 1, PART),
        (2**63, 1_000),
        ([], PART),
        (["ab", 1], 3 * PART + 2),
        ({"ab": [1]}, 4 * PART + 2 - PART + PART),
        ((("a",), ("a",)), PART + 2 * (PART + PART + 1)),
        ({"a": 1}.items(), PART + 3 * PART + 1),
        (range(10), 11 * PART),
        (iter([1]), PART),
    ],
)
def test_sizes(value: Any, size: int) -> None:
    """A text has its characters, anything else a part; a list has those of all that is in it."""
    assert Meter().size_of(value) == size


def test_what_is_in_a_value_twice_counts_twice() -> None:
    """Though it is looked at once: no step is taken for each of the 2**20."""
    assert Meter(size=1 << 40).size_of(doubled(19)) > PART << 20
    with pytest.raises(SecurityError, match="grows too large"):
        Meter().size_of(doubled(60))


def test_depth_is_limited() -> None:
    """Also that of a value which was measured part by part."""
    value: Any = (1,)
    meter = Meter()
    for _ in range(MAX_DEPTH - 1):
        value = (value,)
        meter.size_of(value)
    for each in (meter, Meter()):
        with pytest.raises(SecurityError, match="nested too deeply"):
            each.size_of((value,))


def test_numbers_are_limited() -> None:
    """To what Python writes as text at once."""
    assert Meter().size_of(2**4096 - 1) == 1_000
    with pytest.raises(SecurityError, match="a number grows"):
        Meter().made(2**4096)


def test_a_record_has_its_budget() -> None:
    """The next one has a new one; the total goes on."""
    meter = Meter(work=1_000)
    for _ in range(2):
        meter.begin()
        assert meter.charge(1_000)
    with pytest.raises(SecurityError, match="more work for a record than 10 steps or 1,000"):
        meter.charge(1)
    assert (meter.spent, meter.total) == (1_001, 2_001)


def test_what_is_made_is_counted() -> None:
    """A text or list by its size, an iterator item by item; what is short is free."""
    meter = Meter(work=10_000, size=1_000)
    assert meter.made("x" * 200) + meter.joined(["x", "y"]) == "x" * 200 + "xy"
    assert meter.spent == 0
    meter.made("x" * 1_000)
    assert meter.spent == 1_000
    for text in ("x" * 1_001, ["x"] * 100):
        with pytest.raises(SecurityError, match="grows too large"):
            meter.made(text)
    with pytest.raises(SecurityError, match="more work"):
        list(meter.made(iter(range(1_000))))


def test_a_function_pays_before_it_runs() -> None:
    """Each part of its value may meet each part of what else it gets."""
    meter, calls = Meter(work=10_000), []
    take = meter.metered(lambda *given: calls.append(given))
    take("x" * 100, "y" * 98)
    assert meter.spent == 9_900
    with pytest.raises(SecurityError):
        take("x" * 100, "y" * 98)
    assert len(calls) == 1
    for length, unit, named in ((400, PART, {}), (100, 1, {"width": 1_000})):
        meter.begin()
        with pytest.raises(SecurityError):
            meter.metered(len, unit)("x" * length, **named)


def test_reading_is_counted() -> None:
    """Whatever compares or hashes a value takes all of it."""
    meter = Meter()
    assert [meter.read(each) for each in ("x", 1, None)] == ["x", 1, None]
    assert meter.spent == 0
    meter.read("x" * 300)
    assert meter.spent == 300


def test_a_run_that_stops_renders_no_more() -> None:
    """Asked before each record, and after much work within one."""
    meter = Meter()
    meter.begin()
    meter.stopped = lambda: True
    meter.charge(10)
    with pytest.raises(StoppedError):
        meter.charge(2_000_000)
    with pytest.raises(StoppedError):
        meter.begin()
