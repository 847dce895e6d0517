"""What changed between two runs is named, refused or gone on with."""

import json
import os
from pathlib import Path

import pytest

from datagen.instants import SECOND, parse_instant
from tests.guarantees.kill import counting
from tests.guarantees.resume.resuming import OUT, START, files, into, run, whole
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential, spec_of

OTHER = {**counting(), "interarrival": exponential(4)}


@pytest.mark.parametrize(
    ("arguments", "spec", "status", "said"),
    [
        (["--seed", "8"], into(OUT), 2, "--seed 8: ck was written with seed 7"),
        (
            ["-s", "2027-03-12"],
            into(OUT),
            2,
            "-s 2027-03-12: ck was written by a run that started at " + START,
        ),
        (["-s", "now"], into(OUT), 2, "-s now: ck was written by a run that started at " + START),
        (["-m", "5"], into(OUT), 1, "ck: -m changed since the previous run"),
        (["-m", "none"], into(OUT), 1, "ck: -m changed since the previous run"),
        ([], into(OUT, OTHER), 1, "ck: the specification changed since the previous run"),
        ([], into({**OUT, "path": "x"}), 1, "ck: was written for the target file out, not file x"),
        ([], into({"type": "null"}), 1, "ck: was written for the target file out, not null"),
        (
            ["--speed", "2"],
            into(OUT),
            2,
            "--speed needs the real clock, but ck was written on the simulated",
        ),
        (
            ["--catch-up", "skip"],
            into(OUT),
            2,
            "--catch-up needs the real clock, but ck was written on",
        ),
        (["--resume-anyway"], into({**OUT, "path": "x"}), 1, "ck: was written for the target"),
    ],
)
def test_what_contradicts_the_file_is_refused(
    arguments: list[str], spec: Spec, status: int, said: str
) -> None:
    """Neither the file nor the target is touched."""
    run(into(OUT), "-n", "200")
    before = files(Path()), Path("ck").read_bytes()
    outcome = invoke("-q", "-n", "20", "--resume", "ck", *arguments, spec=spec)
    assert outcome.status == status
    assert said in outcome.err.splitlines()[-1]
    assert (files(Path()), Path("ck").read_bytes()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["--resume-anyway"],
        ["--checkpoint-every", "1S"],
        ["--catch-up", "skip"],
        ["--catch-up", "history"],
    ],
)
def test_flag_alone_needs_resume(arguments: list[str]) -> None:
    """It would do nothing."""
    outcome = invoke("-n", "1", *arguments, spec=counting())
    assert (outcome.status, arguments[0] + " needs --resume" in outcome.err) == (2, True)


def test_comments_and_formats_may_change() -> None:
    """They do not decide which records come."""
    run(into(OUT), "-n", "20")
    run({**into(OUT), "_why": "changed", "format": "json"}, "-n", "20")
    assert Path("out").read_bytes() == whole(counting(), "-n", "40")


def counter_in_place_of_text(spec: Spec) -> Spec:
    """Let a variable be another one."""
    spec["states"][1]["variables"] = [{"name": "step", "type": "uuid"}]
    spec["states"][0]["variables"] = [{"name": "session", "type": "counter", "start": 5}]
    return spec


def test_resume_anyway_goes_on_with_another_specification() -> None:
    """With a warning of what cannot be known; also where counters are new to those who hold them."""
    run(into(OUT, counter_in_place_of_text(counting())), "-n", "200")
    for spec, what in (
        (counting(), "the specification and -m"),
        (counter_in_place_of_text(counting()), "the specification"),
    ):
        outcome = run(into(OUT, spec), "-n", "200", "--resume-anyway", "-m", "50")
        assert (
            f"warning: ck: {what} changed since the previous run: records may not match earlier ones, "
            "and workers may be in states or have variables with another meaning" in outcome.err
        )
        assert run(into(OUT, spec), "-n", "10", "-m", "50").status == 0
    times = [json.loads(line)["time"] for line in Path("out").read_bytes().splitlines()]
    assert (times == sorted(times), len(times)) == (True, 620)


def test_free_arrivals_are_resumed_as_such() -> None:
    """In two runs as in one; whoever goes on with a cap in spite of that starts nobody for a while."""
    for _ in range(2):
        run(into(OUT), "-n", "300", "-m", "none")
    assert Path("out").read_bytes() == whole(counting(), "-n", "600", "-m", "none")
    assert invoke("-q", "-n", "5", "--resume", "ck", spec=into(OUT)).status == 1
    assert "-m changed" in run(into(OUT), "-n", "50", "-m", "1", "--resume-anyway").err


def test_changed_schedule_is_named() -> None:
    """It is not in the specification, and not -m either."""
    run(into(OUT), "-n", "20")
    Path("s.json").write_text('{"type": "constant", "value": 0.5, "applies_to": "arrivals"}')
    outcome = invoke("-q", "-n", "9", "--resume", "ck", "--schedule", "s.json", spec=into(OUT))
    assert outcome.status == 1
    assert "ck: the schedule changed since the previous run" in outcome.err


@pytest.mark.parametrize(
    ("flags", "status", "said"),
    [
        (["--resume", "-"], 2, "--resume -: give a file"),
        (["--resume", "new", "--then-live"], 2, "--then-live needs -s, the instant at which"),
        (
            ["--resume", "new", "--until", "now"],
            2,
            "to generate past records, give the start of the stream with -s",
        ),
    ],
)
def test_first_run_that_lacks_something_is_refused(
    flags: list[str], status: int, said: str
) -> None:
    """What it lacks is said."""
    outcome = invoke("-q", *flags, spec=into(OUT))
    assert outcome.status == status
    assert said in outcome.err
    assert not Path("new").exists()


@pytest.mark.parametrize("path", ["./out", "x/../out"])
def test_path_may_be_written_in_another_way(path: str) -> None:
    """It is the same file."""
    Path("x").mkdir()
    run(into(OUT), "-n", "20")
    run(into({**OUT, "path": path}), "-n", "20")
    assert Path("out").read_bytes() == whole(counting(), "-n", "40")


def test_validate_tells_whether_a_run_would_go_on() -> None:
    """Nothing is touched, no lock is made."""
    flags = ("--validate", "--resume", "ck")
    assert invoke(*flags, spec=into(OUT)).status == 0
    assert os.listdir() == []
    run(into(OUT), "-n", "20")
    before = Path("ck").read_bytes()
    assert invoke(*flags, spec=into(OUT)).status == 0
    outcome = invoke(*flags, spec=into(OUT, OTHER))
    assert outcome.status == 1
    assert "ck: the specification changed since the previous run" in outcome.err
    Path("ck").write_bytes(before[:-9])
    assert "is damaged" in invoke(*flags, spec=into(OUT)).err
    assert invoke("--validate", "--resume", "no/ck", spec=into(OUT)).status == 1


def test_fewer_workers_are_kept_to_when_others_have_ended() -> None:
    """With --resume-anyway and a smaller -m none begins before there are fewer."""
    spec = spec_of({"a": (constant(10), {"stop": 1})}, exponential(0.1))
    run(spec, "-r", "20S", "-m", "30")
    run(spec, "-r", "0S", "-m", "4", "--resume-anyway")
    records = run(spec, "-r", "60S", "-m", "4").records
    starts = sorted(parse_instant(record["time"]).micros for record in records)
    alive = [sum(start <= at < start + 10 * SECOND for start in starts) for at in starts]
    assert max(alive) <= 4


def test_label_of_the_first_state_changes_for_workers_alive() -> None:
    """As the docs warn: a variable is computed again, from the specification that is there now."""
    spec = spec_of({"a": (constant(1), {"b": 1}), "b": (constant(1), {"b": 1})}, constant(1000))
    spec["emitters"][0]["dimensions"] = [{"name": "v", "type": "variable", "variable": "v"}]
    label = {"name": "v", "type": "string:static", "value": "old"}
    spec["states"][0]["variables"] = [label]
    old = run(spec, "-n", "3").records
    label["value"] = "new"
    new = run(spec, "-n", "3", "--resume-anyway").records
    assert [record["v"] for record in old + new] == ["old"] * 3 + ["new"] * 3


def test_workers_in_states_that_are_gone_are_refused() -> None:
    """Nothing can be made of them."""
    run(into(OUT), "-n", "500")
    spec = counting()
    spec["states"] = spec["states"][:1]
    spec["states"][0]["transitions"][0]["next"] = "stop"
    spec["emitters"][0]["dimensions"].pop()
    outcome = invoke("-q", "-n", "1", "--resume", "ck", "--resume-anyway", spec=into(OUT, spec))
    assert outcome.status == 1
    assert outcome.err.endswith("ck: some workers are in states that no longer exist\n")
