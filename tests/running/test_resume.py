"""Whether a run starts anew or goes on, and what stands in the way of either."""

from pathlib import Path
from typing import Any

import pytest

from datagen.errors import OperationError, UsageError
from datagen.file_set import FileSet
from datagen.instants import SECOND, Instant, parse_instant
from datagen.running.checkpoint import CheckpointFile
from datagen.running.options import Request
from datagen.running.plan import Plan
from datagen.running.resume import fingerprint, resume_or_start
from datagen.spec.parsing import parse_spec
from datagen.targets.files.target import FileTarget
from tests.running.test_checkpointing import checkpoint
from tests.running.test_plan import NOW, START, plan
from tests.support.machines import ENDING, Spec

SPEC = parse_spec(ENDING, "test.json")[0]
HASHES = fingerprint(ENDING, SPEC, 100, None)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def into_a_file(**keys: Any) -> Plan:
    """Return a plan whose run can be gone on with."""
    return plan(target=FileTarget(path="out"), fingerprint=HASHES, **keys)


def kept(**keys: Any) -> None:
    """Leave a checkpoint of a run in the file `ck`."""
    with CheckpointFile("ck") as file:
        file.write(checkpoint(start=START, fingerprint=HASHES, **keys))


def resumed(request: Request, made: Plan | None = None, *files: FileSet) -> tuple[Plan, list[str]]:
    """Return the plan that goes on, and the warnings."""
    told: list[str] = []
    with resume_or_start(request, made or into_a_file(), files, told.append, NOW.time) as found:
        return found, told


def test_a_plan_without_resume_stays_as_it_is() -> None:
    """No file is read or written."""
    made = plan()
    assert resumed(Request(), made) == (made, [])
    assert list(Path().iterdir()) == []


def test_without_a_file_a_run_starts_anew() -> None:
    """It gets checkpoints, and nothing to go on from."""
    found, _ = resumed(Request(resume="ck", checkpoint_every=3))
    assert found.checkpointing is not None
    assert (found.checkpointing.resumed_from, found.checkpointing.every) == (None, 3)


def test_a_checkpoint_decides_seed_start_and_clock() -> None:
    """Where the command line says nothing of them."""
    kept(seed=77, real_clock=True)
    found, told = resumed(Request(resume="ck"), into_a_file(start=None))
    assert (found.seed, found.start, found.real_clock, told) == (77, START, True, [])


@pytest.mark.parametrize(
    ("request_", "error", "text"),
    [
        (Request(resume="ck", seed=2), UsageError, "--seed 2: ck was written with seed 1"),
        (
            Request(resume="ck", start="now"),
            UsageError,
            "-s now: ck was written by a run that started at",
        ),
        (Request(resume="ck", speed=2), UsageError, "--speed needs the real clock"),
        (Request(resume="ck", catch_up="skip"), UsageError, "--catch-up needs the real clock"),
    ],
)
def test_flags_that_contradict_a_checkpoint_are_refused(
    request_: Request, error: type[Exception], text: str
) -> None:
    """Before anything is opened."""
    kept()
    made = into_a_file(start=NOW.time) if request_.start else into_a_file()
    with pytest.raises(error, match=text):
        resumed(request_, made)


def test_what_has_changed_is_named_or_gone_on_with() -> None:
    """`--resume-anyway` makes a warning of it."""
    kept()
    changed = plan(target=FileTarget(path="out"), fingerprint={**HASHES, "-m": "7"})
    with pytest.raises(OperationError, match="ck: -m changed since the previous run"):
        resumed(Request(resume="ck"), changed)
    _, [warning] = resumed(Request(resume="ck", resume_anyway=True), changed)
    assert warning.startswith("ck: -m changed since the previous run: ")


def test_a_file_of_the_run_is_no_checkpoint() -> None:
    """The file of the records, for example."""
    with pytest.raises(OperationError, match="--resume out: out is already used for the records"):
        resumed(Request(resume="out"), None, FileTarget(path="out").files())


def test_a_run_ends_after_its_start() -> None:
    """On either clock, whether or not it could be gone on with."""
    early = Instant(START.micros - SECOND, START.style)
    with pytest.raises(UsageError, match="this is before the start"):
        resumed(Request(until="x"), plan(until=early))
    with pytest.raises(UsageError, match="this is in the past"):
        resumed(Request(until="x"), plan(start=None, until=early))


def test_warm_up_begins_within_the_calendar() -> None:
    """Nothing is simulated before the year 1."""
    first = parse_instant("0001-01-01T00:00:01Z")
    with pytest.raises(UsageError, match="before the year 1"):
        resumed(Request(), plan(start=first, warm_up=2 * SECOND))


@pytest.mark.parametrize(
    ("changed", "differ"),
    [
        ({"target": {"type": "null"}}, set()),
        ({"format": "csv", "_note": 1}, set()),
        ({"interarrival": {"type": "constant", "value": 1}}, {"the specification"}),
    ],
)
def test_fingerprint_is_of_what_the_records_depend_on(changed: Spec, differ: set[str]) -> None:
    """Where they go, how they look, and comments make no other stream."""
    found = fingerprint({**ENDING, **changed}, SPEC, 100, None)
    assert {name for name in found if found[name] != HASHES[name]} == differ
    assert fingerprint(ENDING, SPEC, 5, None)["-m"] != HASHES["-m"]
