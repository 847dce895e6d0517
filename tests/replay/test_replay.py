"""Replays as a whole: clocks, formats, targets, memory."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from datagen.cli.signals import Interruption
from datagen.formats import JsonLines
from datagen.instants import SECOND
from datagen.replay.checks import parse_replay
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.targets.stdout import StdoutTarget
from tests.running.test_clock import BASE, START, Stream, Time
from tests.support.helpers import invoke
from tests.support.peaks import peak_of
from tests.support.replays import DAY, Spec, out, replayed, rows_of, seconds, spec_of, tried, write


def test_history_then_live() -> None:
    """What is past leaves at once, the rest when it is due; the bytes are those of a simulated run."""
    write(rows_of(7))
    replay, _ = parse_replay(spec_of(), "test.json", io.BytesIO())
    plan = Plan(replay, "test.json", StdoutTarget(), JsonLines(), START, 1, 100,
                duration=3600 * SECOND, real_clock=True)  # fmt: skip
    passing = Time()
    stream = Stream(passing)
    clock = passing.clock(BASE + 1800 * SECOND, history=True)
    Run(plan).deliver(stream, Interruption(), clock)
    assert stream.getvalue().decode() == out(spec_of(), "-r", "1H")
    assert passing.passed == pytest.approx(1800, abs=1)
    for when, data in stream.log:
        assert seconds([json.loads(data.splitlines()[-1])])[0] <= 1800 + when + 0.002


def test_file_that_ends_does_not_wait_for_the_end_of_the_run() -> None:
    """On the real clock, after the last record nothing is to come."""
    write(rows_of(3))
    replay, _ = parse_replay(spec_of(loop=False), "test.json", io.BytesIO())
    plan = Plan(replay, "test.json", StdoutTarget(), JsonLines(), START, 1, 100, real_clock=True)
    passing = Time()
    stream = Stream(passing)
    Run(plan).deliver(stream, Interruption(), passing.clock(BASE))
    assert len(stream.getvalue().splitlines()) == 3
    assert passing.passed == pytest.approx(3, abs=0.1)


def test_formats_know_the_columns() -> None:
    """CSV has those of the first records, and a pattern can write the time another way."""
    write('{"t":"2020-01-01T00:00:00Z","a":1}\n{"t":"2020-01-01T00:00:01Z","b":[2]}\n', "x.ndjson")
    spec = spec_of("x.ndjson", loop=False)
    assert out(spec, "--csv") == f"t,a,b\n{DAY}T00:00:00Z,1,\n{DAY}T00:00:01Z,,[2]\n"
    pattern = {"type": "pattern", "pattern": "{emitter} {t:%d/%b/%Y %H:%M:%S} {a|-} {b!csv}"}
    assert out({**spec, "format": pattern}) == (
        "x 12/Mar/2027 00:00:00 1 \nx 12/Mar/2027 00:00:01 - [2]\n"
    )
    outcome = tried({**spec, "format": {"type": "pattern", "pattern": "{tt}"}})
    assert 'no emitter has a field "tt"; did you mean "t"?' in outcome.err


def test_field_that_comes_late_is_told_where_columns_are_fixed() -> None:
    """JSON takes it; a table needs to know, by `types`."""
    write("".join(f'{{"t":{n}}}\n' for n in range(1500)) + '{"t":1500,"late":7}\n', "x.ndjson")
    spec = spec_of("x.ndjson", time_format="seconds", loop=False)
    assert replayed(spec)[-1]["late"] == 7
    outcome = tried(spec, "--csv")
    assert len(outcome.out.splitlines()) == 1501
    assert outcome.err.splitlines()[-1] == (
        'x.ndjson: line 1501: the field "late" is missing, or has another type, in the first 1,000 records, '
        'which determine the columns; declare it in "types"'
    )
    lines = out({**spec, "types": {"late": "int"}}, "--csv").splitlines()
    assert (lines[0], lines[-1]) == ("t,late", "1804811100,7")


def test_labels_come_from_the_fields() -> None:
    """Names of fields are checked; `{emitter}` is the file's name without its endings."""
    write(rows_of(3))
    target = {"type": "kafka", "endpoint": "localhost:1", "topic": "{emitter}", "topic_key": "nn"}
    outcome = tried(spec_of(target=target), "--validate")
    assert outcome.err == (
        'r.json: target.topic_key: no emitter has a field "nn"; did you mean "n"?\n'
    )
    good = {**target, "topic_key": "n"}
    assert tried(spec_of(target=good), "--validate").status == 0


def test_summary_counts_passes(tmp_path: Path) -> None:
    """In place of workers; `-m` is told to mean nothing."""
    write(rows_of(3))
    Path("r.json").write_text(json.dumps(spec_of()))
    outcome = invoke("-c", "r.json", "-n", "7", "-s", DAY, "--seed", "1", "-m", "5")
    assert outcome.err.splitlines()[0] == "warning: r.json: -m 5: a replay has no workers"
    assert outcome.err.splitlines()[2].startswith("3 passes, 9.0 s up to 2027-03-12T00:00:09")


def largest(lines: int, **keys: Any) -> int:
    """Return the most memory (MB) that a replay of a file takes, and of some more where it loops."""
    texts_of_a_block = [
        f"{n:04d}{',some text that is there to be long' * 4}\n" for n in range(1000)
    ]
    with open("x.csv", "w") as file:
        file.write("t,a,b,c,d\n")
        blocks = range(lines // 1000)
        file.writelines(f"{block}{text}" for block in blocks for text in texts_of_a_block)
    Path("r.json").write_text(json.dumps(spec_of(time_format="millis", **keys)))
    limit = [] if keys.get("loop") is False else ["-n", str(lines + 10)]
    return int(peak_of("-c", "r.json", "-s", DAY, "-q", *limit).megabytes)


def test_memory_does_not_grow_with_the_file() -> None:
    """A file of 75 MB takes about what one of 22 MB takes."""
    assert largest(500_000, loop=False) - largest(150_000, loop=False) < 40


@pytest.mark.long
@pytest.mark.parametrize("keys", [{"loop": True}, {"loop": False, "sort": True}])
def test_memory_of_a_huge_file(keys: Spec) -> None:
    """Two million lines, 300 MB: gaps go to the disk, and so does what is sorted."""
    assert largest(2_000_000, **keys) < (550 if keys.get("sort") else 300)


VALUES: list[dict[str, Any]] = [
    {"price": 2.5, "n": 3, "who": "ab", "o": {"k": [1]}},
    {"price": 4, "n": None, "who": "c"},
    {"price": 1, "n": 7, "who": None, "o": {"k": []}},
]
RECORDS = "".join(
    json.dumps({"t": f"2027-03-12 00:00:0{place}", **rest}) + "\n"
    for place, rest in enumerate(VALUES)
)
PATTERN = "{price * n:.2f}|{upper(who)}|{o.k[0]}|{hour(t)}|{'x' if n else 'y'}|{emitter ~ 1}"
BODY = "{{ price * n if n else '-' }}|{{ upper(who) }}|{{ hour(t) }}|{{ sqrt(price)|round(1) }}"


def test_expressions_over_replayed_records() -> None:
    """In patterns and templates, with the types that the first records show; what is missing is null."""
    write(RECORDS, "x.ndjson")
    pattern = spec_of("x.ndjson", loop=False, format={"type": "pattern", "pattern": PATTERN})
    assert out(pattern).splitlines() == ["7.50|AB|1|0|x|x1", "|C||0|y|x1", "7.00|||0|x|x1"]
    template = spec_of("x.ndjson", loop=False, templates={"t": {"body": BODY}})
    lines = ["7.5|AB|0|1.6", "-|C|0|2.0", "7||0|1.0"]
    assert out(template, "--template", "t").splitlines() == lines


def test_expressions_over_columns_of_texts() -> None:
    """Functions read numbers; arithmetic with the text itself is refused before the first record."""
    write("t,price\n2027-03-12 00:00:00,2.50\n2027-03-12 00:00:01,\n")
    form = {"type": "pattern", "pattern": "{float(price) * 2}"}
    assert out(spec_of(loop=False, format=form)) == "5.0\n\n"
    form = {"type": "pattern", "pattern": "{price * 2}"}
    refused = tried(spec_of(loop=False, format=form))
    assert (refused.status, refused.out) == (1, b"")
    assert "format.pattern: line 1: {price * 2}: column 7: " in refused.err
    assert out(spec_of(loop=False, format=form, types={"price": "float"})) == "5.0\n\n"
