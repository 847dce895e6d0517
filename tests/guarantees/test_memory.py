"""What workers remember is the same in any windows, after any resume, in any process, and as a plain machine has it."""

import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random
from typing import Any

import pytest

from datagen.cli.signals import Interruption
from datagen.formats import JsonLines
from datagen.formats.variable_texts import VariableTexts
from datagen.instants import NAIVE, SECOND, Instant, parse_instant
from datagen.part import WHOLE, Part
from datagen.position import Cursor
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.simulation import circles
from datagen.simulation.cursor import machine_cursor
from datagen.simulation.pool import Pool
from datagen.simulation.source import Simulation
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.running.test_plan import plan
from tests.support.machines import Spec
from tests.support.memory_machines import random_machine
from tests.support.plain_machine import plain_lines

START = parse_instant("2027-03-12").micros
ONE_BY_ONE, MIXED, BY_ARRAYS = 10**9, 20, 1  # from how many workers on arrays are used
LONG = [
    pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 50)
]  # a quarter for each property


def written(spec: Spec, seed: int, workers: int, n: int, span: int | None) -> list[str]:
    """Return the records of a run whose windows have a span, in microseconds, if one is given."""

    def force(pool: Pool) -> None:
        if span is not None:
            pool.span, pool.window_size = span, 5

    plan = Plan(parse_spec(spec, "test.json")[0], "test.json", StdoutTarget(), JsonLines(),
                Instant(START), seed, workers, max_records=n)  # fmt: skip
    out = io.BytesIO()
    Run(plan, force).deliver(out, Interruption())
    return out.getvalue().decode().splitlines()


@pytest.mark.parametrize("seed", [0, 1, *LONG[::4]])
def test_random_machines_are_what_plain_ones_are(seed: int, monkeypatch: Any) -> None:
    """Byte for byte, by arrays and one by one, in one window or in many."""
    random = Random(seed)
    spec, workers = random_machine(random), random.choice([1, 3, 40])
    expected = plain_lines(spec, seed, START, workers, START + random.choice([20, 60]) * SECOND)
    for few in (BY_ARRAYS, MIXED, ONE_BY_ONE):
        monkeypatch.setattr(circles, "_FEW", few)
        for span in (None, random.choice([100_000, 1_000_000, 10_000_000])):
            assert written(spec, seed, workers, len(expected), span) == expected


def test_random_machines_remember_something() -> None:
    """Most values are there, and some are null or missing: else the comparison would mean nothing."""
    shown, nulls = 0, 0
    for seed in range(6):
        spec = random_machine(Random(seed))
        records = map(json.loads, plain_lines(spec, seed, START, 3, START + 60 * SECOND))
        values = [value for record in records for value in record.values()]
        shown, nulls = shown + len(values), nulls + values.count(None)
    assert 0.05 * shown < nulls < 0.6 * shown


class Source:
    """A simulation of a random machine, or of a part of it."""

    def __init__(self, spec: Spec, workers: int, part: Part = WHOLE) -> None:
        self.checked, _ = parse_spec(spec, "test.json")
        texts = VariableTexts(self.checked.variable_types)
        self.simulation = Simulation(
            self.checked, plan(max_workers=workers, part=part), NAIVE, texts
        )
        assert self.simulation.prepare() == []

    def windows(self, size: int, before: Cursor | None = None) -> Iterator[Any]:
        """Yield windows of about so many visits."""
        stream = self.simulation.begin(START, START + 60 * SECOND, lambda: False, before)
        stream.request_window_size(size)
        return stream.windows()


def lines(batches: Iterable[Any]) -> bytes:
    """Return the records of batches as JSON."""
    formatter = JsonLines().compile(plan().spec)
    return b"".join(bytes(formatter.render(each).data) for each in batches)  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", [0, 1, *LONG[1::4]])
def test_windows_are_settled_and_resumed_anywhere(seed: int, monkeypatch: Any) -> None:
    """Other processes make the same records of settled windows, in any order; a cursor goes through JSON."""
    random = Random(seed)
    spec, workers, size = (
        random_machine(random),
        random.choice([1, 3, 40]),
        random.choice([5, 50, 400]),
    )
    monkeypatch.setattr(circles, "_FEW", random.choice([BY_ARRAYS, MIXED, ONE_BY_ONE]))
    part = WHOLE if workers == 1 else random.choice([WHOLE, Part(1, 3)])  # of one there is no share
    usual, settling, other, again = (Source(spec, workers, part) for _ in range(4))
    batches = [usual.simulation.batch(each) for each in islice(usual.windows(size), 40)]
    handed = [settling.simulation.hand_over(each) for each in islice(settling.windows(size), 40)]
    for batch, window in reversed(list(zip(batches, handed, strict=True))):
        assert lines([other.simulation.batch_of(window.work)]) == lines([batch])
        assert window.cursor is not None and batch.cursor is not None
        assert window.cursor.to_json() == batch.cursor.to_json()
    cursor = random.choice(batches).cursor
    assert cursor is not None
    packed = machine_cursor(json.loads(json.dumps(cursor.to_json())))
    assert packed.fits(usual.checked)
    first = next(place for place, each in enumerate(batches) if each.cursor is cursor)
    expected = lines(batches[first:])
    rest = again.windows(random.choice([3, 77]), packed)
    assert lines(again.simulation.batch(each) for each in islice(rest, 600)).startswith(
        expected[:20_000]
    )
