"""Machines of the whole language at once make what a plain machine makes, however their stream is cut."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from datagen.batch import Batch
from datagen.fields import selection
from datagen.formats import JsonLines
from datagen.formats.rendered import RecordBytes
from datagen.formats.variable_texts import VariableTexts
from datagen.instants import NAIVE, SECOND, parse_instant
from datagen.part import WHOLE, Part
from datagen.simulation import circles, held_values, value_walk
from datagen.simulation.cursor import machine_cursor
from datagen.simulation.source import Simulation
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from tests.support.helpers import invoke
from tests.support.language_machines import RandomMachine, process_form, with_timeline
from tests.support.plain_machine import plain_lines, plain_run

START = parse_instant("2027-03-12").micros
END = START + 6 * SECOND
FAST, ALL = 1, 50
TAKING_MINUTES = (124, 164)  # each for a plain machine, and no more telling than the others
TIMELINE_SEEDS = [
    *range(100, 104),
    250,  # whose switch has whole numbers in one case, others in another
    *(
        pytest.param(each, marks=pytest.mark.long)
        for each in range(104, 200, 4)
        if each not in TAKING_MINUTES
    ),
]


def seeds(turn: int) -> list[Any]:
    """Return the first machine, and every fourth of the others: each of them is held to one of the four properties."""
    others = range(FAST + turn, ALL, 4)
    return [*range(FAST), *(pytest.param(each, marks=pytest.mark.long) for each in others)]


Made = list[tuple[int, int, str]]  # the instant, the worker and the text of each record


@pytest.fixture(autouse=True)
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a pick with a condition end early: one by one, 10,000 tries take a second."""
    monkeypatch.setattr(selection, "MAX_TRIES", 30)


class Parameters:
    """What a simulation needs to know of a run."""

    seed, schedule = 7, None

    def __init__(self, workers: int | None, part: Part) -> None:
        self.max_workers, self.part = workers, part


class Stream:
    """A specification's stream, or a part of it, made window by window."""

    def __init__(self, spec: Generator, workers: int | None, part: Part = WHOLE) -> None:
        self._spec, self._workers, self._part = spec, workers, part

    def resumed(self, chance: random.Random) -> Made:
        """Return the records of a run that ends and is resumed again and again."""
        batches: list[Batch] = []
        source, before, going = self._source(), None, True
        while going:
            going = False
            for pool, window in self._windows(source, chance, before):
                batches.append(source.batch(window))
                if batches[-1].failure:
                    return self._made(batches)
                if chance.random() < 0.2:
                    before = machine_cursor(json.loads(json.dumps(source.cursor(pool).to_json())))
                    source, going = self._source(), True
                    break
        return self._made(batches)

    def handed_over(self, chance: random.Random) -> Made:
        """Return the records that another process makes, in an order of its own."""
        settling, other = self._source(), self._source()
        works = [settling.hand_over(each).work for _, each in self._windows(settling, chance)]
        order = chance.sample(range(len(works)), len(works))
        found = {place: other.batch_of(works[place]) for place in order}
        batches = [found[place] for place in range(len(works))]
        failed = [place for place, each in enumerate(batches) if each.failure]
        return self._made(batches[: failed[0] + 1] if failed else batches)

    def _source(self) -> Simulation:
        texts = VariableTexts(self._spec.variable_types)
        made = Simulation(self._spec, Parameters(self._workers, self._part), NAIVE, texts)
        made.start_stream(START)
        assert made.prepare() == []
        return made

    @staticmethod
    def _windows(source: Simulation, chance: random.Random, before: Any = None) -> Iterator[Any]:
        pool = source.begin(START, END, lambda: False, before)
        for window in pool.windows():
            yield pool, window
            pool.request_window_size(chance.choice([1, 5, 40, 1000]))

    def _made(self, batches: list[Batch]) -> Made:
        formatter = JsonLines().compile(self._spec)
        found: Made = []
        for each in batches:
            rendered = formatter.render(each)
            assert isinstance(rendered, RecordBytes)
            lines = bytes(rendered.data).decode().splitlines()
            found += zip(each.times.tolist(), each.workers.tolist(), lines, strict=True)
        return found


def lines_of(made: Made) -> list[str]:
    """Return the texts of records."""
    return [line for _, _, line in made]


def by_arrays_or_one_by_one(chance: random.Random, patch: pytest.MonkeyPatch) -> None:
    """Choose from how many workers on arrays are used, and how much is held."""
    patch.setattr(circles, "_FEW", chance.choice([1, 20, 10**9]))
    patch.setattr(value_walk, "_FEW", chance.choice([0, 96, 10**6]))
    patch.setattr(selection, "_AT_ONCE", chance.choice([1, 16_384]))
    patch.setattr(held_values, "_LEAST", chance.choice([8, 4096]))


@pytest.mark.parametrize("seed", seeds(0))
def test_records_are_those_of_a_plain_machine(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, whatever the windows, wherever it is resumed, in whatever order others make its windows."""
    chance = random.Random(seed)
    raw, workers = RandomMachine(chance, numbered=True).spec, chance.choice([1, 4, 30])
    spec, _ = parse_spec(raw, "test.json")
    expected = plain_lines(raw, 7, START, workers, END)
    stream = Stream(spec, workers)
    for _ in range(2):
        by_arrays_or_one_by_one(chance, monkeypatch)
        assert lines_of(stream.resumed(chance)) == expected
        by_arrays_or_one_by_one(chance, monkeypatch)
        assert lines_of(stream.handed_over(chance)) == expected


@pytest.mark.parametrize("seed", TIMELINE_SEEDS)
def test_records_of_a_timeline_are_those_of_a_plain_machine(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where paths, values and delays look at periods: edges, ramps, what goes on within them."""
    chance = random.Random(seed)
    raw = with_timeline(chance, RandomMachine(chance, numbered=chance.random() < 0.5).spec)
    workers = chance.choice([1, 4, 30])
    expected = plain_lines(raw, 7, START, workers, END)
    stream = Stream(parse_spec(raw, "test.json")[0], workers)
    for _ in range(2):
        by_arrays_or_one_by_one(chance, monkeypatch)
        assert lines_of(stream.resumed(chance)) == expected
    by_arrays_or_one_by_one(chance, monkeypatch)
    assert lines_of(stream.handed_over(chance)) == expected


@pytest.mark.parametrize("seed", seeds(1))
def test_parts_together_are_the_whole(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is numbered in the order of output, and no cap makes workers wait for each other."""
    chance = random.Random(seed)
    raw = RandomMachine(chance, numbered=False).spec
    spec, _ = parse_spec(raw, "test.json")
    whole = Stream(spec, None).resumed(chance)
    expected, ended = plain_run(raw, 7, START, 1 << 40, END)
    assert lines_of(whole) == expected
    together: Made = []
    for index in range(3):
        by_arrays_or_one_by_one(chance, monkeypatch)
        stream = Stream(spec, None, Part(index, 3))
        together += chance.choice([stream.resumed, stream.handed_over])(chance)
    until = END if ended is None else ended  # parts without the worker that can go nowhere go on
    assert (
        sorted((each for each in together if each[0] < until), key=lambda each: each[:2]) == whole
    )


@pytest.mark.parametrize("seed", seeds(2))
def test_parts_that_number_are_the_same_in_any_windows(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no two parts give one number."""
    chance = random.Random(seed)
    spec, _ = parse_spec(RandomMachine(chance, numbered=True).spec, "test.json")
    workers, given = chance.choice([5, 30, None]), []
    for index in range(3):
        stream = Stream(spec, workers, Part(index, 3))
        found = []
        for way in (stream.resumed, stream.handed_over, stream.resumed):
            by_arrays_or_one_by_one(chance, monkeypatch)
            found.append(lines_of(way(chance)))
        assert found[0] == found[1] == found[2]
        records = map(json.loads, found[0])
        given += [{each["another"]["id"] for each in records if each.get("another") is not None}]
    assert sum(map(len, given)) == len(set().union(*given))


@pytest.mark.parametrize("seed", seeds(3))
def test_both_forms_make_the_same_records(seed: int) -> None:
    """A process whose activities, timers and gateways are those of the states of a machine."""
    chance = random.Random(seed)
    spec = RandomMachine(chance, numbered=True).spec
    for emitter in spec["emitters"]:  # as the process form names states itself
        emitter["dimensions"] = [
            each for each in emitter["dimensions"] if each["name"] != "visit_of"
        ]
    flags = ("-s", "2027-03-12T00:00Z", "--seed", "7", "-r", "6S", "-m", "20", "-q")
    classic, process = (invoke(*flags, spec=each) for each in (spec, process_form(spec)))
    ended = "cannot be computed" in classic.err or "can be taken" in classic.err  # goes nowhere
    assert process.status == classic.status == int(ended), (process.err, classic.err)
    assert process.out == classic.out
