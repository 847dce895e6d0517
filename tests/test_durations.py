"""Durations are read to the microsecond, or refused with a reason."""

import pytest

from datagen.durations import duration_micros, duration_seconds, mean_seconds_of_rate
from datagen.errors import UsageError

SECOND = 1_000_000


HOUR = 3_600 * SECOND


DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("30S", 30 * SECOND), ("30s", 30 * SECOND), ("10M", 600 * SECOND), ("1H", HOUR),
        ("1h", HOUR), ("2D", 2 * DAY), ("1W", 7 * DAY), ("1h30m", HOUR + 1800 * SECOND),
        ("1.5h", HOUR + 1800 * SECOND), (".5s", SECOND // 2), ("PT1H30M", HOUR + 1800 * SECOND),
        ("P1D", DAY), ("P1W", 7 * DAY), ("P1DT12H", DAY + 12 * HOUR), ("PT0.000001S", 1),
        ("PT0,5S", SECOND // 2), ("pt5m", 300 * SECOND), ("0S", 0), (" 5S ", 5 * SECOND),
        ("1w2d3h4m5.000006s", 9 * DAY + 3 * HOUR + 245_000_006),
    ],
)  # fmt: skip
def test_duration_is_read_to_the_microsecond(text: str, micros: int) -> None:
    """Plain and ISO 8601 durations, in any case, whole or not."""
    assert duration_micros(text) == micros


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10", "a number needs a unit: 10S, 10M (minutes), 10H, 10D or 10W"),
        ("1.5", "a number needs a unit: 1.5S, 1.5M (minutes), 1.5H, 1.5D or 1.5W"),
        ("-5S", "a duration cannot be negative"),
        ("-PT5S", "a duration cannot be negative"),
        ("PT-5S", "a duration cannot be negative"),
        ("P1M", "months and years have no fixed length; give days or weeks"),
        ("P1Y", "months and years have no fixed length; give days or weeks"),
        ("1Y", "months and years have no fixed length; give days or weeks"),
        ("2mo", "months and years have no fixed length; give days or weeks"),
        ("soon", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("30m1h", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("P", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("P1DT", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("9999999D", "longer than 10,000 years"),
    ],
)
def test_refused_duration_says_why(text: str, reason: str) -> None:
    """Every refusal holds its reason."""
    with pytest.raises(UsageError) as caught:
        duration_micros(text)
    assert str(caught.value) == f"-r {text}: {reason}"


@pytest.mark.parametrize("text", ["1e400S", "9" * 5000 + "S", "1" + "0" * 90 + "W"])
def test_monstrous_duration_is_refused_at_once(text: str) -> None:
    """No arithmetic on numbers of thousands of digits."""
    with pytest.raises(UsageError):
        duration_micros(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90S", 90),
        ("1.5H", 5400),
        ("0.5s", 0.5),
        ("1h30m", 5400),
        ("PT1M", 60),
        ("soon", None),
        ("5", None),
    ],
)
def test_seconds_are_exact(text: str, seconds: float | None) -> None:
    """Whole ones are whole numbers."""
    assert duration_seconds(text) == seconds
    assert isinstance(duration_seconds(text), float) == (seconds == 0.5)


@pytest.mark.parametrize(
    ("text", "mean"),
    [("5000/s", 0.0002), ("3/h", 1200.0), ("90/M", 60 / 90), (" 2 / D ", 43200.0), (".5/s", 2.0), ("0/s", None), ("5", None),
     ("5/x", None), ("-1/s", None), ("1" * 200 + "/s", None)],
)  # fmt: skip
def test_a_rate_has_a_mean_time_between_events(text: str, mean: float | None) -> None:
    """Of a number of events a unit of time, above 0."""
    assert mean_seconds_of_rate(text) == mean
