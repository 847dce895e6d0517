"""Curves at single instants; what is wrong with them, and what is told of them."""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.curves.curve import WeekCache
from datagen.curves.zones import week_and_offset, week_start
from tests.support.curves import HOUR, HOURLY, HOURS, MIXTURE, TWO_DAYS, WEEKLY, curve
from tests.support.helpers import invoke
from tests.support.machines import ENDING, Spec, constant, spec_of
from tests.support.plain_curves import micros


def heights(data: Spec, *instants: str) -> list[float]:
    """Return g at instants, ISO 8601 in UTC."""
    found: list[float] = curve(data).heights(np.array([micros(each) for each in instants])).tolist()
    return found


def test_days_that_are_not_listed_take_the_profile_before() -> None:
    """Around the week: Monday's is Friday's; Wednesday's is Tuesday's."""
    monday, tuesday, wednesday, friday = heights(
        MIXTURE, "2027-03-08T09:30", "2027-03-09T09:30", "2027-03-10T09:30", "2027-03-12T09:30"
    )
    assert monday == friday == 0.001
    assert tuesday == wednesday == pytest.approx(0.75)


def test_mixture_steps_at_midnight_and_reaches_around_it() -> None:
    """The profile is that of the day of the instant; an hour late at night counts early too."""
    thursday, friday = heights(MIXTURE, "2027-03-11T23:59:59.999999", "2027-03-12T00:00")
    assert thursday > 1.2
    assert friday == pytest.approx(np.exp(-2))
    [early] = heights(MIXTURE, "2027-03-10T00:15")
    assert early == pytest.approx(2 * np.exp(-0.5), rel=1e-6)


def test_mixture_is_never_below_its_floor() -> None:
    """Far from every top, and with no weight at all, a thousandth is left."""
    assert heights(MIXTURE, "2027-03-12T12:00") == [0.001]
    nothing = {
        "type": "gmm_temporal",
        "days": {"1": [{"utc_hour": 1, "sigma": 1e-300, "weight": 0}]},
    }
    assert heights(nothing, "2027-03-12T01:00", "2027-03-12T13:00") == [0.001, 0.001]


def test_points_lie_at_half_past_and_meet_across_midnight() -> None:
    """Linear in between, also from Sunday's last hour to Monday's first."""
    assert heights(HOURLY, "2027-03-12T03:30", "2027-03-12T04:00", "2027-03-12T04:30") == [
        3,
        3.5,
        4,
    ]
    assert heights(HOURLY, "2027-03-12T00:00") == [(HOURS[23] + HOURS[0]) / 2]
    sunday = heights(WEEKLY, "2027-03-14T23:30", "2027-03-15T00:00", "2027-03-15T00:30")
    assert sunday == [1, 3, 5]


@pytest.mark.parametrize(("scale", "figure"), [("mean", np.mean), ("peak", np.max), (None, np.sum)])
def test_weights_are_scaled_when_asked(scale: str | None, figure: Any) -> None:
    """To a mean of 1 over the week, or a peak of 1; else they are the heights."""
    scaled = curve(WEEKLY, scale=scale)
    at_points = scaled.heights_in_week(np.arange(168) * HOUR + HOUR // 2)
    if scale is None:
        assert at_points.max() == 6
    else:
        assert figure(at_points) == pytest.approx(1)


ISO = "1, 2, 3, 4, 5, 6, 7"
NO_DATE = "expected a date such as 2027-12-24, or a range such as 2027-12-24/2028-01-02"
BAD: list[tuple[Spec, str]] = [
    ({"type": "gmm_temporl"}, '.type: no curve "gmm_temporl"; did you mean "gmm_temporal"?'),
    ({"value": 1}, ".type: missing; one of constant, gmm_temporal, hourly, weekly, trend, ramp, dates, holidays, product"),
    ({"type": "constant"}, ".value: missing"),
    ({"type": "constant", "value": -1}, ".value: expected 0 or more, not -1"),
    ({"type": "constant", "value": 1e10}, ".value: expected at most 1e9, not 10000000000.0"),
    ({"type": "constant", "value": "1"}, '.value: expected a number, not "1"'),
    ({"type": "constant", "value": 0, "applies_to": "arrivals"}, ".value: 0 is too low for any arrival; expected at least 1e-9"),
    ({"type": "constant", "value": 1, "applies_to": "worker"}, '.applies_to: expected "workers" or "arrivals", not "worker"'),
    ({"type": "constant", "value": 1, "aplies_to": "workers"}, '.aplies_to: unknown key; did you mean "applies_to"?'),
    ({"type": "constant", "value": 1, "timezone": "Europe/Berln"}, '.timezone: no time zone "Europe/Berln"; did you mean "Europe/Berlin"?'),
    ({"type": "constant", "value": 1, "timezone": "../../etc/passwd"}, '.timezone: no time zone "../../etc/passwd"; give a name such as Europe/Berlin'),
    ({"type": "constant", "value": 1, "timezone": ""}, '.timezone: no time zone ""; give a name such as Europe/Berlin'),
    ({"type": "constant", "value": 1, "timezone": 2}, ".timezone: expected a text, not 2"),
    ({"type": "gmm_temporal"}, ".days: missing"),
    ({"type": "gmm_temporal", "days": []}, ".days: expected an object, not a list"),
    ({"type": "gmm_temporal", "days": {}}, ".days: expected at least one day"),
    ({"type": "gmm_temporal", "days": {"_note": 1}}, ".days: expected at least one day"),
    ({"type": "gmm_temporal", "days": {"0": []}}, f".days.0: no ISO weekday (1 is Monday); one of {ISO}"),
    ({"type": "gmm_temporal", "days": {"mon": []}}, f".days.mon: no ISO weekday (1 is Monday); one of {ISO}"),
    ({"type": "gmm_temporal", "days": {"1": []}}, ".days.1: expected at least one component"),
    ({"type": "gmm_temporal", "days": {"1": {}}}, ".days.1: expected a list, not an object"),
    ({"type": "gmm_temporal", "days": {"1": [3]}}, ".days.1[0]: expected an object, not 3"),
    ({"type": "gmm_temporal", "days": {"1": [{"utc_hour": 1, "sigma": 0, "weight": 1}]}}, ".days.1[0].sigma: expected a number above 0, not 0"),
    ({"type": "gmm_temporal", "days": {"1": [{"utc_hour": 1, "sigma": 1, "weight": -1}]}}, ".days.1[0].weight: expected 0 or more, not -1"),
    ({"type": "gmm_temporal", "days": {"1": [{"utc_hour": 1, "sigma": 1}]}}, ".days.1[0].weight: missing"),
    ({"type": "gmm_temporal", "days": {"1": [{"utc_hour": 1030, "sigma": 1, "weight": 1}]}}, ".days.1[0].utc_hour: expected an hour of the day, not 1030"),
    ({"type": "gmm_temporal", "days": {"1": [{"hour": 1, "sigma": 1, "weight": 1}]}}, '.days.1[0].hour: unknown key; did you mean "utc_hour"?'),
    ({"type": "hourly"}, ".weights: missing"),
    ({"type": "hourly", "weights": [1, 2]}, ".weights: expected 24 numbers, one for each hour, not 2"),
    ({"type": "hourly", "weights": [0] * 24}, ".weights: expected at least one weight above 0"),
    ({"type": "hourly", "weights": [1] * 23 + [-1]}, ".weights[23]: expected 0 or more, not -1"),
    ({"type": "hourly", "weights": {"mon": 1}}, ".weights: expected a list, not an object"),
    ({"type": "hourly", "weights": [1] * 24, "scale": "max"}, '.scale: expected "mean" or "peak", not "max"'),
    ({"type": "weekly", "weights": [1] * 24}, ".weights: expected an object, not a list"),
    ({"type": "weekly", "weights": {}}, ".weights: expected at least one day"),
    ({"type": "weekly", "weights": {"monday": [1] * 24}}, ".weights.monday: no day; one of mon, tue, wed, thu, fri, sat, sun"),
    ({"type": "weekly", "weights": {"mon": [1] * 25}}, ".weights.mon: expected 24 numbers, one for each hour, not 25"),
    ({"type": "weekly", "weights": {"mon": [0] * 24}}, ".weights: expected at least one weight above 0"),
    ({"type": "weekly", "weights": {"mon": [True] + [0] * 23}}, ".weights.mon[0]: expected a number, not true"),
    ({"type": "trend"}, ".per_month: missing; or per_year, the factor of a year"),
    ({"type": "trend", "per_month": 1.1, "per_year": 2}, ".per_year: per_month says it already; give one of them"),
    ({"type": "trend", "per_month": -1}, ".per_month: expected a number above 0, not -1"),
    ({"type": "trend", "per_year": 0}, ".per_year: expected a number above 0, not 0"),
    ({"type": "trend", "per_year": 1e10}, ".per_year: expected a factor from 1e-9 to 1e9, not 10000000000.0"),
    ({"type": "trend", "per_moth": 1.1}, '.per_moth: unknown key; did you mean "per_month"?'),
    ({"type": "ramp", "to": 1, "over": "1D"}, ".from: missing"),
    ({"type": "ramp", "from": -1, "to": 1, "over": "1D"}, ".from: expected 0 or more, not -1"),
    ({"type": "ramp", "from": 0, "to": 0, "over": "1D"}, ".to: from and to are both 0; expected one above"),
    ({"type": "ramp", "from": 0, "to": 1, "over": 0}, ".over: expected a length of time above 0, at most 1e10 s, not 0"),
    ({"type": "ramp", "from": 0, "to": 1, "over": "0D"}, ".over: expected a length of time above 0, at most 1e10 s, not 0"),
    ({"type": "ramp", "from": 0, "to": 1, "over": -3}, ".over: expected a length of time above 0, at most 1e10 s, not -3"),
    ({"type": "ramp", "from": 0, "to": 1, "over": 1e11}, ".over: expected a length of time above 0, at most 1e10 s, not 100000000000.0"),
    ({"type": "ramp", "from": 0, "to": 1, "over": "2Y"}, '.over: "2Y": months and years have no fixed length; give days or weeks'),
    ({"type": "ramp", "from": 0, "to": 1, "over": True}, ".over: expected a number, not true"),
    ({"type": "dates"}, ".dates: missing"),
    ({"type": "dates", "dates": {}}, ".dates: expected at least one date"),
    ({"type": "dates", "dates": {"_note": 1}}, ".dates: expected at least one date"),
    ({"type": "dates", "dates": ["2027-12-24"]}, ".dates: expected an object, not a list"),
    ({"type": "dates", "dates": {"2027-12-24": -1}}, ".dates.2027-12-24: expected 0 or more, not -1"),
    ({"type": "dates", "dates": {"2027-12-24": "1"}}, '.dates.2027-12-24: expected a number, not "1"'),
    ({"type": "dates", "dates": {"2027-12-24": 1e10}}, ".dates.2027-12-24: expected at most 1e9, not 10000000000.0"),
    ({"type": "dates", "dates": {"2027-02-29": 1}}, f".dates.2027-02-29: {NO_DATE}"),
    ({"type": "dates", "dates": {"24.12.2027": 1}}, f".dates.24.12.2027: {NO_DATE}"),
    ({"type": "dates", "dates": {"2027-12-24/": 1}}, f".dates.2027-12-24/: {NO_DATE}"),
    ({"type": "dates", "dates": {"2027-12-24/2027-12-23": 1}}, ".dates.2027-12-24/2027-12-23: ends before it begins"),
    ({"type": "dates", "dates": {"2027-12-24/2027-12-31": 1, "2027-12-31": 2}}, '.dates.2027-12-31: overlaps with "2027-12-24/2027-12-31"'),
    ({"type": "dates", "dates": {"2027-12-26": 1, "2027-12-24/2027-12-31": 2, "2028-01-01": 1}}, '.dates.2027-12-26: overlaps with "2027-12-24/2027-12-31"'),
    ({"type": "holidays", "factor": 1}, ".country: missing"),
    ({"type": "holidays", "country": "DE"}, ".factor: missing"),
    ({"type": "holidays", "country": "DE", "factor": -1}, ".factor: expected 0 or more, not -1"),
    ({"type": "holidays", "country": 49, "factor": 1}, ".country: expected a text, not 49"),
    ({"type": "holidays", "country": "de", "factor": 1}, '.country: no holidays are known of "de"; did you mean "DE"?'),
    ({"type": "holidays", "country": "DE", "subdivision": "BYY", "factor": 1}, '.subdivision: no holidays are known of "BYY" in DE; did you mean "BY"?'),
    ({"type": "holidays", "country": "MC", "subdivision": "1", "factor": 1}, '.subdivision: no holidays are known of "1" in MC; leave it out'),
    ({"type": "product"}, ".curves: missing"),
    ({"type": "product", "curves": []}, ".curves: expected at least one curve"),
    ({"type": "product", "curves": {}}, ".curves: expected a list, not an object"),
    ({"type": "product", "curves": [3]}, '.curves[0]: expected an object such as {"type": "constant", ...}, not 3'),
    ({"type": "product", "curves": [{"type": "trnd"}]}, '.curves[0].type: no curve "trnd"; did you mean "trend"?'),
    ({"type": "product", "curves": [{"type": "constant", "value": -1}]}, ".curves[0].value: expected 0 or more, not -1"),
    ({"type": "product", "curves": [{"type": "constant", "value": 1, "applies_to": "arrivals"}]}, ".curves[0].applies_to: belongs to the product, not to its curves"),
    ({"type": "product", "curves": [{"type": "constant", "value": 1e9}, {"type": "constant", "value": 2}]}, ".curves: reach 2e+09 together; expected at most 1e9"),
    ({"type": "product", "applies_to": "arrivals", "curves": [{"type": "constant", "value": 0}, {"type": "trend", "per_year": 2}]}, ".curves: their product is too low for any arrival, all week long"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "problem"), BAD, ids=[problem for _, problem in BAD])
def test_bad_curve_is_refused(data: Spec, problem: str, tmp_path: Path) -> None:
    """With its place, inside a specification and in a file of its own."""
    outcome = invoke("--validate", spec={**ENDING, "schedule": data})
    assert (outcome.status, outcome.err) == (1, f"stdin: schedule{problem}\n")
    file = tmp_path / "curve.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    outcome = invoke("--validate", "--schedule", str(file), spec=ENDING)
    assert (outcome.status, outcome.err) == (1, f"{file}: {problem.removeprefix('.')}\n")


TIMER: Spec = {"type": "gmm_temporal", "mean": 60, "days": TWO_DAYS}
ONLY_TIMERS = '"gmm_temporal" depends on the clock: it is for "delay" and "interarrival"'


@pytest.mark.parametrize(
    "field",
    [
        {"type": "int", "distribution": TIMER},
        {"type": "float", "distribution": TIMER},
        {"type": "string", "length_distribution": TIMER},
        {"type": "uuid", "cardinality": 5, "cardinality_distribution": TIMER},
        {"type": "enum", "values": [1], "cardinality_distribution": TIMER},
    ],
    ids=lambda field: str(field["type"]),
)
def test_temporal_distribution_is_for_timers_only(field: Spec) -> None:
    """Anywhere else the error says where it can be used."""
    spec = spec_of({"a": (TIMER, {"a": 1})}, TIMER, [{"name": "x", **field}])
    outcome = invoke("--validate", spec=spec)
    key = next(key for key in field if key.endswith("distribution"))
    told = f"stdin: emitters[0].dimensions[0].{key}.type: {ONLY_TIMERS}\n"
    assert (outcome.status, outcome.err) == (1, told)


BAD_TIMERS: list[tuple[Spec, str]] = [
    ({"mean": 0}, ".mean: expected a number above 0, not 0"),
    ({"mean": "1"}, '.mean: "1": a number needs a unit: 1S, 1M (minutes), 1H, 1D or 1W'),
    ({"days": {}}, ".days: expected at least one day"),
    ({"days": {"1": [{"utc_hour": 1, "sigma": -1, "weight": 1}]}}, ".days.1[0].sigma: expected a number above 0, not -1"),
    ({"timezone": "Mars"}, '.timezone: no time zone "Mars"; give a name such as Europe/Berlin'),
    ({"meen": 1}, '.meen: unknown key; did you mean "mean"?'),
    ({"applies_to": "arrivals"}, ".applies_to: unknown key; one of days, mean, timezone, type"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "problem"), BAD_TIMERS)
def test_bad_temporal_distribution_is_refused(changed: Spec, problem: str) -> None:
    """As a delay, each key with its place."""
    outcome = invoke(
        "--validate", spec=spec_of({"a": ({**TIMER, **changed}, {"a": 1})}, constant(1))
    )
    assert (outcome.status, outcome.err) == (1, f"stdin: states[0].delay{problem}\n")


NOT_FOUND = [
    ("nosuch", '"nosuch": there is no such file (nor in conf/sched); one of '),
    ("a/b.json", '"a/b.json": there is no such file'),
    (7, "expected the name of a schedule or an object with its keys, not 7"),
]


@pytest.mark.parametrize(("value", "problem"), NOT_FOUND)
def test_schedule_that_is_not_there_is_told(value: Any, problem: str) -> None:
    """By the specification's key."""
    outcome = invoke("--validate", spec={**ENDING, "schedule": value})
    assert outcome.status == 1
    assert outcome.err.startswith(f"stdin: schedule: {problem}")


def test_schedule_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its own name; stdin is for the specification."""
    outcome = invoke("--validate", "--schedule", "x/y.json", spec=ENDING)
    assert (outcome.status, outcome.err) == (1, "x/y.json: there is no such file\n")
    outcome = invoke("--validate", "--schedule", "-", spec=ENDING)
    assert outcome.status == 2
    assert "stdin is for the specification" in outcome.err


def test_validation_tells_what_a_schedule_does() -> None:
    """Its kind, zone and figures with -v; a warning when it can do nothing."""
    day: Spec = {"type": "hourly", "weights": [0.5] * 12 + [1.5] * 12, "timezone": "Asia/Tokyo"}
    spec = {**ENDING, "schedule": {**day, "applies_to": "arrivals"}}
    assert (
        "schedule: hourly in Asia/Tokyo, multiplies the rate of arrivals by 1 on average, "
        "0.5 to 1.5\n" in invoke("--validate", "-v", spec=spec).err
    )
    idle = {**ENDING, "schedule": {"type": "constant", "value": 1}}
    outcome = invoke("--validate", spec=idle)
    assert outcome.status == 0
    assert "warning" in outcome.err
    assert "never below 1, so it never lowers the limit" in outcome.err


def test_validation_tells_the_mean_of_a_temporal_delay() -> None:
    """The time between events over whole weeks: the base divided by the curve's mean height."""
    even: Spec = {"utc_hour": 1, "sigma": 1e6, "weight": 4}
    timer: Spec = {"type": "gmm_temporal", "mean": 60, "days": {"1": [even]}}
    err = invoke("--validate", "-v", spec=spec_of({"a": (timer, {"a": 1})}, timer)).err
    assert "interarrival: a mean of 15 s" in err
    assert 'state "a": a mean delay of 15 s' in err


def test_a_value_of_a_week_is_computed_once_for_all_that_are_alike() -> None:
    """In UTC all weeks are; in a zone those with the same offsets."""
    calls = itertools.count(1)
    plain = WeekCache([curve(HOURLY)], lambda begins: (begins, next(calls)))
    assert {plain.for_week(number) for number in (5, 9, 5)} == {(week_start(0), 1)}
    zoned = WeekCache([curve(HOURLY, timezone="Europe/Berlin")], lambda begins: begins)
    winter, summer = (week_and_offset(micros(each))[0] for each in ("2027-01-10", "2027-07-10"))
    assert zoned.for_week(winter) == zoned.for_week(winter + 1) == week_start(winter)
    assert zoned.for_week(summer) == week_start(summer)
