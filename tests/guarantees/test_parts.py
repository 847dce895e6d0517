"""Parts of a stream: together they are the stream; each goes on where it stopped, and never where another did."""

import copy
import itertools
import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from datagen.curves.curve import CURVES
from datagen.errors import DatagenError
from datagen.part import WHOLE, Part
from datagen.replay.passes import ReplayLoop
from datagen.running.plan import Plan
from datagen.simulation.pool import Pool
from tests.guarantees.golden import PRESETS
from tests.guarantees.kill import REPLAY, REPLAYED, counting
from tests.guarantees.test_compat import FOLDER
from tests.guarantees.test_determinism import DAY, SPEC
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, exponential
from tests.support.parts import (
    first_records,
    has_counters,
    lines_of,
    merged,
    parts_of,
    plan_of,
)

START = "2027-03-12T05:20:13"
FIXED = ("-s", START, "--seed", "7", "-q")
COUNTS = (1, 2, 3, 7)
NUMBERED = {  # what counts in presets, as JSON and as CSV
    "iot_sensors": re.compile(rb'("sequence":|:[0-9.]+,)[0-9]+'),
    "shop": re.compile(
        rb'("(?:order|payment)_id":|,(?=1[0-9]{5},)|,[0-9.]+,(?=[0-9]+,(?:card|wallet|transfer)))[0-9]+'
    ),
}
FIELD_SPECS = sorted(FOLDER.rglob("*.json"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of its own, and go there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def free(config: str, spec: Spec | None = None, **keys: Any) -> Plan:
    """Return the plan of about 1,500 records of a stream whose arrivals never wait."""
    data = b"" if spec is None else json.dumps(spec).encode()
    return first_records(plan_of(config, data, max_workers="none", **keys), 1500)


def uncounted(preset: str, line: bytes) -> bytes:
    """Return a line of a preset without its counters, and without ids of new members."""
    return NUMBERED[preset].sub(rb"\1", line) if preset in NUMBERED else line


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        *(pytest.param(None, n, marks=[pytest.mark.long] * (n != 3)) for n in COUNTS),
        pytest.param("csv", 2, marks=pytest.mark.long),  # of a format, only the header is another
    ],
)
@pytest.mark.parametrize("preset", PRESETS)
def test_all_parts_of_a_preset_are_its_stream(preset: str, kind: str | None, count: int) -> None:
    """Merged by time and worker, byte for byte, where arrivals are free."""
    plan = free(preset, kind=kind, schedule="none")
    parts = parts_of(plan, count)
    found, whole = (
        [uncounted(preset, line) for line in lines]
        for lines in (merged(parts), lines_of(plan, WHOLE).lines)
    )
    assert found == whole
    assert min(len(part.lines) for part in parts) > 0


@pytest.mark.parametrize("schedule", ["payments", "web_access"])
@pytest.mark.parametrize("count", [2, pytest.param(7, marks=pytest.mark.long)])
def test_all_parts_of_a_stream_with_a_curve_of_arrivals_are_the_stream(
    schedule: str, count: int
) -> None:
    """Each part takes every step of the curve, as the whole does."""
    plan = free("payments", schedule=schedule)
    assert merged(parts_of(plan, count)) == lines_of(plan, WHOLE).lines


@pytest.mark.long
@pytest.mark.skipif(not FIELD_SPECS, reason="no specifications from the field beside the project")
@pytest.mark.parametrize("schedule", [None, "web_access"])
@pytest.mark.parametrize("place", range(20))
def test_all_parts_of_specifications_from_the_field_are_their_streams(
    place: int, schedule: str | None
) -> None:
    """Without counters, in their own formats or as JSON; arrivals also by a curve. Two counts for each are enough."""
    compared = 0
    for file in FIELD_SPECS[place::20]:
        try:
            plan = free(str(file), schedule=schedule or "none")
        except DatagenError:  # no specification of its own, or one that -m none is not for
            continue
        if has_counters(plan.spec):
            continue
        whole = lines_of(plan, WHOLE).lines
        for count in COUNTS[place % 2 :: 2]:
            assert merged(parts_of(plan, count)) == whole, (file, count)
            compared += 1
    assert compared


@pytest.mark.parametrize("applies_to", [None, "arrivals"])
@pytest.mark.parametrize("timed", [False, True])
def test_windows_do_not_show_in_a_part(timed: bool, applies_to: str | None) -> None:
    """Tiny, large and random ones give the same bytes, of counters too, under a cap and without."""
    chance, spec = random.Random(3), copy.deepcopy(SPEC)
    if timed:
        spec["states"][1]["delay"] = {**DAY, "mean": 1}

    def wild(pool: Pool) -> None:
        pool.span, pool.window_size = int(10 ** chance.uniform(3, 8)), chance.randint(1, 3000)
        pool.state.round_size = chance.choice([1, 64, 300])

    def tiny(pool: Pool) -> None:
        pool.span, pool.window_size = 20_000, 5

    for most in (8, "none"):
        plan = plan_of("-", json.dumps(spec).encode(), max_workers=most, records=300)
        if applies_to is not None:
            plan = replace(plan, schedule=CURVES.parse({**DAY, "applies_to": applies_to}))
        own = lines_of(plan, Part(1, 3)).lines
        assert len(own) == 300
        assert lines_of(plan, Part(1, 3), wild).lines == own
        assert lines_of(plan, Part(1, 3), tiny).lines == own


def without(line: bytes, *names: str) -> dict[str, Any]:
    """Return a record without some of its fields."""
    return {key: value for key, value in json.loads(line).items() if key not in names}


@pytest.mark.parametrize("count", [2, 3, 7])
def test_counters_stripe(count: int) -> None:
    """Part I has start + (I + jK) x increment, so that no value comes twice; all else is as without parts."""
    spec = copy.deepcopy(SPEC)
    spec["emitters"][0]["dimensions"][1] |= {"start": -5, "increment": 3}
    plan = free("-", spec)
    parts = parts_of(plan, count)
    counters = ("number", "ticket", "tags")
    assert [without(line, *counters) for line in merged(parts)] == [
        without(line, *counters) for line in lines_of(plan, WHOLE).lines
    ]
    for index, part in enumerate(parts):
        records = [json.loads(line) for line in part.lines]
        numbers = [each["number"] for each in records if "number" in each]
        assert numbers == [-5 + 3 * (index + count * place) for place in range(len(numbers))]
        tickets = {each["ticket"] for each in records if each.get("ticket") is not None}
        assert {ticket % count for ticket in tickets} == {index}
        nested = [tag for each in records for tag in each.get("tags", []) if isinstance(tag, int)]
        assert nested == [2 * (index + count * place) for place in range(len(nested))]


def test_whole_of_one_is_the_run_without_the_flag() -> None:
    """Also with counters and a cap, and it says so nowhere."""
    one = invoke(*FIXED[:-1], "-n", "500", "--part", "0/1", spec=SPEC)
    other = invoke(*FIXED[:-1], "-n", "500", spec=SPEC)
    assert one.out == other.out
    assert "--part" not in one.err


@pytest.mark.parametrize("count", [2, 3])
def test_parts_under_a_cap_have_workers_and_counters_of_their_own(count: int) -> None:
    """Each is a pool of its own, with a share of the places that is never exceeded."""
    plan = first_records(plan_of("-", json.dumps(counting()).encode(), max_workers=7), 3000)
    parts = parts_of(plan, count)
    for index, part in enumerate(parts):
        assert set(part.workers % count) == {index}
    sessions = [{without(line)["session"] for line in part.lines} for part in parts]
    assert not set.intersection(*sessions)
    values = [without(line)["n"] for part in parts for line in part.lines]
    assert len(values) == len(set(values))


def test_shares_of_n_add_up() -> None:
    """The first N mod K parts have one more; each is the beginning of its part."""
    plan = plan_of("-", json.dumps(SPEC).encode(), max_workers="none", duration=10_000_000)
    outcomes = [
        invoke(*FIXED, "-m", "none", "-n", "11", "--part", f"{n}/4", spec=SPEC) for n in range(4)
    ]
    assert [len(each.records) for each in outcomes] == [3, 3, 3, 2]
    for index, outcome in enumerate(outcomes):
        lines = lines_of(plan, Part(index, 4)).lines
        assert outcome.out.splitlines(keepends=True) == lines[: len(outcome.records)]
    few = [invoke(*FIXED, "-n", "2", "--part", f"{n}/4", spec=SPEC) for n in range(4)]
    assert [(each.status, len(each.records)) for each in few] == [(0, 1), (0, 1), (0, 0), (0, 0)]


def test_warm_up_and_until_hold_for_each_part() -> None:
    """The pool is full at the start, of the same workers as that of the whole."""
    keys: dict[str, Any] = {
        "max_workers": "none",
        "warm_up": 60_000_000,
        "until": "2027-03-12T05:20:43",
    }
    plan = plan_of("-", json.dumps(counting() | {"interarrival": exponential(1)}).encode(), **keys)
    whole = lines_of(plan, WHOLE)
    parts = parts_of(plan, 3)
    assert [without(line, "n", "session", "step") for line in merged(parts)] == [
        without(line, "n", "session", "step") for line in whole.lines
    ]
    assert len(whole.lines) > 30


def replay(*flags: str, **keys: Any) -> Outcome:
    """Run a replay of 2,000 records, many of which are skipped or have a null."""
    if not Path("source.csv").exists():
        Path("source.csv").write_text(REPLAYED)
    return invoke(*FIXED, *flags, spec={**REPLAY, **keys})


@pytest.mark.parametrize("keys", [{}, {"loop": False}, {"sort": True}, {"time_skipping": None}])
@pytest.mark.parametrize("count", [2, 3, 7])
def test_records_of_a_replay_are_striped_by_number(count: int, keys: Spec) -> None:
    """Over all passes: merged, the parts are the replay, and each field is as it was."""
    spec = {key: value for key, value in {**REPLAY, **keys}.items() if value is not None}
    Path("source.csv").write_text(
        "t,n,k\n" + "".join(f"{n - (n % 3 == 1)},{n},{n}\n" for n in range(100))
    )
    flags = (*FIXED, "-r", "400S")
    whole = invoke(*flags, spec=spec).records
    parts = [invoke(*flags, "--part", f"{n}/{count}", spec=spec).records for n in range(count)]
    found = [each for part in parts for each in part]
    assert sorted(found, key=lambda each: (each["t"], int(each["k"]))) == whole
    if "time_skipping" not in spec:
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
        whole = invoke(*FIXED, "-n", "333", spec=spec).records
        parts = [
            invoke(*FIXED, "-n", "333", "--part", f"{n}/{count}", spec=spec).records
            for n in range(count)
        ]
        for index, part in enumerate(parts):
            assert part == whole[index::count]


def test_windows_do_not_show_in_a_part_of_a_replay() -> None:
    """Whatever their sizes, within the first pass and later."""
    Path("source.csv").write_text(
        REPLAYED.splitlines()[0] + "\n" + "".join(f"{97 * n},{n}\n" for n in range(500))
    )
    chance = random.Random(2)

    def wild(loop: ReplayLoop) -> None:
        loop.window_size = chance.randint(1, 400)

    plan = plan_of("-", json.dumps(REPLAY).encode(), records=2000)
    own = lines_of(plan, Part(2, 3)).lines
    assert len(own) == 2000
    assert lines_of(plan, Part(2, 3), wild).lines == own


SPECS: list[Any] = [
    pytest.param(lambda *flags: invoke("-c", "payments", *FIXED, *flags), "1H", id="payments"),
    pytest.param(lambda *flags: invoke(*FIXED, *flags, spec=counting()), "5M", id="counters"),
    pytest.param(lambda *flags: invoke(*FIXED, "-m", "none", *flags, spec=SPEC), "1S", id="free"),
    pytest.param(replay, "1H", id="replay"),
]  # fmt: skip


@pytest.mark.parametrize(("run", "piece"), SPECS)
def test_part_in_pieces_is_the_part_in_one_go(run: Any, piece: str) -> None:
    """24 resumed pieces, and pieces of random lengths."""
    chance, number, unit = random.Random(1), int(piece[:-1]), piece[-1]
    one = run("-r", f"{24 * number}{unit}", "--part", "1/3")
    assert one.status == 0
    assert len(one.records) > 20
    part = ("--part", "1/3", "--resume", "ck-{part}")
    pieces = [run("-r", piece, *part) for _ in range(24)]
    assert b"".join(each.out for each in pieces) == one.out
    assert Path("ck-1").exists()
    Path("ck-1").unlink()
    cuts = sorted({*(round(chance.uniform(0.1, 24), 2) for _ in range(5)), 24})
    lengths = [after - before for before, after in itertools.pairwise([0, *cuts])]
    pieces = [run("-r", f"{length * number:.6f}{unit}", *part) for length in lengths]
    found = b"".join(each.out for each in pieces)
    assert found in (one.out, one.out[: len(found)])
    assert len(found) > len(one.out) - 500


@pytest.mark.parametrize(("run", "piece"), SPECS[1:])
def test_checkpoint_of_another_part_is_refused(run: Any, piece: str) -> None:
    """With --resume-anyway too, and that of a run without parts; the right part goes on without seed and start."""
    assert run("-r", piece, "--part", "1/3", "--resume", "ck").status == 0
    before = Path("ck").read_bytes()
    for flags, now in (
        (("--part", "0/3"), "--part 0/3"),
        (("--part", "1/2", "--resume-anyway"), "--part 1/2"),
        ((), "a run without --part"),
    ):
        outcome = run("-r", piece, "--resume", "ck", *flags)
        assert (outcome.status, outcome.out) == (1, b"")
        assert outcome.err == f"ck: was written by --part 1/3; {now} cannot resume it\n"
        assert run("--validate", "--resume", "ck", *flags).status == 1
    assert Path("ck").read_bytes() == before
    assert run("-r", piece, "--part", "1/3", "--resume", "ck").status == 0


def test_live_part_makes_the_records_of_its_part() -> None:
    """Of a stream whose start was in the past: history, then what is due."""
    flags = ("-c", "payments", "-s", "today", "--seed", "7", "-m", "none")
    outcome = invoke(*flags, "--then-live", "--part", "1/3", "-n", "30", "-q")
    assert outcome.status == 0, outcome.err
    told = invoke(*flags, "--part", "1/3", "-n", "30")
    assert outcome.out == told.out
    assert re.search("repeat with: .* -m none --part 1/3\n", told.err)


def test_parts_that_begin_when_they_are_started_are_told() -> None:
    """They are not one stream."""
    outcome = invoke("--seed", "7", "--part", "1/3", "-n", "1", spec=SPEC)
    assert outcome.status == 0
    assert outcome.err.startswith(
        "warning: --part 1/3 without -s: each part begins when it is started"
    )
    outcome = invoke("--seed", "7", "--part", "1/3", "-n", "1", "-s", "now", "-q", spec=SPEC)
    assert "-s now: each part begins when it is started" in outcome.err


def files_of(target: Spec, *flags: str) -> tuple[Outcome, list[str]]:
    """Run one of twelve parts; return what it said, and the files there are then."""
    Path("t.json").write_text(json.dumps(target))
    outcome = invoke("-s", START, "--seed", "7", "-r", "2S", "-t", "t.json", *flags, spec=SPEC)
    return outcome, sorted(each.name for each in Path().iterdir() if each.name != "t.json")


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("x-{part}.jsonl", ["x-03.jsonl"]),
        ("x-{part}-%Y.csv", ["x-03-2027.csv"]),
        ("{part}-{part}.parquet", ["03-03.parquet"]),
    ],
)
def test_paths_hold_the_part(path: str, names: list[str]) -> None:
    """With as many digits as the last one has, so that names sort; 0 where there are no parts."""
    outcome, found = files_of({"type": "file", "path": path}, "--part", "3/12")
    assert (outcome.status, found) == (0, names)
    assert "all parts" not in outcome.err
    outcome, found = files_of({"type": "file", "path": path})
    assert (outcome.status, found) == (0, sorted([*names, names[0].replace("03", "0")]))


def test_summary_and_checkpoint_hold_the_part() -> None:
    """As a path does."""
    flags = ("--part", "3/12", "--summary", "s-{part}", "--resume", "c-{part}")
    outcome, found = files_of({"type": "file", "path": "x-{part}"}, *flags)
    assert (outcome.status, found) == (0, ["c-03", "s-03", "x-03"])
    assert "--part 3/12" in json.loads(Path("s-03").read_text())["repeat"]


def test_path_that_all_parts_share_is_told() -> None:
    """In a tee too; a device is nobody's file."""
    shared = {"type": "file", "path": "x.jsonl"}
    text = "warning: t.json: x.jsonl: all parts would write this file; with {part} in the path each has its own\n"
    for target in (shared, {"type": "tee", "targets": [shared, {"type": "null"}]}):
        assert text in files_of(target, "--part", "0/2")[0].err
        assert text not in files_of(target)[0].err
    assert "warning" not in files_of({"type": "file", "path": "/dev/null"}, "--part", "0/2")[0].err


def test_rate_of_a_part_is_that_of_its_workers() -> None:
    """No part has more than its share of records by far: they are alike, and none is empty."""
    plan = first_records(plan_of("clickstream", max_workers="none", schedule="none"), 5000)
    sizes = [len(part.lines) for part in parts_of(plan, 4)]
    assert min(sizes) > 0.8 * max(sizes)
