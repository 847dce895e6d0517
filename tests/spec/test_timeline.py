"""The key `timeline`: what periods may be, and what is said of those that cannot be."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from datagen.instants import DAY, SECOND, parse_instant
from datagen.spec.timeline import Periods, rules_of
from datagen.timeline import PeriodRule
from datagen.validation import messages_of

PERIODS = TypeAdapter(Periods)
MINUTE = 60 * SECOND


def problems(raw: Any) -> list[str]:
    """Return the problems of a timeline, each with its path."""
    with pytest.raises(ValidationError) as error:
        PERIODS.validate_python(raw)
    return [f"{'.'.join(map(str, path))}: {text}" for path, text in messages_of(error.value)]


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        ({"at": "2027-03-12T15:00", "for": "20M", "ramp": "10M"},
         PeriodRule("instant", parse_instant("2027-03-12T15:00").micros, 20 * MINUTE, 10 * MINUTE, naive=True)),
        ({"at": "2027-03-12T15:00Z", "for": "20M"},
         PeriodRule("instant", parse_instant("2027-03-12T15:00Z").micros, 20 * MINUTE)),
        ({"at": " +3H ", "for": "1H", "every": "90M"},
         PeriodRule("start", 180 * MINUTE, 60 * MINUTE, every=90 * MINUTE)),
        ({"at": "+0S", "for": "1s", "every": "1s"}, PeriodRule("start", 0, SECOND, every=SECOND)),
        ({"at": "02:00:01.5", "for": "15M", "every": "1W", "timezone": "Europe/Berlin"},
         PeriodRule("day", 7201_500_000, 15 * MINUTE, every=7 * DAY, zone="Europe/Berlin")),
        ({"at": "2027-03-12", "for": "1D", "every": "1D", "timezone": "UTC", "_why": "a comment"},
         PeriodRule("instant", parse_instant("2027-03-12").micros, DAY, every=DAY, zone="UTC", naive=True)),
    ],
)  # fmt: skip
def test_a_period_says_when_it_is(raw: dict[str, Any], rule: PeriodRule) -> None:
    """Instants, offsets from the start, times of local days."""
    assert rules_of(PERIODS.validate_python({"outage": raw, "_a": "comment"})) == {"outage": rule}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"o": {}}, ["o.at: missing", "o.for: missing"]),
        ({"o": {"at": "+1H", "fro": "1H"}}, ['o.fro: unknown key; did you mean "for"?']),
        ({"": {"at": "+1H", "for": "1H"}}, [': expected names of periods, not ""']),
        ({"o": 5}, ["o: expected an object, not 5"]),
        ({"o": {"at": "+1H", "for": "1H", "every": "30M"}},
         ["o.for: is longer than every: one would begin before the last has ended"]),
        ({"o": {"at": "02:00", "for": "1H"}},
         [('o.every: missing: a local time comes every day, or every so many: "every": "1D"; '
          'for once give "at" an instant or an offset')]),
        ({"o": {"at": "02:00", "for": "1H", "every": "36H"}},
         [('o.every: a local time comes again after whole days; a shorter "every" needs an instant or an '
          'offset as "at"')]),
        ({"o": {"at": "25:00", "for": "1H", "every": "1D"}}, ['o.at: "25:00" is no time of a day']),
        ({"o": {"at": "-1H", "for": "1H"}},
         ['o.at: "-1H" is before the first start; an offset begins with +']),
        ({"o": {"at": "3H", "for": "1H"}},
         [("o.at: expected an instant such as 2027-03-12T15:00, an offset from the start such as +3H, or a "
          'local time such as 02:00, not "3H"; an offset is +3H')]),
        ({"o": {"at": 3, "for": "1H"}},
         [("o.at: expected an instant such as 2027-03-12T15:00, an offset from the start such as +3H, or a "
          "local time such as 02:00, not 3")]),
        ({"o": {"at": "+3", "for": "1H"}},
         ['o.at: "3": a number needs a unit: 3S, 3M (minutes), 3H, 3D or 3W']),
        ({"o": {"at": "+1H", "for": 20}}, ["o.for: expected a duration such as 20M, a text, not 20"]),
        ({"o": {"at": "+1H", "for": "0S"}}, ['o.for: expected a duration above 0, not "0S"']),
        ({"o": {"at": "+1H", "for": "1H", "ramp": "20000Y"}},
         ['o.ramp: "20000Y": months and years have no fixed length; give days or weeks']),
        ({"o": {"at": "+1H", "for": "9999999W"}}, ['o.for: "9999999W" is longer than 10,000 years']),
        ({"o": {"at": "+1H", "for": "1H", "timezone": "Europe/Berlin"}},
         ["o.timezone: has no effect: an offset counts from the first start"]),
        ({"o": {"at": "2027-01-01T00:00Z", "for": "1H", "timezone": "Europe/Berlin"}},
         ["o.timezone: has no effect: the instant tells its offset"]),
        ({"o": {"at": "02:00", "for": "1H", "every": "1D", "timezone": "Europe/Berln"}},
         ['o.timezone: no time zone "Europe/Berln"; did you mean "Europe/Berlin"?']),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(raw: Any, expected: list[str]) -> None:
    """With its path."""
    assert problems(raw) == expected
