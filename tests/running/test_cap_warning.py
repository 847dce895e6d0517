"""What is said of a cap that holds arrivals back."""

import math
from typing import Any

import pytest

from datagen.curves.curve import CURVES
from datagen.formats import JsonLines
from datagen.instants import SECOND, parse_instant
from datagen.part import Part
from datagen.running.cap_warning import cap_warnings
from datagen.running.clock import Moment
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.support.helpers import invoke
from tests.support.machines import NEVER_ENDING, Spec, constant, exponential, spec_of

START = parse_instant("2027-03-12")
NOW = Moment(parse_instant("2027-05-01"), 12.5)
SHORT = spec_of({"a": (exponential(3), {"stop": 1})}, exponential(0.0001))
DAY = spec_of({"a": (constant(86_400), {"stop": 1})}, constant(1))
WORKERS, ARRIVALS = (
    CURVES.parse({"type": "constant", "value": 0.5, "applies_to": what})
    for what in ("workers", "arrivals")
)


def warned(spec: Spec, max_workers: int | None = 100, **keys: Any) -> str | None:
    """Return what is said of a run."""
    parsed, _ = parse_spec(spec, "test.json")
    plan = Plan(parsed, "test.json", StdoutTarget(), JsonLines(), START, 1, max_workers, **keys)
    return next(cap_warnings(plan, plan.start_at(NOW)), None)


HOUR = 3600 * SECOND
HALF_A_MINUTE = spec_of({"a": (constant(30), {"stop": 1})}, exponential(0.01))
NOON = CURVES.parse(
    {"type": "hourly", "weights": [1] * 12 + [5] + [1] * 11, "applies_to": "arrivals"}
)
SAID: list[tuple[Spec, dict[str, Any], str, str, str]] = [
    (SHORT, {}, "about 30,000", "33 records/s instead of 10,000", "-m 40000 or -m none"),
    (SHORT, {"max_records": 149_324}, "about 30,000", "33 records/s instead of 10,000", "-m 40000 or -m none"),
    (DAY, {"duration": HOUR}, "about 3,600", "0.028 records/s instead of 1.0", "-m 5000 or -m none"),
    (DAY, {"until": parse_instant("2027-03-12T00:30:00"), "warm_up": HOUR // 2},
     "about 3,600", "0.028 records/s instead of 1.0", "-m 5000 or -m none"),
    (DAY, {"max_records": 3600}, "about 3,600", "0.028 records/s instead of 1.0", "-m 5000 or -m none"),
    (DAY, {"schedule": ARRIVALS}, "about 43,000", "0.0012 records/s instead of 0.50", "-m 60000 or -m none"),
    (DAY, {"schedule": WORKERS, "duration": HOUR}, "about 3,600", "0.014 records/s instead of 1.0", "-m 9000"),
    (HALF_A_MINUTE, {"schedule": NOON}, "about 15,000", "3.3 records/s instead of 120", "-m 20000 or -m none"),
    (NEVER_ENDING, {}, "ever more", "43 records/s instead of ever more", "a higher -m or -m none"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "keys", "alive", "rates", "remedy"), SAID)
def test_sentence_has_figures_and_a_remedy(
    spec: Spec, keys: dict[str, Any], alive: str, rates: str, remedy: str
) -> None:
    """With two digits that count; the number that is advised leaves room."""
    assert warned(spec, **keys) == (
        f"{alive} workers would be alive; -m 100 holds arrivals back: about {rates}. Use {remedy}"
    )


@pytest.mark.parametrize(
    ("most", "keys"),
    [
        (40_000, {}),
        (None, {}),
        (100, {"max_records": 100}),
        (100, {"duration": SECOND // 200}),
        (20, {"schedule": CURVES.parse({"type": "constant", "value": 1e-4, "applies_to": "arrivals"})}),
    ],
)  # fmt: skip
def test_nothing_is_said_where_hardly_anybody_waits(most: int | None, keys: dict[str, Any]) -> None:
    """A cap that is high enough, none, a short run, few arrivals."""
    assert warned(SHORT, most, **keys) is None


def test_one_worker_is_not_several() -> None:
    """Where one is too many for a cap of one."""
    spec = spec_of({"a": (exponential(1), {"stop": 1})}, exponential(1))
    assert (warned(spec, 1) or "").startswith("about 1 worker would be alive; -m 1 holds")


def test_advice_is_followed_by_silence() -> None:
    """Whatever the numbers."""
    for life in (0.0095, 0.0107, 0.3, 3.3, 700):
        spec = spec_of({"a": (exponential(life), {"stop": 1})}, exponential(0.0001))
        said = warned(spec)
        if said is not None:
            advised = int(said.split("Use -m ")[1].split()[0])
            assert advised > life / 0.0001
            assert warned(spec, advised) is None


def test_cap_without_arrivals_of_their_own_is_not_held_back() -> None:
    """Where the next one comes at once, the cap is what says how many there are."""
    assert warned({**NEVER_ENDING, "interarrival": constant(0)}) is None


RUN = ("-s", "2027-03-12", "--seed", "1")


@pytest.mark.parametrize(
    ("flags", "count"),
    [
        (("-n", "2000"), 1),
        (("-n", "2000", "-q"), 0),
        (("-n", "20"), 0),
        (("-n", "2000", "-m", "none"), 0),
        (("-n", "2000", "--validate"), 1),
        (("-m", "100", "--validate"), 1),
        (("--validate",), 0),
        (("--validate", "-v"), 0),
    ],
)
def test_command_line_warns_of_a_run(flags: tuple[str, ...], count: int) -> None:
    """On one line; not with -q, and not where only files are checked and no run is named."""
    outcome = invoke(*RUN, *flags, spec=SHORT)
    assert outcome.status == 0
    warnings = [line for line in outcome.err.splitlines() if "holds arrivals back" in line]
    assert len(warnings) == count
    assert all(line.startswith("warning: about ") for line in warnings)


@pytest.mark.parametrize(
    ("flags", "spec", "said"),
    [
        (("-m", "none"), {**NEVER_ENDING, "schedule": {"type": "constant", "value": 0.5}},
         "-m none: the schedule lowers the limit of workers, which needs a number"),
        (("-m", "none"), {**NEVER_ENDING, "interarrival": constant(0)},
         "-m none: the interarrival time is never above 0"),
        (("-m", "none"), {**NEVER_ENDING, "interarrival": constant(0.00000049)},
         "-m none: the interarrival time is rounded from 4.9e-07 s to 0 microseconds"),
    ],
)  # fmt: skip
def test_contradictions_of_free_arrivals(flags: tuple[str, ...], spec: Spec, said: str) -> None:
    """What needs a number says so."""
    outcome = invoke(*RUN, "-n", "5", *flags, spec=spec)
    assert (outcome.status, outcome.out) == (2, b"")
    assert outcome.err.startswith(f"generator.py: error: {said}")


def test_free_arrivals_repeat_by_what_is_printed() -> None:
    """The flag is part of it; the bytes are those of a cap that is never reached."""
    first = invoke(*RUN, "-n", "2000", "-m", "none", spec=SHORT)
    assert first.err.splitlines()[0].endswith(" -m none")
    flags = first.err.splitlines()[0].removeprefix("repeat with: ").split()
    assert invoke(*flags, "-n", "2000", spec=SHORT).out == first.out
    assert invoke(*RUN, "-n", "2000", "-m", "1000000", spec=SHORT).out == first.out


def test_curve_of_arrivals_goes_with_free_arrivals() -> None:
    """It changes how often they come, not how many may be there."""
    curve = {"type": "hourly", "weights": [1, 2] * 12, "applies_to": "arrivals"}
    spec = {**NEVER_ENDING, "schedule": curve}
    free = invoke(*RUN, "-n", "3000", "-m", "none", spec=spec)
    assert free.status == 0
    assert free.out == invoke(*RUN, "-n", "3000", "-m", "100000", spec=spec).out


EXTREMES: list[tuple[Spec, Spec, dict[str, Any]]] = [
    (exponential(1e308), exponential(1e-300), {}),
    ({"type": "pareto", "alpha": 0.001, "min": 1e300}, exponential(1), {"max_records": 10**15}),
    (constant(1), constant(5e-324), {"duration": 1}),
    ({"type": "normal", "mean": -1e308, "stddev": 1e308}, {"type": "normal", "mean": -1e308, "stddev": 1e308}, {}),
    (exponential(86_400), exponential(1), {"schedule": CURVES.parse({"type": "constant", "value": 0})}),
    (exponential(86_400), exponential(1), {"schedule": CURVES.parse(
        {"type": "hourly", "weights": [0] * 23 + [1], "applies_to": "arrivals", "timezone": "Australia/Lord_Howe"})}),
]  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("start", ["0001-01-01", "2027-03-12", "9999-12-30"])
@pytest.mark.parametrize(("life", "interarrival", "keys"), EXTREMES)
def test_extreme_numbers_give_one_sentence_or_none(
    life: Spec, interarrival: Spec, keys: dict[str, Any], start: str
) -> None:
    """Neither an error nor what is no number, from the first day of the calendar to its last."""
    parsed, _ = parse_spec(spec_of({"a": (life, {"a": 0.5, "stop": 0.5})}, interarrival), "x.json")
    first = parse_instant(start)
    plan = Plan(parsed, "x.json", StdoutTarget(), JsonLines(), first, 1, 100, **keys)
    said = next(cap_warnings(plan, plan.start_at(NOW)), "")
    assert "nan" not in said
    assert "\n" not in said


def test_part_has_its_share_of_arrivals_and_of_the_cap() -> None:
    """The remedy is for all parts; so are silence and rates."""
    said = warned(SHORT, part=Part(1, 3)) or ""
    assert said == (
        "about 10,000 workers of part 1/3 would be alive; its share of -m 100, 33, holds arrivals back: "
        "about 11 records/s instead of 3,300. Use -m 60000 or -m none"
    )
    assert warned(SHORT, 60_000, part=Part(2, 3)) is None
    assert warned(SHORT, 300, part=Part(2, 3), max_records=100) is None
    curved = warned(DAY, 100, part=Part(0, 2), schedule=ARRIVALS) or ""
    assert curved.startswith(
        "about 22,000 workers of part 0/2 would be alive; its share of -m 100, 50,"
    )
    day = warned(HALF_A_MINUTE, 100, part=Part(0, 3), schedule=NOON) or ""
    assert day.startswith("about 5,000 workers of part 0/3")


def test_factors_of_a_schedule_count_over_the_run() -> None:
    """A day of twelve times the arrivals is seen from the start; a lowered cap counts as it is in the run."""
    dates = {"type": "dates", "applies_to": "arrivals", "dates": {"2027-05-01": 12}}
    spec = spec_of({"a": (constant(600), {"stop": 1})}, exponential(60))
    days: dict[str, Any] = {"schedule": CURVES.parse(dates), "duration": 100 * 24 * HOUR}
    assert warned(spec) is None
    assert str(warned(spec, **days)).startswith("about 120 workers would be alive")
    assert warned(spec, **{**days, "duration": 30 * 24 * HOUR}) is None
    low = CURVES.parse({"type": "trend", "per_month": 0.5})
    text = warned(SHORT, 100_000, schedule=low.model_copy(), duration=24 * HOUR)
    assert text is None
    falling = {"type": "dates", "dates": {"2027-03-01/2027-06-01": 0.1}}
    text = warned(SHORT, 100_000, schedule=CURVES.parse(falling), duration=24 * HOUR)
    assert "-m 400000" in str(text)


PERIOD = {
    **spec_of({"a": (exponential(3), {"stop": 1})}, exponential(0.0001)),
    "timeline": {"outage": {"at": "+1H", "for": "10M"}},
}
PERIOD["states"][0]["delay"] = {"type": "exponential", "mean": {"expr": "3 + 40 * ramp('outage')"}}


def test_periods_are_left_out() -> None:
    """The sentence says so; a run that lies within a period is walked by it."""
    said = warned(PERIOD, duration=2 * HOUR) or ""
    assert said.startswith("about 30,000 workers would be alive outside of periods; -m 100 holds")
    spec = {**PERIOD, "timeline": {"outage": {"at": "+0S", "for": "1H"}}}
    said = warned(spec, duration=60 * SECOND) or ""
    alive = float(said.split()[1].replace(",", ""))
    assert alive == pytest.approx(10_000 * 43 * (1 - math.exp(-60 / 43)), rel=0.05)
    assert "outside" not in said


def test_values_give_figures_on_the_command_line() -> None:
    """From the dry run, which changes no byte."""
    flags = (*RUN, "-n", "3000", "-m", "5", "-c", "shop")
    outcome, quiet = invoke(*flags), invoke(*flags, "-q")
    (said,) = [line for line in outcome.err.splitlines() if "holds arrivals back" in line]
    assert said.startswith("warning: about ")
    assert outcome.out == quiet.out
