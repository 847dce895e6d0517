"""Times that leave something out, in their order."""

import pyarrow as pa
import pytest

from datagen.instants import SECOND, parse_instant
from datagen.sources.text_times import TextTimeParser
from datagen.sources.times import Around, SourceTimes

DAY = 86_400


def read(pattern: str, texts: list[str], zone: str | None = None, before: str = "") -> SourceTimes:
    """Return the times of texts, after an instant."""
    around = Around(parse_instant(before).micros if before else None)
    times, problem = TextTimeParser(pattern, zone).read_texts(pa.array(texts), True, around)
    assert problem is None
    return times


def gaps(times: SourceTimes) -> list[float]:
    """Return the gaps between times, in seconds."""
    return [(times.nanos(row + 1) - times.nanos(row)) / 1e9 for row in range(len(times) - 1)]


@pytest.mark.parametrize(
    ("pattern", "texts", "expected"),
    [
        ("%b %d", ["Feb 28", "Feb 29", "Mar 01"], [DAY, DAY]),
        ("%b %d", ["Dec 31", "Feb 29"], [60 * DAY]),
        ("%b %d", ["Feb 28", "Mar 01"], [DAY]),
        ("%b %d %H:%M:%S", ["Dec 31 23:59:59", "Jan 01 00:00:01", "Jan 01 00:00:00"], [2, -1]),
        ("%b %d %H:%M:%S", ["Jan 01 00:00:01", "Dec 31 23:59:59", "Jan 01 00:00:02"], [-2, 3]),
        ("%H:%M:%S", ["23:59:59", "00:00:00", "23:59:59"], [1, -1]),
        ("%H:%M:%S %z", ["23:59:59 -0500", "00:00:00 -0500", "07:00:00 +0100"], [1, 3600]),
        ("%b %d %H:%M %z", ["Jan 01 00:30 +0100", "Dec 31 23:31 +0000"], [60]),
        ("%d %H", ["31 23", "01 00"], [3600]),
        ("%a %H", ["Sun 23", "Mon 00"], [3600]),
        ("%m-%d %Z", ["03-07 EST", "03-08 EDT"], [DAY - 3600]),
    ],
)
def test_time_goes_on(pattern: str, texts: list[str], expected: list[float]) -> None:
    """Over the ends of years, months, weeks and days; what came late is before."""
    assert gaps(read(pattern, texts)) == expected


def test_year_can_be_told() -> None:
    """That of the first time; of all others it follows. What might fit better in another is doubtful."""
    texts = pa.array(["Oct 25 02:59:59", "Oct 25 02:00:00", "Oct 25 03:00:00"])
    usual = TextTimeParser("%b %d %H:%M:%S", "Europe/Berlin")
    times, _ = usual.read_texts(texts, as_texts=True)
    assert times.doubtful
    fitting = []
    for parser in usual.starts():
        times, _ = parser.read_texts(texts, as_texts=True)
        if not times.doubtful:
            fitting.append(1970 + (parser.start or 0))
            assert gaps(times) == [1, 3600]
    assert fitting == [2026, 2037, 2043, 2048]  # when 25 October is a Sunday


def test_year_is_one_with_these_days_of_the_week() -> None:
    """1 March was a Sunday in 2026; where no year fits, they are not looked at."""
    times = read("%a %b %d", ["Sun Mar 01", "Mon Mar 02"])
    assert int(times.micros[0]) == parse_instant("2026-03-01").micros
    assert gaps(read("%a %b %d", ["Sun Mar 01", "Sun Mar 02"])) == [DAY]


def test_records_before_move_where_a_date_shows_their_year() -> None:
    """29 February is not a day after 28 February 2025, but so in 2028: all of it was in that year."""
    times = read("%b %d", ["Feb 29"], before="2025-02-28")
    assert int(times.micros[0]) == parse_instant("2028-02-29").micros
    moved = parse_instant("2025-02-28").micros + times.before_moved
    assert moved == parse_instant("2028-02-28").micros


def test_date_of_no_year_is_told() -> None:
    """A month that has to follow another cannot have more days than it has."""
    texts = pa.array(["Feb 28", "Feb 30"])
    times, problem = TextTimeParser("%b %d").read_texts(texts, as_texts=True)
    assert problem is not None
    assert (len(times), problem.row) == (1, 1)


def test_other_times_are_those_nearest_to_their_records() -> None:
    """A second before New Year is in the year before, and 02:30 is that of the clock."""
    clock = parse_instant("2031-01-01T00:00:01").micros
    around = Around(None, pa.array([clock, clock]).to_numpy())
    times, _ = TextTimeParser("%b %d %H:%M:%S").read_texts(
        pa.array(["Dec 31 23:59:59", "Jan 01 00:00:00"]), True, around
    )
    assert (times.micros - clock).tolist() == [-2 * SECOND, -SECOND]
    clock = parse_instant("2026-10-25T01:31").micros
    around = Around(None, pa.array([clock]).to_numpy())
    parser = TextTimeParser("%d %H:%M", "Europe/Berlin")
    times, _ = parser.read_texts(pa.array(["25 02:30"]), True, around)
    assert (times.micros - clock).tolist() == [-60 * SECOND]
