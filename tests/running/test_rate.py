"""Runs that are to come to a rate: by how much workers are multiplied, and what is then made."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import UsageError
from datagen.instants import DAY
from datagen.running.cap_warning import rounded, run_warnings
from datagen.running.clock import Moment
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.running.rate import rated
from datagen.spec.scaling import Scaling
from tests.support.helpers import invoke
from tests.support.machines import ENDING, NEVER_ENDING, SYNCHRONOUS, Spec, constant, exponential

RUN = ("-s", "2027-03-12", "--seed", "3", "-q")
NOON: Spec = {"type": "hourly", "weights": [1] * 12 + [9] + [1] * 11, "scale": "peak"}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def planned(spec: Spec | str, rate: str | None, **keys: Any) -> Plan:
    """Return the plan of a run that is to come to a rate."""
    if not isinstance(spec, str):
        Path("spec.json").write_text(json.dumps(spec))
        spec = "spec.json"
    plan, _ = load(Request(config=spec, rate=rate, start="2027-03-12", seed=5, **keys))
    return rated(plan)


def scaling(spec: Spec | str, rate: str | None, **keys: Any) -> Scaling:
    """Return by how much the workers of a run are multiplied."""
    found = planned(spec, rate, **keys).scaling
    assert found is not None
    return found


def named(base: Spec, *keys: Spec) -> Spec:
    """Return a specification with populations that start in the state a."""
    plain = {key: value for key, value in base.items() if key != "interarrival"}
    each = [
        {"name": f"p{number}", "start": "a", "interarrival": exponential(1), **own}
        for number, own in enumerate(keys)
    ]
    return {**plain, "populations": each}


def made(plan: Plan) -> int:
    """Return how many records a run makes."""
    return sum(map(len, Run(plan).batches()))


# What the factor is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "factor"),
    [
        ("8/s", 1.0),
        ("80/s", 10.0),
        ("288000/H", 10.0),
        ("1/D", 1 / 8 / 86_400),
        ("10 workers", 1.0),
    ],
)
def test_factor_of_arrivals(rate: str, factor: float) -> None:
    """Of the small machine come 2 workers a second, each with 4 records in 5 s; it has 6 digits."""
    assert scaling(ENDING, rate).factor == float(f"{factor:.6g}")


def test_it_never_depends_on_how_long_a_run_is() -> None:
    """Nor on the seed; the cap is raised for the long run, too."""
    one = scaling(ENDING, "5000/s")
    assert scaling(ENDING, "5000/s", duration=DAY) == scaling(ENDING, "5000/s", records=3) == one
    assert one == Scaling("5000/s", 625.0, 8000)


def test_totals_are_kept() -> None:
    """Those who come once bring nothing in the long run; workers that never end do."""
    assert scaling(named(ENDING, {"total": 50}, {}), "40/s").factor == 10.0
    spec = named(NEVER_ENDING, {"total": 70}, {})
    spec["states"] = [
        *spec["states"],
        {
            "name": "c",
            "emitter": "e",
            "delay": constant(1),
            "transitions": [{"next": "stop", "probability": 1}],
        },
    ]
    spec["populations"][1]["start"] = "c"
    assert scaling(spec, "40/s").factor == 10.0  # 30/s of them, and one of each other worker
    with pytest.raises(
        UsageError, match="those with a total bring about 30 records/s by themselves"
    ):
        planned(spec, "20/s")


def test_bytes_are_those_of_the_text() -> None:
    """As measured on a sample, in the format of the first target."""
    records = scaling(ENDING, "8/s").factor
    size = len(invoke(*RUN, "-n", "1000", spec=ENDING).out) / 1000
    assert scaling(ENDING, f"{8 * size:.3f}B/s").factor == pytest.approx(records, rel=0.01)
    assert scaling(ENDING, "40kB/s", kind="csv").factor > 1.2 * scaling(ENDING, "40kB/s").factor


def test_curves_count_by_their_mean() -> None:
    """Over the week, or over a year from the start where weeks differ."""
    height = (23 + 9) / 24 / 9
    spec = {**ENDING, "schedule": {**NOON, "applies_to": "arrivals"}}
    assert scaling(spec, "8/s").factor == pytest.approx(1 / height, rel=1e-5)
    trend = {"type": "trend", "per_year": 7, "applies_to": "arrivals"}
    assert scaling({**ENDING, "schedule": trend}, "8/s").factor == 1.0


def test_schedule_of_workers_scales_the_cap() -> None:
    """All arrive that can: three quarters of the cap are alive on average, with 0.8 records a second each."""
    lowered = {"type": "constant", "value": 0.75, "applies_to": "workers"}
    spec = {**ENDING, "interarrival": exponential(1e-4), "schedule": lowered}
    assert scaling(spec, "600/s").max_workers == pytest.approx(1000, abs=2)
    own = named(ENDING, {"interarrival": exponential(1e-4), "max": 100, "schedule": lowered})
    found = planned(own, "600/s")
    assert found.spec.arrivals[0].limits.max == pytest.approx(1000, abs=2)
    with pytest.raises(UsageError, match=r"8\.0 records/s at most: no more workers arrive"):
        planned({**ENDING, "schedule": lowered}, "600/s")
    with pytest.raises(UsageError, match="-m 50 says how many workers there are; leave it out"):
        planned(spec, "600/s", max_workers=50)


def test_workers_that_never_end_get_another_number() -> None:
    """Their total, or the cap that is full in the end; each brings 3/7 records a second."""
    assert scaling(NEVER_ENDING, "300/s") == Scaling("300/s", 7.0, 700)
    assert scaling(NEVER_ENDING, "700 workers").max_workers == 700
    found = planned(named(NEVER_ENDING, {"total": 70}), "300/s")
    assert found.spec.arrivals[0].limits.total == 700
    with pytest.raises(UsageError, match="workers never end, so that ever more of them come"):
        planned(NEVER_ENDING, "300/s", max_workers="none")
    with pytest.raises(UsageError, match="-m 100 says how many workers there are; leave it out"):
        planned(NEVER_ENDING, "300/s", max_workers=100)


SETTLING: Spec = {
    "interarrival": constant(1),
    "states": [
        {"name": "a", "transitions": [{"next": "fast", "probability": 0.5}, {"next": "slow", "probability": 0.5}]},
        *({"name": name, "emitter": "e", "delay": constant(seconds), "transitions": [{"next": name, "probability": 1}]}
          for name, seconds in (("fast", 1), ("slow", 10))),
    ],
    "emitters": [{"name": "e", "dimensions": [{"name": "n", "type": "counter"}]}],
}  # fmt: skip


@pytest.mark.parametrize("seed", [5, 6])
def test_few_workers_that_settle_differently_are_told(seed: int) -> None:
    """What they come to with this seed, as they settle by chance: it is what is made."""
    Path("spec.json").write_text(json.dumps(SETTLING))
    request = Request(
        config="spec.json", rate="11/s", start="2027-03-12", seed=seed, duration=DAY, warm_up=DAY
    )
    plan = rated(load(request)[0])
    assert plan.max_workers == 20  # half of them with one record a second, half with a tenth
    found = made(plan) / 86_400
    if seed == 5:  # ten settle here and ten there
        assert (found, plan.wish_note) == (11.0, None)
        return
    assert plan.wish_note is not None
    start = f"the rate 11/s: 20 workers that never end come to about {rounded(found, digits=3)} records/s, "
    assert plan.wish_note.startswith(start)
    assert plan.wish_note.endswith("with this seed they settle so; many level out")
    assert [*run_warnings(plan, plan.start_at(Moment.present()))] == [plan.wish_note]
    assert planned(SETTLING, "x0.2").wish_note is None


def test_whole_number_of_workers_that_is_not_near_is_told() -> None:
    """Where they are alike; a number that is near says nothing, nor do workers that end."""
    note = "the rate 1/s: 2 workers that never end come to about 0.857 records/s, 14 % less: their number is a whole one"
    assert planned(NEVER_ENDING, "1/s").wish_note == note
    note = "the rate 0.4/s: 1 worker that never ends comes to about 0.429 records/s, 7.1 % more: their number is a whole one"
    assert planned(named(NEVER_ENDING, {"total": 70}), "0.4/s").wish_note == note
    assert planned(NEVER_ENDING, "2.5 workers").wish_note is not None
    assert planned(NEVER_ENDING, "300/s").wish_note is None
    assert planned(ENDING, "0.1/s").wish_note is None
    outcome = invoke(*RUN[:-1], "-n", "1", "--rate", "1/s", spec=NEVER_ENDING)
    assert "warning: the rate 1/s: 2 workers that never end" in outcome.err
    assert (
        b"2 workers that never end"
        in invoke(*RUN, "--rate", "1/s", "--explain", spec=NEVER_ENDING).out
    )


def test_workers_that_come_all_at_once_fill_the_cap() -> None:
    """One record a second each, whatever the cap."""
    assert scaling(SYNCHRONOUS, "250/s").max_workers == 250


# The cap ------------------------------------------------------------------------------------------


def test_cap_is_raised_where_it_would_bind() -> None:
    """And only there: 10 workers are alive at the rate of old."""
    assert scaling(ENDING, "8/s").max_workers == 100
    assert scaling(ENDING, "80/s").max_workers == 200
    heavy = {**ENDING, "states": [
        {"name": "a", "emitter": "e", "delay": {"type": "pareto", "min": 1, "alpha": 0.9},
         "transitions": [{"next": "stop", "probability": 1}]}
    ]}  # fmt: skip
    assert scaling(heavy, "80/s").max_workers is None


def test_what_a_cap_leaves_differs_from_the_rate_in_its_digits() -> None:
    """As many of them are said as it takes."""
    state = {"name": "a", "emitter": "e", "delay": exponential(5), "transitions": [
        {"next": "stop", "probability": 0.25}, {"next": "a", "probability": 0.75}]}  # fmt: skip
    flags = ("-r", "10M", "--rate", "17/s", "-m", "100", "-t", "null")
    outcome = invoke(*RUN[:-1], *flags, spec={**ENDING, "states": [state]})
    assert "-m 100 holds arrivals back: about 16.8 records/s instead of 17.0. Use" in outcome.err


def test_cap_that_is_given_stays() -> None:
    """With the warning of the cap where it holds arrivals back, and an error where the rate is out of reach."""
    outcome = invoke(
        *RUN[:-1], "-r", "1M", "--rate", "75/s", "-m", "100", "-t", "null", spec=ENDING
    )
    assert outcome.status == 0, outcome.err
    assert "-m 100 holds arrivals back: about 72 records/s instead of 75" in outcome.err
    outcome = invoke(*RUN, "-n", "1", "--rate", "200/s", "-m", "100", spec=ENDING)
    text = "the rate 200/s is out of reach: -m 100 leaves about 80 records/s at most; use -m 400 or leave it out"
    assert (outcome.status, outcome.err) == (2, f"generator.py: error: {text}\n")
    with pytest.raises(UsageError, match="-m 100 leaves about 100 workers at most"):
        planned(ENDING, "200 workers", max_workers=100)


def test_cap_of_a_population_is_not_that_of_the_run() -> None:
    """It is warned of, whatever -m is; -m is to blame for those that follow it."""
    own = named(ENDING, {"max": 100})
    flags = ("-r", "1M", "--rate", "200/s", "-m", "5", "-t", "null")
    outcome = invoke(*RUN[:-1], *flags, spec=own)
    assert outcome.status == 0, outcome.err
    assert '"max": 100 holds arrivals back: about 80 records/s instead of 200' in outcome.err
    both = named(ENDING, {"max": 100}, {})
    with pytest.raises(UsageError, match="-m 5 leaves about 84 records/s at most; use -m 200 or"):
        planned(both, "200/s", max_workers=5)


# What comes of it ---------------------------------------------------------------------------------

WEEK_RATE = "150000/D"
ACCURATE = [
    ("clickstream", None), ("web_access", None), ("payments", None),
    *(pytest.param(*each, marks=pytest.mark.long) for each in [
        ("kubernetes_json", None), ("iot_sensors", None), ("web_access", "web_access"), ("dns_queries", "web_access"),
        ("payments", "payments"), ("support_tickets", "office"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("preset", "schedule"), ACCURATE)
def test_presets_come_to_it(preset: str, schedule: str | None) -> None:
    """Within 2 % over a week that begins with a full pool."""
    plan = planned(preset, WEEK_RATE, schedule=schedule, duration=7 * DAY, warm_up=DAY)
    assert made(plan) / 7 == pytest.approx(150_000, rel=0.02)


@pytest.mark.parametrize("preset", ["clickstream", "web_access", "payments"])
def test_bytes_of_presets(preset: str) -> None:
    """Within 2 % of 30 MB a day, by what is delivered."""
    flags = (
        "-c",
        preset,
        "-s",
        "2027-03-12",
        "--seed",
        "5",
        "-q",
        "-t",
        "null",
        "--summary",
        "s.json",
    )
    outcome = invoke(*flags, "--rate", "30MB/D", "-r", "7D", "--warm-up", "1D")
    assert outcome.status == 0, outcome.err
    assert json.loads(Path("s.json").read_text())["bytes"] / 7 == pytest.approx(30e6, rel=0.02)


# The stream ---------------------------------------------------------------------------------------


def repeated(err: str) -> list[str]:
    """Return the flags that a run says would repeat it."""
    return err.split("repeat with: ")[1].splitlines()[0].split()


def test_what_is_said_repeats_the_run() -> None:
    """With the factor in place of the wish, and the cap that was raised."""
    first = invoke(*RUN[:-1], "--rate", "500/s", "-n", "2000", spec=ENDING)
    words = repeated(first.err)
    assert words[-4:] == ["--rate", "x62.5", "-m", "800"]
    again = invoke(*words, "-n", "2000", spec=ENDING)
    assert again.out == first.out
    assert repeated(again.err) == words


def test_draws_stay_the_same() -> None:
    """A field that is added changes no start and no path; a factor of 1 changes nothing at all."""
    more = {**ENDING, "emitters": [{"name": "e", "dimensions": [
        {"name": "x", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 9}}]}]}  # fmt: skip
    one, other = (
        invoke(*RUN, "--rate", "x7.5", "-n", "500", spec=each).out for each in (ENDING, more)
    )
    times = [[json.loads(line)["time"] for line in out.splitlines()] for out in (one, other)]
    assert times[0] == times[1]
    plain = invoke(*RUN, "-n", "500", spec=ENDING).out
    assert invoke(*RUN, "--rate", "x1", "-n", "500", spec=ENDING).out == plain != one


def test_parts_are_parts_of_the_same_stream() -> None:
    """Each scales all of it."""
    flags = (*RUN, "--rate", "80/s", "-m", "none", "-r", "1M")
    all_of_it = invoke(*flags, spec=ENDING).out.splitlines()
    parts = [
        invoke(*flags, "--part", f"{each}/3", spec=ENDING).out.splitlines() for each in range(3)
    ]
    assert sorted(line for each in parts for line in each) == sorted(all_of_it)
    assert min(map(len, parts)) > 0


def test_other_processes_write_the_same() -> None:
    """Of a machine whose arrivals are scaled, too."""
    flags = (*RUN, "--rate", "5000/s", "-n", "30000")
    assert invoke(*flags, "-j", "2", spec=ENDING).out == invoke(*flags, spec=ENDING).out


def test_cap_of_others_is_raised_beside_a_schedule_of_workers() -> None:
    """Where that one has a cap of its own."""
    lowered = {"type": "constant", "value": 0.5, "applies_to": "workers"}
    spec = named(ENDING, {"interarrival": exponential(1e-4), "max": 10, "schedule": lowered}, {})
    found = planned(spec, "800/s")  # four records a second times 1, and 4 a second, times 100
    assert found.scaling is not None
    assert found.scaling.factor == pytest.approx(100.0, rel=0.02)
    assert found.max_workers is not None
    assert found.max_workers > 500


def test_key_of_a_specification() -> None:
    """A flag overrides it."""
    spec = {**ENDING, "rate": "80/s"}
    assert scaling(spec, None).factor == 10.0
    assert scaling(spec, "x3").factor == 3.0
    outcome = invoke(*RUN, "--validate", spec={**ENDING, "rate": "5000"})
    assert (outcome.status, outcome.err) == (1, (
        'stdin: rate: "5000": a number needs a unit: 5000/s or 5000/D (records), or 5000 workers\n'))  # fmt: skip
    outcome = invoke(*RUN[:-1], "--validate", "-v", spec=spec)
    assert "rate 80/s: workers are multiplied by 10, -m 200" in outcome.err


def test_bad_wishes() -> None:
    """One sentence each."""
    for flags, text in (
        (("--rate", "5000"), "--rate 5000: a number needs a unit: 5000/s or 5000/D (records), or 5000 workers"),
        (("--rate", "40GB"), "--rate 40GB: a size needs a time: 40GB/s or 40GB/D"),
        (("--rate", "5/s", "--entities", "x"), "--entities x and --rate contradict each other: no workers come"),
    ):  # fmt: skip
        outcome = invoke(*RUN, "-n", "1", *flags, spec=ENDING)
        assert (outcome.status, outcome.err) == (2, f"generator.py: error: {text}\n")


def test_replays_have_their_own_pace() -> None:
    """The error names what there is instead."""
    Path("a.csv").write_text("time,x\n2027-03-12T00:00:00,1\n2027-03-12T00:00:01,2\n")
    spec = {"type": "replay", "source_file": "a.csv", "time_field": "time"}
    outcome = invoke(*RUN, "-n", "1", "--rate", "5/s", spec=spec)
    why = "a replay keeps the pace of its source; --speed runs the real clock faster"
    assert (outcome.status, outcome.err) == (2, f"generator.py: error: --rate 5/s: {why}\n")
    outcome = invoke(*RUN, "-n", "1", spec={**spec, "rate": "5/s"})
    assert (outcome.status, why in outcome.err) == (1, True)


def test_explanation_is_that_of_the_scaled_run() -> None:
    """And the flags that repeat it are, too."""
    outcome = invoke(*RUN[:-1], "--rate", "500/s", "--explain", spec=ENDING)
    assert outcome.status == 0, outcome.err
    assert b"arrivals 125/s: 500 records/s on average" in outcome.out
    assert repeated(outcome.err)[-4:] == ["--rate", "x62.5", "-m", "800"]


# Checkpoints --------------------------------------------------------------------------------------


def test_resumed_runs_keep_the_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not computed again, and together the runs are one."""
    flags = (*RUN, "--rate", "500/s")
    all_of_it = invoke(*flags, "-n", "900", spec=ENDING).out
    one = invoke(*flags, "-n", "400", "--resume", "ck", spec=ENDING).out
    monkeypatch.setattr("datagen.running.rate.levers", lambda *_: pytest.fail("computed again"))
    rest = invoke("-q", "--rate", "500/s", "-n", "500", "--resume", "ck", spec=ENDING)
    assert rest.status == 0, rest.err
    assert one + rest.out == all_of_it


@pytest.mark.parametrize("other", [(), ("--rate", "400/s")])
def test_another_rate_is_refused(other: tuple[str, ...]) -> None:
    """As another -m is, unless one insists: then it is computed anew."""
    invoke(*RUN, "--rate", "500/s", "-n", "10", "--resume", "ck", spec=ENDING)
    outcome = invoke("-q", *other, "-n", "10", "--resume", "ck", spec=ENDING)
    assert (outcome.status, "ck: --rate changed since the previous run" in outcome.err) == (1, True)
    again = invoke(*other, "-n", "10", "--resume", "ck", "--resume-anyway", spec=ENDING)
    assert again.status == 0
    assert ("--rate x50 " in again.err) is bool(other)
