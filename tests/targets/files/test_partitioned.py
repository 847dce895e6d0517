"""Files by time: which record is in which file, what the files are called, what a failure leaves."""

import errno
import gzip
import io
import itertools
import json
import re
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.cli.signals import Interruption
from datagen.columns import strftime
from datagen.columns.strftime import TimePattern
from datagen.errors import TargetError
from datagen.formats import JsonLines
from datagen.formats.rendered import Rendered
from datagen.instants import NAIVE, SECOND, parse_instant
from datagen.locks import FileLock
from datagen.one_line import plural, were
from datagen.running.clock import RealClock
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets import Sink
from datagen.targets.files.target import FileTarget
from tests.support.files import FULL, Disk, deliver_until_signal, no_room, program
from tests.support.helpers import Outcome, invoke
from tests.support.machines import ENDING, Spec, constant
from tests.support.records import rendered

START = "2027-03-12T05:20:00"
SLOW: Spec = {**ENDING, "interarrival": constant(30)}
HOUR, DAY = 3600 * SECOND, 86_400 * SECOND


def run(*arguments: str, spec: Spec = SLOW, start: str = START) -> Outcome:
    """Run the program with everything fixed but the target and the limits."""
    return invoke("--seed", "1", "-s", start, *arguments, spec=spec)


def into(path: Path | str, **keys: Any) -> Spec:
    """Return the specification with a file target."""
    return {**SLOW, "target": {"type": "file", "path": str(path), **keys}}


def files(folder: Path) -> dict[str, bytes]:
    """Return what each file below a folder holds, but locks, by name, in order of name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): whole(path) for path in paths}


def whole(path: Path) -> bytes:
    """Return what a file holds, decompressed where it is compressed, by tools that are not ours."""
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
            return bytes(stream.read())
    return data


def times(data: bytes) -> list[str]:
    """Return the instants of records, as written."""
    return [json.loads(line)["time"] for line in data.splitlines()]


def micros(*texts: str) -> list[int]:
    """Return instants of 2027 by month, day and time."""
    return [parse_instant(f"2027-{text}").micros for text in texts]


def records(instants: list[int]) -> Rendered:
    """Return a record for each instant, which is all that it holds."""
    return rendered([b"%d\n" % instant for instant in instants], instants)


def opened(path: Path | str, **keys: Any) -> Sink:
    """Open a file target."""
    return FileTarget.model_validate({"path": str(path), **keys}).open(io.BytesIO())


def written(path: Path, *batches: list[int], **keys: Any) -> Sink:
    """Write batches of records of these instants."""
    with opened(path, **keys) as sink:
        for instants in batches:
            sink.write(records(instants))
    return sink


def numbers(folder: Path) -> dict[str, list[int]]:
    """Return the instants that each file holds."""
    return {name: list(map(int, data.split())) for name, data in files(folder).items()}


# Which record is where ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three_days() -> bytes:
    """Return three days of records, in one piece."""
    return run("-r", "3D").out


@pytest.mark.parametrize(
    ("pattern", "same", "count"),
    [
        ("e-%Y%m%dT%H.json", 13, 73),
        ("e-%Y-%m-%d.json.gz", 10, 4),
        ("%Y/%m/%d/%H.zst", 13, 73),
        ("%j/e.json.zst", 10, 4),
        ("%Y-%m.json", 7, 1),
    ],
)
def test_each_record_is_in_the_file_of_its_time(
    pattern: str, same: int, count: int, tmp_path: Path, three_days: bytes
) -> None:
    """A file has one hour, day or month (the first characters of `time`); together they are all."""
    outcome = run("-r", "3D", spec=into(tmp_path / pattern))
    held = files(tmp_path)
    periods = [{text[:same] for text in times(data)} for data in held.values()]
    assert len(set.union(*periods)) == len(held) == count
    assert b"".join(held.values()) == three_days
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    count = len(three_days.splitlines())
    assert f"\n{count:,} records, {size:,} bytes in " in outcome.err


def test_files_are_called_after_their_hours(tmp_path: Path) -> None:
    """From the hour of the start to the last one; a doubled percent sign is one."""
    run("-r", "3H", spec=into(tmp_path / "100%%-%Y%m%dT%H.json"))
    assert list(files(tmp_path)) == [f"100%-20270312T0{hour}.json" for hour in (5, 6, 7, 8)]


@pytest.mark.parametrize("offset", ["Z", "+05:30", "-11:45"])
def test_hours_are_those_of_the_offset(offset: str, tmp_path: Path) -> None:
    """The name agrees with the `time` of the records, wherever the hour begins in UTC."""
    run("-r", "26H", spec=into(tmp_path / "%Y-%m-%dT%H"), start=START + offset)
    held = files(tmp_path)
    assert len(held) == 27
    for name, data in held.items():
        assert all(text.startswith(name) and text.endswith(offset) for text in times(data))


EDGES = micros("01-01", "01-01T00:00:01", "01-01T00:01", "01-01T00:02:01", "01-01T01:00",
               "01-01T12:00", "01-02T00:00", "01-04T00:00", "02-01T00:00", "12-31T23:59:59.001",
               "12-31T23:59:59.002")  # fmt: skip


@pytest.mark.parametrize("letter", [*strftime._KNOWN.replace("%", ""), "f", "3f", ":z"])
def test_every_directive_cuts_where_its_text_changes(letter: str, tmp_path: Path) -> None:
    """Right before and at the ends of seconds, minutes, hours, days, weeks, months, years."""
    instants = sorted({edge + more for edge in EDGES for more in (-1, 0, 1)})
    written(tmp_path / f"x%{letter}.json", instants)
    names = TimePattern(f"x%{letter}").format_instants(np.array(instants), NAIVE).to_pylist()
    expected = dict(zip(instants, names, strict=True))
    held = numbers(tmp_path)
    for file, inside in held.items():
        assert all(re.fullmatch(rf"{re.escape(expected[i])}(-\d+)?\.json", file) for i in inside)
    assert sorted(itertools.chain(*held.values())) == instants


@pytest.mark.parametrize("size", [1, 2, 5])
def test_batches_do_not_matter(size: int, tmp_path: Path) -> None:
    """A file is the same whether its records come in one batch or in several."""
    instants = [EDGES[0] + step * 7 * 60 * SECOND for step in range(20)]
    batches = [instants[place : place + size] for place in range(0, 20, size)]
    written(tmp_path / "%H.json", *batches)
    by_hour = itertools.groupby(instants, lambda instant: (instant - EDGES[0]) // HOUR)
    assert numbers(tmp_path) == {f"0{hour}.json": list(inside) for hour, inside in by_hour}


def test_real_clock_fills_the_same_files(tmp_path: Path) -> None:
    """Paced by an injected clock, slice by slice, each record is where a simulated run has it."""
    spec, _ = parse_spec(SLOW, "test.json")
    now = itertools.accumulate(itertools.repeat(0.9))
    start = parse_instant(START)
    for name, clock in (("live", RealClock(start.micros, lambda: next(now), lambda _: None)),
                        ("simulated", None)):  # fmt: skip
        (tmp_path / name).mkdir()
        target = FileTarget(path=str(tmp_path / name / "%H%M.json.gz"))
        plan = Plan(spec, "test.json", target, JsonLines(), start, 1, 100, duration=HOUR)
        Run(plan).deliver(io.BytesIO(), Interruption(), clock)
    assert len(files(tmp_path / "live")) == 60
    assert files(tmp_path / "live") == files(tmp_path / "simulated")


def test_no_records_make_no_file(tmp_path: Path) -> None:
    """There is no time that a file could be called after."""
    outcome = run("-n", "0", spec=into(tmp_path / "%H.json.gz"))
    assert (outcome.status, files(tmp_path)) == (0, {})


# Names --------------------------------------------------------------------------------------------

TWO_DAYS = micros("03-12T00:10", "03-12T01:10", "03-13T00:20", "03-13T01:20", "03-14T00:30")
NUMBERED = {"00.json": [TWO_DAYS[0]], "00-1.json": [TWO_DAYS[2]], "00-2.json": [TWO_DAYS[4]],
            "01.json": [TWO_DAYS[1]], "01-1.json": [TWO_DAYS[3]]}  # fmt: skip


@pytest.mark.parametrize("mode", ["overwrite", "append"])
def test_name_that_comes_again_gets_a_number(mode: str, tmp_path: Path) -> None:
    """A finished file of the same run is never reopened, in either mode."""
    written(tmp_path / "%H.json", TWO_DAYS, mode=mode)
    assert numbers(tmp_path) == NUMBERED


def test_same_hour_of_another_day_is_another_file(tmp_path: Path) -> None:
    """Also where nothing came in between; but a month goes on over days without records."""
    quiet = [TWO_DAYS[0], TWO_DAYS[2], TWO_DAYS[4]]
    written(tmp_path / "%H.json", quiet)
    written(tmp_path / "%m.json", quiet)
    assert numbers(tmp_path) == {
        "00.json": quiet[:1], "00-1.json": quiet[1:2], "00-2.json": quiet[2:], "03.json": quiet
    }  # fmt: skip


def test_files_of_an_earlier_run_are_replaced(tmp_path: Path) -> None:
    """To overwrite is to leave what one run makes, numbers included, however often it runs."""
    for _ in range(2):
        written(tmp_path / "%H.json", [instant + 1 for instant in TWO_DAYS])
        written(tmp_path / "%H.json", TWO_DAYS)
    assert numbers(tmp_path) == NUMBERED


def test_appending_leaves_files_of_an_earlier_run_alone(tmp_path: Path) -> None:
    """The smallest number that is free is taken; together the files hold what all runs made."""
    for name in ("00.json", "00-1.json", "00-3.json"):
        (tmp_path / name).write_text("1\n")
    written(tmp_path / "%H.json", TWO_DAYS, mode="append")
    old = {"00.json": [1], "00-1.json": [1], "00-3.json": [1]}
    new = {"00-2.json": TWO_DAYS[:1], "00-4.json": TWO_DAYS[2:3], "00-5.json": TWO_DAYS[4:],
           "01.json": TWO_DAYS[1:2], "01-1.json": TWO_DAYS[3:4]}  # fmt: skip
    assert numbers(tmp_path) == old | new


@pytest.mark.parametrize(
    ("pattern", "first", "second"),
    [
        ("e.v1-%H.json.gz", "e.v1-00.json.gz", "e.v1-00-1.json.gz"),
        ("%H.zst", "00.zst", "00-1.zst"),
        ("%H", "00", "00-1"),
        (".%H", ".00", ".00-1"),
        ("a.b/%H", "a.b/00", "a.b/00-1"),
        ("%H/e.jsonl", "00/e.jsonl", "00/e-1.jsonl"),
    ],
)
def test_number_stands_before_the_endings(
    pattern: str, first: str, second: str, tmp_path: Path
) -> None:
    """So that tools still know the type of the file."""
    (tmp_path / "a.b").mkdir()
    written(tmp_path / pattern, [TWO_DAYS[0], TWO_DAYS[2]])
    assert sorted(files(tmp_path)) == sorted([first, second])


# While it is written ------------------------------------------------------------------------------


def test_part_is_the_file_that_is_being_written(tmp_path: Path) -> None:
    """One at most; an older file of the name stays as it is until the new one is whole."""
    (tmp_path / "00.json").write_text("1\n")
    sink = opened(tmp_path / "%H.json")
    sink.write(records(TWO_DAYS[:1]))
    assert numbers(tmp_path) == {"00.json": [1], "00.json.part": TWO_DAYS[:1]}
    sink.write(records(TWO_DAYS[1:2]))
    assert numbers(tmp_path) == {"00.json": TWO_DAYS[:1], "01.json.part": TWO_DAYS[1:2]}
    sink.close()
    assert numbers(tmp_path) == {"00.json": TWO_DAYS[:1], "01.json": TWO_DAYS[1:2]}


@pytest.mark.parametrize("mode", ["overwrite", "append"])
def test_part_of_a_killed_run_is_replaced(mode: str, tmp_path: Path) -> None:
    """Never added to, and not without a word."""
    (tmp_path / "05.json.part").write_text('{"half')
    outcome = run("-n", "3", spec=into(tmp_path / "%H.json", mode=mode))
    assert files(tmp_path) == {"05.json": run("-n", "3").out}
    assert f"warning: replacing {tmp_path}/05.json.part, left over" in outcome.err


def test_part_that_another_run_writes_is_left_alone(tmp_path: Path) -> None:
    """Two runs to the same files do not mix; the second is told."""
    (tmp_path / "05.json.part").write_text("x\n")
    lock = FileLock.beside(str(tmp_path / "05.json"))
    outcome = run("-n", "3", spec=into(tmp_path / "%H.json"))
    lock.release()
    text = f"{tmp_path}/05.json.part: it is already being written; 0 records were delivered\n"
    assert (outcome.status, files(tmp_path)) == (1, {"05.json.part": b"x\n"})
    assert outcome.err.endswith(text)


@pytest.mark.parametrize("name", ["%H%M.json", "%H%M.json.gz", "%H%M.zst"])
def test_signal_finishes_the_file(name: str, tmp_path: Path) -> None:
    """All that came before it is delivered, counted, and under a name without `.part`."""
    spec, _ = parse_spec(SLOW, "test.json")
    target = FileTarget(path=str(tmp_path / name))
    run = Run(Plan(spec, "test.json", target, JsonLines(), parse_instant(START), 1, 100))
    deliver_until_signal(run)
    held = files(tmp_path)
    assert len(held) > 1
    assert not any(file.endswith(".part") for file in held)
    assert b"".join(held.values()).count(b"\n") == run.summary.delivered == run.summary.generated


# Failures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_disk_that_fills_up_leaves_whole_records(ending: str, tmp_path: Path) -> None:
    """Finished files stay; the one that failed keeps `.part` and whole records, all of them counted."""
    limit = 160_007 if ending else 1_600_007  # between the sizes of half a week and of a whole one
    spec = {**SLOW, "target": {"type": "file", "path": f"{tmp_path}/week%V{ending}"}}
    status, said = program(
        spec, n=90_000, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    part = f"{tmp_path}/week11{ending}.part"
    held = whole(tmp_path / f"week10{ending}") + whole(Path(part))
    count = held.count(b"\n")
    assert (status, len(files(tmp_path))) == (1, 2)
    assert run("-n", str(count), start="2027-03-12").out == held
    assert said.endswith(f"{part}: File too large; {count} records were delivered\n")


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_failed_write_leaves_whole_lines(
    failure: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it stops; after a failure the file keeps its `.part`, after a second signal not."""
    two_days = records(TWO_DAYS)
    data = bytes(two_days.as_bytes().data)
    part = ".part" if isinstance(failure, OSError) else ""
    for room in range(0, len(data), 5):
        folder = tmp_path / str(room)
        folder.mkdir()
        sink = opened(folder / "%m%dT%H.json")
        monkeypatch.setattr("datagen.targets.descriptor.os.write", Disk(5, room, failure))
        with pytest.raises((TargetError, KeyboardInterrupt)) as raised:
            sink.write(two_days)
        monkeypatch.undo()
        sink.close()
        count = room // (len(data) // len(TWO_DAYS))
        held = files(folder)
        assert list(held)[-1].endswith(part)
        assert b"".join(held.values()) == data[: sink.bytes]
        assert (sink.delivered, sink.bytes) == (count, count * 17)
        assert not part or str(raised.value).endswith(
            f".part: full; {count} {plural('record', count)} {were(count)} delivered"
        )


@FULL
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_full_device_is_told(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first record, or at the end where it is held back: nothing was delivered."""
    part = tmp_path / f"05{ending}.part"
    monkeypatch.setattr("datagen.targets.descriptor.os.write", no_room)
    outcome = run("-n", "9", spec=into(tmp_path / f"%H{ending}"))
    said = f"{part}: No space left on device; 0 records were delivered\n"
    assert (outcome.status, part.exists()) == (1, True)
    assert outcome.err.endswith(said)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("no/%H.json", '{0}/no/%H.json: there is no folder "{0}/no"; 0'),
        ("taken/%H.json", '{0}/taken/%H.json: there is no folder "{0}/taken"; 0'),
        ("%%taken/%H.json", '{0}/%%taken/%H.json: there is no folder "{0}/%taken"; 0'),
        ("%Y/%m/x", "{0}/2027/03/x.part: Not a directory; 0"),
        ("%Y/x.json", "{0}/2027/x.json.part: File exists; 0"),
        ("%H", "{0}/05: Is a directory; 7"),
        ("%H" + "x" * 250, "{0}/05" + "x" * 250 + ".part: File name too long; 0"),
    ],
)
def test_file_that_cannot_be_made(pattern: str, said: str, tmp_path: Path) -> None:
    """A folder that does not depend on time must exist; the others are made, where they can be."""
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "2027").write_text("a file")
    (tmp_path / "05").mkdir()
    outcome = run("-n", "7", "-q", spec=into(f"{tmp_path}/{pattern}"))
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == f"{said.format(tmp_path)} records were delivered"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("%Q.json", '"%Q" is not a strftime directive; a percent sign is written %%'),
        ("%H-50%", '"%" is not a strftime directive; a percent sign is written %%'),
        ("a%%%/%H", '"%/" is not a strftime directive; a percent sign is written %%'),
        ("%4f.json", '"%4" is not a strftime directive; a percent sign is written %%'),
        ("%Y/", "expected the path of a file"),
        ("\ud800%H", "a lone surrogate is not a character"),
        ("\ud800", "a lone surrogate is not a character"),
    ],
)
def test_path_that_is_none_is_refused(path: str, said: str) -> None:
    """On load, with its place."""
    outcome = run("--validate", spec=into(path))
    assert (outcome.status, outcome.err) == (1, f"stdin: target.path: {said}\n")
