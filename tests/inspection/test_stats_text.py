"""Statistics as lines."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from datagen.inspection.display import ASCII_BLOCKS, Display
from datagen.inspection.field_stats import FieldFigures
from datagen.inspection.flow_stats import TimeFigures, TransitionFigures
from datagen.inspection.number_tally import BINS, NumberSummary
from datagen.inspection.run_stats import RunStatistics
from datagen.inspection.stats_text import histogram, stats_lines
from datagen.instants import UTC_STYLE, parse_instant

NOON = parse_instant("2027-03-12T12:00:00Z")
BARS = np.zeros(BINS, dtype=np.int64)
BARS[:4] = (1, 8, 80, 41)


def numbers(**keys: Any) -> NumberSummary:
    """Return a summary of 130 numbers from 1 to 10."""
    made = NumberSummary(130, 1, 2.5, 9, 10, 3, 1, True, BARS, 10, 0)
    return replace(made, **keys)


def field(**keys: Any) -> FieldFigures:
    """Return figures of 200 records, of which 130 have the field."""
    made = FieldFigures("x", "float", ("a",), 200, 50, 20, 120, True, numbers(), (("1.5", 2),))
    return replace(made, **keys)


def run(*fields: FieldFigures, **keys: Any) -> RunStatistics:
    """Return statistics of 200 records."""
    return replace(RunStatistics(200, NOON, NOON, UTC_STYLE, fields), **keys)


def lines(found: RunStatistics, display: Display | None = None) -> list[str]:
    """Return the lines after the first."""
    return list(stats_lines(found, display or Display()))[1:]


def test_a_field_has_its_counts_figures_and_a_histogram() -> None:
    """Values that hardly ever come again are not listed."""
    assert lines(run(field())) == [
        "",
        "x: float, missing in 25 %, null in 10 %, 120 distinct",
        "  min 1  median 2.5  p99 9  max 10",
        "  ▁▁█▅" + " " * (BINS - 4) + " 1 to 10",
    ]


def test_the_first_line_says_what_is_looked_at() -> None:
    """How many records, and from when to when."""
    first, *_ = stats_lines(run(), Display())
    assert first == "200 records, 2027-03-12T12:00:00.000000Z to 2027-03-12T12:00:00.000000Z"
    [only] = stats_lines(run(records=0, first=None, last=None), Display())
    assert only == "0 records"


def test_frequent_values_have_bars() -> None:
    """Few ones in place of a histogram; the rest is summed up; an estimate is said to be one."""
    texts = field(
        kind="text", missing=0, nulls=0, records=130, distinct=1000, exact=False,
        top=(('"often"', 65), ('"seldom"', 13)), numbers=numbers(exact=False),
    )  # fmt: skip
    assert lines(run(texts)) == [
        "",
        "x: text, about 1,000 distinct",
        "  min 1  median 2.5  p99 9  max 10 characters (median and p99 of some)",
        '  "often"   ████████████████████ 50 %',
        '  "seldom"  ████                 10 %',
        "  about 998 others: 40 %",
    ]


def test_a_long_tail_is_said() -> None:
    """Which share of the values it is."""
    found = lines(run(field(numbers=numbers(top=9, above=0.0123))))
    assert found[-1].endswith(" 1 to 9, 1.23 % above")


def test_instants_are_written_as_the_run_writes_them() -> None:
    """In the histogram, too."""
    instant = numbers(
        least=NOON.micros, median=NOON.micros, p99=NOON.micros + 1e6, top=NOON.micros + 2e6
    )
    found = lines(run(field(kind="instant", numbers=instant)))
    assert found[2].startswith("  min 2027-03-12T12:00:00.000000+00:00  median 2027")
    assert found[3].endswith("2027-03-12T12:00:00.000000+00:00 to 2027-03-12T12:00:02.000000+00:00")


def test_emitters_are_named_where_not_all_have_a_field() -> None:
    """Else they are not."""
    found = lines(run(field(), field(name="y", emitters=("a", "b\n"))))
    assert found[1].startswith("x of a: float")
    assert found[5].startswith("y: float")


WAYS = (
    TransitionFigures("a", "b", 1000, 500, 0.5, 0.0),
    TransitionFigures("a", "stop", 1000, 500, 0.4, 6.455),
    TransitionFigures("b", "a", 10, 10, None, None, "conditions"),
)
TIMES = (
    TimeFigures("a", numbers(), 3.1, -1.14),
    TimeFigures("b", numbers(mean=61234), None, None, "curve"),
)


def test_tables_hold_what_is_expected_beside_what_was_seen() -> None:
    """What is far apart is marked, and said to be so."""
    found = lines(run(transitions=WAYS, delays=TIMES[:1], interarrivals=TIMES[1:]))
    assert found == [
        "",
        "transition    expected  observed     of  std. errors",
        "a -> b            50 %      50 %  1,000         +0.0",
        "a -> stop         40 %      50 %  1,000        +6.5!",
        "b -> a      conditions     100 %     10",
        "",
        "delay  expected  mean  std. errors  min  median  p99   max",
        "a         3.1 s   3 s         -1.1  1 s   2.5 s  9 s  10 s  ▁▁█▅",
        "",
        "between  expected      mean  std. errors  min  median  p99   max",
        "b           curve  61,234 s               1 s   2.5 s  9 s  10 s  ▁▁█▅",
        "",
        "! is more than 4 standard errors from what the specification says",
    ]
    assert lines(run(transitions=WAYS[:1]))[-1].startswith("a -> b")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_histogram_shows_whatever_there_is(encoding: str) -> None:
    """One among many is not nothing; the highest is full."""
    display = Display(encoding=encoding)
    bars = np.array([0, 1, 500, 1000])
    shown = histogram(numbers(bins=bars), display)
    blocks = display.blocks
    assert shown == blocks[0] + blocks[1] + blocks[4] + blocks[8]
    assert (blocks == ASCII_BLOCKS) is (encoding == "ascii")
    assert histogram(numbers(bins=np.zeros(2, dtype=np.int64)), display) == "  "


def test_colours_change_nothing_else() -> None:
    """Without them the text is the same."""
    found = run(field(), transitions=WAYS, delays=TIMES)
    colored = lines(found, Display(color=True))
    assert any("\033[31m" in each for each in colored)
    assert [re.sub(r"\033\[[\d;]+m", "", each) for each in colored] == lines(found)
