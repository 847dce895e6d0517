"""Specifications changed at random: refused in words or run, never a traceback, a hang or half a line."""

import gc
import io
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

import generator
from datagen.curves.curve import CURVES
from datagen.distributions.base import DISTRIBUTIONS
from datagen.fields import FIELDS
from datagen.fields.instants import INSTANTS
from datagen.one_line import counted
from datagen.validation import Family
from tests.support.dialects import OLD_SPECS
from tests.support.helpers import Outcome, invoke
from tests.support.mutations import ALL_SPECS, extreme, mutated
from tests.support.quickness import slowness
from tests.support.shapes import PROCESS, SPECS
from tests.support.time_mutations import replays

SECONDS = 5  # of processor time of a usual machine for each case
RUN = ("-n", "20", "-s", "2027-03-12", "--seed", "1", "-q")


@pytest.mark.parametrize("name", SPECS)
def test_shapes_of_the_field_run(name: str) -> None:
    """Each validates without a warning and makes records of its named fields, in order."""
    spec = SPECS[name]
    states, emitters = (counted(len(spec[f"{what}s"]), what) for what in ("state", "emitter"))
    counts = f"{states}, {emitters}"
    assert invoke("--validate", spec=spec).err == f"stdin: ok: {counts}\n"
    records = invoke("-n", "1000", "-s", "2027-03-12", "--seed", "1", spec=spec).records
    named = [
        ["time"] * (spec is not PROCESS) + [field["name"] for field in each["dimensions"]]
        for each in spec["emitters"]
    ]
    assert len(records) == 1000
    for record in records:
        assert any([name for name in names if name in record] == list(record) for names in named)


@pytest.mark.parametrize("name", OLD_SPECS)
def test_old_words_run(name: str) -> None:
    """Each validates, with a line for each old word, and makes records of its named fields, in order."""
    spec = OLD_SPECS[name]
    checked = invoke("--validate", "-v", spec=spec)
    assert (checked.status, "old word" in checked.err) == (0, True)
    records = invoke("-n", "1000", "-s", "2027-03-12", "--seed", "1", spec=spec).records
    named = [
        dict.fromkeys(field["name"] for field in each["dimensions"]) for each in spec["emitters"]
    ]
    if name == "placed":
        named[1] = {"time": None, **named[1]}
    assert len(records) == 1000
    assert {tuple(record) for record in records} == {tuple(names) for names in named}


def used(node: Any) -> Iterator[tuple[str, str]]:
    """Yield every (type, key) of the objects in a specification that have a type."""
    if isinstance(node, dict):
        yield from ((str(node["type"]), key) for key in node if "type" in node)
        for value in node.values():
            yield from used(value)
    elif isinstance(node, list):
        for value in node:
            yield from used(value)


@pytest.mark.parametrize(
    "family", [FIELDS, DISTRIBUTIONS, INSTANTS, CURVES], ids=lambda family: family.noun
)
def test_specifications_use_every_type_and_key(family: Family[Any]) -> None:
    """So that the mutations reach all of them; `name` is everybody's."""
    known = {
        (kind, field.alias or key)
        for kind, model in family.items()
        for key, field in model.model_fields.items()
    }
    common = {"name", "percent_nulls", "percent_missing"}
    assert {pair for pair in known if pair[1] not in common} <= set(used(list(ALL_SPECS.values())))


class TooSlowError(BaseException):
    """A case took too long; not an Exception, so that nothing in between handles it."""


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise TooSlowError after some seconds of processor time, whatever else runs on the machine.

    No collection of garbage looks at what other tests left: that may take a second of the case's time.
    """

    def stop(number: int, frame: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    gc.freeze()
    signal.setitimer(signal.ITIMER_PROF, SECONDS * slowness())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.unfreeze()
        signal.signal(signal.SIGPROF, before)


def run(data: bytes, *flags: str) -> Outcome:
    """Run the program on a specification, within the time limit."""
    out, err = io.BytesIO(), io.StringIO()
    try:
        with time_limit():
            status = generator.main([*RUN, *flags], io.BytesIO(data), out, err)
    except TooSlowError:
        assume("might never end" not in err.getvalue())  # it said so
        raise
    return Outcome(status, out.getvalue(), err.getvalue())


def check(data: bytes) -> None:
    """Check that a run ends well: with whole records, or with problems, a line each."""
    began = time.monotonic()
    outcome = run(data)
    assert time.monotonic() - began < 60  # nobody waits for anything here
    told = outcome.err.splitlines()
    assert "Traceback" not in outcome.err
    assert "internal error" not in outcome.err
    assert all(line.isprintable() for line in told)
    assert outcome.out.endswith(b"\n") or not outcome.out
    # a process has no `time` of its own, nor files that set on entry; others may place it
    timed = not any(
        word in data for word in (b'"event:start:timer"', b'"variables_on_entry"', b'clock"')
    )
    assert all(not timed or next(iter(record)) == "time" for record in outcome.records)
    if outcome.status == 0:
        assert len(outcome.records) == 20
    else:
        assert outcome.status == 1
        assert told


@pytest.mark.long
@settings(max_examples=400)
@given(extreme())
def test_extreme_parameters_are_refused_or_run(data: bytes) -> None:
    """No overflow, no warning, no endless or monstrous record: exit 0 with 20 records, or 1."""
    check(data)


@settings(max_examples=300)
@given(mutated())
def test_mutated_specification_is_refused_or_runs(data: bytes) -> None:
    """Whatever the change: exit 0 and 20 records, or exit 1 and a problem a line, within the limit."""
    check(data)


@pytest.mark.long
@settings(max_examples=600)
@given(mutated())
def test_many_mutated_specifications_are_refused_or_run(data: bytes) -> None:
    """Twice as many."""
    check(data)


def check_replay(spec: dict[str, Any], source: str, folder: Path) -> None:
    """Check that a replay ends well: with its records, or with a line that says why not."""
    (folder / spec["source_file"]).write_text(source, encoding="utf-8")
    named = {**spec, "source_file": str(folder / spec["source_file"])}
    outcome = run(json.dumps(named).encode())
    assert "Traceback" not in outcome.err
    assert "internal error" not in outcome.err
    assert all(line.isprintable() for line in outcome.err.splitlines())
    assert outcome.out.endswith(b"\n") or not outcome.out
    assert outcome.status == 0 or (outcome.status == 1 and outcome.err)
    if outcome.status == 0 and spec.get("format", "json") == "json":
        assert all("n" in record for record in outcome.records)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(replay=replays())
def test_mutated_replay_is_refused_or_runs(
    replay: tuple[dict[str, Any], str], tmp_path: Path
) -> None:
    """Whatever the times of its source are, and how they are said to be written."""
    check_replay(*replay, tmp_path)


@pytest.mark.long
@settings(max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(replay=replays())
def test_many_mutated_replays_are_refused_or_run(
    replay: tuple[dict[str, Any], str], tmp_path: Path
) -> None:
    """Five times as many."""
    check_replay(*replay, tmp_path)
