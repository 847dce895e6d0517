"""Periods at instants, by arrays and one by one, against all of them listed."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from datagen.arrays import Ints
from datagen.curves.zone_style import ZoneStyle
from datagen.instants import DAY, NAIVE, SECOND, parse_instant
from datagen.spec.timeline import Period, rules_of
from datagen.timeline import NEVER, Timeline
from tests.support.plain_timeline import PlainPeriod

HOUR = 3600 * SECOND
START = parse_instant("2027-03-26T10:00").micros  # two days before the clocks of Europe go on
PERIODS: dict[str, dict[str, Any]] = {
    "once": {"at": "2027-03-27T15:00", "for": "20M", "ramp": "10M"},
    "bare": {"at": "+3H", "for": "1H"},
    "aware": {"at": "2027-03-27T15:00+05:30", "for": "1s"},
    "local": {"at": "2027-03-28T02:30", "for": "3H", "ramp": "6H", "timezone": "Europe/Berlin"},
    "nightly": {"at": "02:00", "for": "15M", "every": "1D", "timezone": "Europe/Berlin"},
    "skipped": {"at": "02:30", "for": "1H", "every": "2D", "ramp": "1H", "timezone": "Europe/Berlin"},
    "late": {"at": "23:50", "for": "12H", "every": "3D", "ramp": "2D", "timezone": "America/New_York"},
    "again": {"at": "+90M", "for": "20M", "every": "45M", "ramp": "15M"},
    "always": {"at": "+0S", "for": "7M", "every": "7M"},
    "weekly": {"at": "2027-03-14T01:30", "for": "1D", "every": "1W", "timezone": "America/New_York"},
    "from": {"at": "2027-03-27T12:00Z", "for": "1H", "every": "1D", "timezone": "Europe/Berlin"},
}  # fmt: skip


def timeline(zone: str | None = None, periods: dict[str, Any] = PERIODS) -> Timeline:
    """Return periods in a run that starts at START."""
    rules = rules_of({name: Period.model_validate(each) for name, each in periods.items()})
    made = Timeline(rules)
    made.begin(START, NAIVE if zone is None else ZoneStyle(zone=zone))
    return made


def instants_near(plain: PlainPeriod) -> Ints:
    """Return instants at the edges of periods, right before them, and anywhere."""
    edges = [each for each in plain.edges() if abs(each - START) < 9 * DAY]
    anywhere = np.random.default_rng(3).integers(START - 8 * DAY, START + 8 * DAY, 400)
    return np.array([*edges, *(each - 1 for each in edges), *anywhere.tolist()])


@pytest.mark.parametrize("zone", [None, "Europe/Lisbon"])
@pytest.mark.parametrize("name", PERIODS)
def test_instants_are_in_the_periods_that_are_listed(name: str, zone: str | None) -> None:
    """All three functions, by arrays and one by one, to the last bit."""
    plain = PlainPeriod(PERIODS[name], START, zone or "UTC")
    instants, made = instants_near(plain), timeline(zone)
    some = instants.tolist()
    during = [plain.during(each) for each in some]
    ramp, progress = [plain.ramp(each) for each in some], [plain.progress(each) for each in some]
    assert made.during(name, instants).tolist() == during
    assert made.ramp(name, instants).tolist() == ramp
    values, inside = made.progress(name, instants)
    assert [
        value if there else None for value, there in zip(values, inside, strict=True)
    ] == progress
    assert [made.during_at(name, each) for each in some] == during
    assert [made.ramp_at(name, each) for each in some] == ramp
    assert [made.progress_at(name, each) for each in some] == progress
    assert any(during)
    assert name == "always" or not all(during)


@pytest.mark.parametrize("name", PERIODS)
def test_periods_that_overlap_a_span_are_given_with_their_ends(name: str) -> None:
    """Also where one ends or begins right there."""
    plain, made = PlainPeriod(PERIODS[name], START), timeline()
    edges = [each for each in plain.edges() if abs(each - START) < 9 * DAY][:40]
    for begin in (START - 5 * DAY, START, *edges):
        for end in (begin + 1, begin + 3 * HOUR, begin + 4 * DAY):
            begins, ends = made.periods(name, begin, end)
            expected = [each for each in plain.begins if begin - plain.length < each < end]
            assert begins.tolist() == expected
            assert ends.tolist() == [each + plain.length for each in expected]


@pytest.mark.parametrize("name", PERIODS)
def test_the_first_period_that_ends_later_is_given(name: str) -> None:
    """Whether it goes on or is to come; none where there is no other."""
    plain, made = PlainPeriod(PERIODS[name], START), timeline()
    for instant in instants_near(plain).tolist():
        later = [each for each in plain.begins if each + plain.length > instant]
        expected = (later[0], later[0] + plain.length) if later else None
        assert made.first(name, instant) == expected


@pytest.mark.parametrize("name", PERIODS)
def test_nothing_changes_between_two_edges(name: str) -> None:
    """A phase is constant where all of it has one value, and ends with it."""
    plain, made = PlainPeriod(PERIODS[name], START), timeline()
    values = {"during": plain.during, "ramp": plain.ramp, "progress": plain.progress}
    for function, value in values.items():
        instant, last = START - 4 * DAY, START + 4 * DAY
        phases: list[tuple[int, int, bool]] = []
        while instant < last and len(phases) < 200:
            phase = made.phase(instant, [(function, name)])
            assert phase.begin <= instant < phase.end
            phases.append((max(phase.begin, instant), min(phase.end, last), phase.constant))
            instant = phase.end
        for begin, end, constant in phases:
            middle = [begin + (end - 1 - begin) * part // 7 for part in range(8)]
            assert (len({value(each) for each in middle}) == 1) is constant or end - begin < 8
        for (_, edge, before), (_, _, after) in pairwise(phases):
            if before and after and function != "progress":  # which is null before and after
                assert value(edge - 1) != value(edge) or name == "always"


def test_edges_and_constancy_are_of_all_periods_together() -> None:
    """The next change of whichever comes first."""
    made = timeline(periods={name: PERIODS[name] for name in ("once", "bare")})
    once = parse_instant("2027-03-27T15:00").micros
    minutes = 60 * SECOND
    edges, instant = [], START
    while (instant := made.edges_after(instant)) < NEVER // 2:
        edges.append(instant)
    assert edges == [
        START + 3 * HOUR, START + 4 * HOUR,
        once - 10 * minutes, once, once + 20 * minutes, once + 30 * minutes,
    ]  # fmt: skip
    assert made.is_constant(START, START + 3 * HOUR)
    assert not made.is_constant(START, START + 3 * HOUR + 1)
    assert not made.is_constant(START + 3 * HOUR, START + 3 * HOUR + 1)  # its progress goes on
    assert made.is_constant(START + 4 * HOUR, once - 10 * minutes)
    assert not made.is_constant(once - 10 * minutes, once - 9 * minutes)


def test_a_shift_of_the_start_moves_what_counts_from_it() -> None:
    """And leaves instants where they are."""
    made = timeline()
    made.begin(START + HOUR)
    assert made.periods("bare", START, START + DAY)[0].tolist() == [START + 4 * HOUR]
    assert made.periods("once", START, START + 2 * DAY)[0].tolist() == [
        parse_instant("2027-03-27T15:00").micros
    ]


def test_periods_reach_as_far_as_the_years_do() -> None:
    """Beyond the first and the last day of them there is none, whichever instants are asked for."""
    made = timeline()
    for year in ("0001-01-01T00:00", "9999-12-31T23:59"):
        instants = np.array([parse_instant(year).micros])
        for name in PERIODS:
            assert made.during(name, instants).tolist() == [made.during_at(name, int(instants[0]))]


def test_before_the_stream_starts_there_are_no_periods() -> None:
    """Whoever asks for one then is told: its instants are not known."""
    made = Timeline(rules_of({"once": Period.model_validate(PERIODS["once"])}))
    with pytest.raises(ValueError, match="before the run"):
        made.during_at("once", START)
    with pytest.raises(ValueError, match="before the run"):
        made.ramp("once", np.array([START]))
