"""What counts in sequences, value by value, in several records at a visit, is what a plain machine counts."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from datagen.batch import Batch
from datagen.formats import JsonLines
from datagen.formats.rendered import RecordBytes
from datagen.formats.variable_texts import VariableTexts
from datagen.instants import NAIVE, SECOND, parse_instant
from datagen.part import WHOLE, Part
from datagen.simulation.cursor import machine_cursor
from datagen.simulation.source import Simulation
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from tests.support.counting_machines import random_spec
from tests.support.plain_machine import plain_lines

START = parse_instant("2027-03-12").micros
END = START + 25 * SECOND
WORKERS = 30


class Parameters:
    """What a simulation needs to know of a run."""

    seed, schedule, max_workers = 7, None, WORKERS

    def __init__(self, part: Part = WHOLE) -> None:
        self.part = part


def simulation(spec: Generator, part: Part = WHOLE) -> Simulation:
    """Return a prepared source of batches."""
    made = Simulation(spec, Parameters(part), NAIVE, VariableTexts(spec.variable_types))
    assert made.prepare() == []
    return made


def lines(spec: Generator, batches: list[Batch]) -> list[str]:
    """Return records as JSON."""
    formatter = JsonLines().compile(spec)
    found: list[str] = []
    for each in batches:
        rendered = formatter.render(each)
        assert isinstance(rendered, RecordBytes)
        found += bytes(rendered.data).decode().splitlines()
    return found


def windows(source: Simulation, chance: random.Random, before: Any = None) -> Iterator[Any]:
    """Yield the windows of a run, of random sizes."""
    stream = source.begin(START, END, lambda: False, before)
    for window in stream.windows():
        yield stream, window
        stream.request_window_size(chance.choice([1, 5, 40, 1000]))


def resumed(spec: Generator, chance: random.Random) -> list[Batch]:
    """Return the batches of a run that ends and is resumed again and again."""
    source, before = simulation(spec), None
    batches: list[Batch] = []
    while True:
        for stream, window in windows(source, chance, before):
            batches.append(source.batch(window))
            if chance.random() < 0.2:
                before = machine_cursor(json.loads(json.dumps(source.cursor(stream).to_json())))
                source = simulation(spec)
                break
        else:
            return batches


def handed_over(spec: Generator, chance: random.Random) -> list[Batch]:
    """Return the batches that another process makes, in an order of its own."""
    settling, other = simulation(spec), simulation(spec)
    works = [settling.hand_over(window).work for _, window in windows(settling, chance)]
    order = chance.sample(range(len(works)), len(works))
    found = {place: other.batch_of(works[place]) for place in order}
    return [found[place] for place in range(len(works))]


@pytest.mark.parametrize(
    "number", [*range(12), *(pytest.param(each, marks=pytest.mark.long) for each in range(12, 300))]
)
def test_random_machine_counts_as_a_plain_one(number: int) -> None:
    """Whatever the windows, wherever it is resumed, in whatever order its windows are made elsewhere."""
    chance = random.Random(number)
    raw = random_spec(chance)
    spec, _ = parse_spec(raw, "test.json")
    expected = plain_lines(raw, 7, START, WORKERS, END)
    assert len(expected) > 20
    assert lines(spec, resumed(spec, chance)) == expected
    assert lines(spec, handed_over(spec, chance)) == expected
