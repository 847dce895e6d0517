"""Replays that go on where another run stopped: the same bytes as one run, whatever came in between."""

import gzip
import io
import itertools
import json
import os
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import generator
from datagen.instants import SECOND
from datagen.replay import passes
from datagen.replay.checks import parse_replay
from tests.running.test_clock import BASE
from tests.support.helpers import Outcome, invoke

DAY = "2027-03-12"
FIXED = ("-s", DAY, "--seed", "7", "-q")
Spec = dict[str, Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def source(count: int, hours: float, file: str = "x.csv", *, mixed: bool = False) -> None:
    """Write records over so many hours, mixed up if that is asked for."""
    chance = random.Random(3)
    first = datetime(2020, 1, 1, tzinfo=UTC)
    micros = sorted(chance.sample(range(int(hours * 3600 * SECOND)), count))
    if mixed:
        chance.shuffle(micros)
    times = [(first + timedelta(microseconds=each)).isoformat() for each in micros]
    lines = [f'{time},{number},"a ""{number % 7}""\n"\n' for number, time in enumerate(times)]
    data = ("t,n,b\n" + "".join(lines)).encode()
    if file.endswith(".parquet"):
        options = pyarrow.csv.ParseOptions(newlines_in_values=True)
        table = pyarrow.csv.read_csv(pa.BufferReader(data), parse_options=options)
        pq.write_table(table, file, row_group_size=100)
    elif "json" in file:
        texts = [json.dumps({"t": time, "n": n}) for n, time in enumerate(times)]
        Path(file).write_text("\n".join(texts))
    else:
        Path(file).write_bytes(gzip.compress(data) if file.endswith(".gz") else data)


def spec_of(file: str = "x.csv", **keys: Any) -> Spec:
    """Return a replay that uses all there is."""
    skipping = {"skip_probability": 0.02, "min_skip_duration": 0, "max_skip_duration": 900}
    injected = [{"field": "n", "null_probability": 0.3}]
    return {"type": "replay", "source_file": file, "time_field": "t", "time_skipping": skipping,
            "null_injection": injected, **keys}  # fmt: skip


def invoked(spec: Spec, *flags: str) -> Outcome:
    """Run with a specification in a file, since stdin may be the source."""
    Path("r.json").write_text(json.dumps(spec))
    return invoke("-c", "r.json", *FIXED, *flags)


def run(spec: Spec, *flags: str) -> bytes:
    """Return what a run makes that has to go well."""
    outcome = invoked(spec, *flags)
    assert outcome.status == 0, outcome.err
    return outcome.out


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("x.csv", {}),
        ("x.csv.gz", {}),
        ("x.ndjson", {}),
        ("x.parquet", {}),
        ("x.csv", {"sort": True}),
        ("x.csv", {"loop": False}),
    ],
)
@pytest.mark.parametrize("held", [True, False])
def test_day_of_hours_is_a_day(
    file: str, keys: Spec, held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three passes, none of them a whole number of hours long, held in memory or not."""
    monkeypatch.setattr(passes, "MAX_RECORDS_IN_MEMORY", 16_384 * held)
    monkeypatch.setattr(passes, "FIRST_READ_BYTES", 2000)
    monkeypatch.setattr(passes, "MAX_READ_BYTES", 9000)
    source(1000, 8.6, file, mixed="sort" in keys)
    spec = spec_of(file, **keys)
    one = run(spec, "-r", "24H")
    hours = [run(spec, "-r", "1H", "--resume", "ck") for _ in range(24)]
    assert b"".join(hours) == one
    assert one.count(b"\n") > (2000 if keys.get("loop", True) else 500)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(
        st.one_of(
            st.integers(0, 250).map(lambda n: ("-n", str(n))),
            st.integers(0, 10**10).map(lambda us: ("-r", f"{us / 1e6:.6f}S")),
        ),
        max_size=6,
    ),
    held=st.booleans(),
    every=st.sampled_from(["0S", "10S"]),
)
def test_pieces_do_not_matter(
    pieces: list[tuple[str, str]],
    held: bool,
    every: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Runs that end after any number of records, or at any instant, leave the files of one run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("pieces"))
        patch.setattr(passes, "MAX_RECORDS_IN_MEMORY", 16_384 * held)
        patch.setattr(passes, "FIRST_READ_BYTES", 500)
        source(150, 1.1)
        spec = spec_of(target={"type": "file", "path": "%H.csv.gz", "format": "csv"})
        end = ("--until", f"{DAY}T12:00")
        for piece in pieces:
            run(spec, *piece, "--resume", "ck", "--checkpoint-every", every)
        run(spec, *end, "--resume", "ck")
        found = {path.name: path.read_bytes() for path in Path().glob("*.gz*")}
        for path in Path().glob("*.gz*"):
            path.unlink()
        run(spec, *end)
        wanted = {path.name: path.read_bytes() for path in Path().glob("*.gz*")}
        assert found == wanted
        assert len(wanted) == 12


def test_replay_that_has_ended_has_no_more() -> None:
    """Without `loop`, further runs make nothing and go well."""
    source(50, 1)
    spec = spec_of(loop=False)
    assert run(spec, "--resume", "ck") == run(spec)
    assert run(spec, "--resume", "ck") == b""
    assert run(spec, "--resume", "ck", "-n", "5") == b""


def test_gap_can_be_left_out() -> None:
    """On the real clock the rest of the records, and what is being left out, come later by as much."""
    source(100, 1)
    replay, _ = parse_replay(spec_of(), "r.json", io.BytesIO())
    stream = passes.ReplayLoop(replay, 7, BASE, BASE + 1800 * SECOND)
    first = [moment for window in stream.windows() for moment in window.times.micros.tolist()]
    stream.jump(3600 * SECOND, BASE + 5400 * SECOND)
    stream.end = BASE + 9000 * SECOND
    second = [moment for window in stream.windows() for moment in window.times.micros.tolist()]
    stream.close()
    whole = passes.ReplayLoop(replay, 7, BASE, BASE + 5400 * SECOND)
    one = [moment for window in whole.windows() for moment in window.times.micros.tolist()]
    whole.close()
    assert first == one[: len(first)]
    assert second == [moment + 3600 * SECOND for moment in one[len(first) :]]
    assert len(first) > 20
    assert len(second) > 20


def test_source_that_can_be_read_only_once_is_refused() -> None:
    """Nobody could go on with it."""
    Path("r.json").write_text(json.dumps(spec_of("-", source_format="csv", loop=False)))
    err = io.StringIO()
    flags = ["-c", "r.json", *FIXED, "--resume", "ck"]
    assert generator.main(flags, io.BytesIO(b"t,n\n2020-01-01,1\n"), io.BytesIO(), err) == 2
    assert (
        err.getvalue()
        .splitlines()[-1]
        .endswith("--resume: stdin can be read only once, so the run cannot be resumed")
    )
    assert not Path("ck").exists()


def test_changed_source_is_refused() -> None:
    """Its size or the instant of its change is another; --resume-anyway goes on, by number."""
    source(100, 1)
    spec = spec_of()
    made = run(spec, "--resume", "ck", "-n", "30").splitlines()
    kept = Path("ck").read_bytes()
    os.utime("x.csv", ns=(0, 0))
    outcome = invoked(spec, "--resume", "ck", "-n", "30")
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1].endswith(
        "ck: x.csv changed since the previous run (use --resume-anyway to resume nevertheless)"
    )
    assert Path("ck").read_bytes() == kept
    outcome = invoked(spec, "--resume", "ck", "-n", "30", "--resume-anyway")
    assert outcome.status == 0
    assert "ck: x.csv changed since the previous run: records may not match" in outcome.err
    assert made + outcome.out.splitlines() == run(spec, "-n", "60").splitlines()
    outcome = invoked(spec, "--resume", "ck", "-n", "30")
    assert outcome.status == 0  # it is the file of the last run now


@pytest.mark.parametrize("loop", [True, False])
def test_source_that_has_become_shorter_is_refused(loop: bool) -> None:
    """Also with --resume-anyway: time would run backwards."""
    source(100, 1)
    run(spec_of(loop=loop), "--resume", "ck", "-n", "60")
    lines = Path("x.csv").read_text().splitlines(keepends=True)
    Path("x.csv").write_text("".join(lines[:21]))  # a record has two lines
    outcome = invoked(spec_of(loop=loop), "--resume", "ck", "-n", "5", "--resume-anyway")
    assert (outcome.status, outcome.out) == (1, b"")
    one = r"^x\.csv: has 10 records, but the run was at record \d+$"
    other = (
        r"^the next record is at \S+, but the previous run had reached \S+: the stream has changed"
    )
    assert re.search(other if loop else one, outcome.err, re.MULTILINE)


def test_source_whose_times_are_earlier_is_refused() -> None:
    """Also with --resume-anyway."""
    source(100, 1)
    run(spec_of(), "--resume", "ck", "-n", "60")
    source(100, 0.1)
    outcome = invoked(spec_of(), "--resume", "ck", "-n", "5", "--resume-anyway")
    assert (outcome.status, outcome.out) == (1, b"")
    assert outcome.err.endswith("the stream has changed\n")


def test_workers_mean_nothing() -> None:
    """As without --resume, -m gives a warning."""
    source(100, 1)
    run(spec_of(), "--resume", "ck", "-n", "30")
    outcome = invoked(spec_of(), "--resume", "ck", "-n", "30", "-m", "5")
    assert outcome.status == 0
    assert "-m 5: a replay has no workers" in outcome.err


def test_checkpoint_of_another_kind_is_refused() -> None:
    """A replay cannot go on with workers, nor workers with a replay."""
    source(100, 1)
    run(spec_of(), "--resume", "ck", "-n", "30")
    outcome = invoke("-c", "payments", "--resume", "ck", "-q", "--resume-anyway")
    assert (outcome.status, outcome.err) == (1, "ck: was written by a replay\n")


def test_checkpoint_of_a_replay_is_small() -> None:
    """However long the source is."""
    source(20_000, 24)
    run(spec_of(), "--resume", "ck", "-n", "15000")
    assert Path("ck").stat().st_size < 2000


def test_rest_of_the_first_pass_has_the_median_of_all_of_it() -> None:
    """The gap to the next pass takes the gaps that earlier runs went through."""
    gaps = [1] * 60 + [100] * 50
    moments = [0, *itertools.accumulate(gaps)]
    Path("x.csv").write_text("t\n" + "".join(f"{each}\n" for each in moments))
    spec = {"type": "replay", "source_file": "x.csv", "time_field": "t", "time_format": "seconds"}
    one = run(spec, "-n", "200")
    assert b"".join(run(spec, "-n", "50", "--resume", "ck") for _ in range(4)) == one
    times = [int(json.loads(line)["t"]) for line in one.splitlines()]
    assert times[111] - times[110] == 1


def yearless(count: int, start: datetime, step: timedelta, form: str, zone: str = "UTC") -> None:
    """Write records so far apart, with two times and a number each, as a zone's clocks show them."""
    lines = ["t,n,u\n"]
    for number in range(count):
        moment = (start + number * step).astimezone(ZoneInfo(zone))
        later = (moment + timedelta(seconds=90)).astimezone(UTC)
        lines.append(f"{moment.strftime(form)},{number},{int(later.timestamp() * 1000)}\n")
    Path("x.csv").write_text("".join(lines))


HARD = [
    (datetime(2023, 12, 20, tzinfo=UTC), timedelta(hours=7), "%b %e %H:%M:%S", {}),
    (datetime(2026, 10, 24, tzinfo=UTC), timedelta(minutes=17), "%b %e %H:%M:%S",
     {"timezone": "Europe/Berlin"}),
    (datetime(2026, 10, 24, tzinfo=UTC), timedelta(minutes=17), "%Y-%m-%d %H:%M",
     {"timezone": "Europe/Berlin"}),
    (datetime(2026, 3, 1, tzinfo=UTC), timedelta(minutes=37), "%H:%M:%S", {}),
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(("start", "step", "form", "keys"), HARD)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"stretch": 1.7},
        {"sort": True},
        {"time_field": ["t", "u"], "stretch": 0.5},
    ],
)
@pytest.mark.parametrize("held", [True, False])
def test_what_times_leave_out_is_the_same_in_pieces(
    start: datetime,
    step: timedelta,
    form: str,
    keys: Spec,
    more: Spec,
    held: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Years, days and hours that come twice follow from the records before, also of another run."""
    monkeypatch.setattr(passes, "MAX_RECORDS_IN_MEMORY", 16_384 * held)
    monkeypatch.setattr(passes, "FIRST_READ_BYTES", 2000)
    monkeypatch.setattr(passes, "MAX_READ_BYTES", 1 << 22 if held else 3000)
    yearless(250, start, step, form, keys.get("timezone", "UTC"))
    spec = {
        "type": "replay",
        "source_file": "x.csv",
        "time_field": "t",
        "time_format": form,
        **keys,
        **more,
    }
    if "time_field" in more:
        spec["time_format"] = [form, "millis"]
    one = run(spec, "-n", "600")
    pieces = [run(spec, "-n", "150", "--resume", "ck") for _ in range(4)]
    assert b"".join(pieces) == one
    assert set(clock_gaps(spec)) == {
        round(step / timedelta(microseconds=1) * spec.get("stretch", 1))
    }


def clock_gaps(spec: Spec) -> list[int]:
    """Return the gaps between the records of three passes, in microseconds."""
    replay, _ = parse_replay(spec, "r.json", io.BytesIO())
    stream = passes.ReplayLoop(replay, 7, BASE, BASE + 400 * 86_400 * SECOND)
    moments: list[int] = []
    for window in stream.windows():
        moments += window.times.micros.tolist()
        if len(moments) > 750:
            break
    stream.close()
    return [later - earlier for earlier, later in itertools.pairwise(moments)]
