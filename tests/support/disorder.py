"""Records of the tests' own, and the rules of disorder in plain Python: a copy after the other, an effect after the other."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import TypeAdapter

from datagen.arrays import Ints
from datagen.batch import Batch, Group, LazyOrigins, Origins, Section
from datagen.columns.clock import InstantClock
from datagen.columns.column_type import INSTANT, INT, TEXT
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.scalar import IntColumn, TextColumn
from datagen.disorder.clean_records import compiled_effects, scope_of_records
from datagen.disorder.copies import Copies
from datagen.disorder.decide import Disorder
from datagen.disorder.effects import Effect, Effects, effect_names
from datagen.formats.jsonlines import JsonFormatter
from datagen.formats.rendered import RecordBytes
from datagen.instants import NAIVE
from datagen.part import WHOLE
from datagen.randomness import seed_word, visit_bits, worker_bits
from datagen.running.batch_source import batch_source_of

START, SECOND, SEED = 1_800_000_000_000_000, 1_000_000, 7
FIELDS = {"time": INSTANT, "client": TEXT, "size": INT, "tag": TEXT}
STATES = ("home", "cart")
CLIENTS = ("ann", "bob", None, "eve")
_MASK = (1 << 64) - 1
_G = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class FixedPeriods:
    """A timeline of the periods that are given, begins and ends by name."""

    by_name: Mapping[str, Sequence[tuple[int, int]]]

    def periods(self, name: str, begin: int, end: int) -> tuple[Ints, Ints]:
        """Return those that overlap [begin, end)."""
        found = [each for each in self.by_name[name] if each[0] < end and each[1] > begin]
        pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    @property
    def lengths(self) -> dict[str, int]:
        """Return the length of the longest of each name."""
        return {name: max(b - a for a, b in each) for name, each in self.by_name.items()}


TIMELINE = FixedPeriods(
    {
        "outage": [(START + 20 * SECOND, START + 30 * SECOND)],
        "nightly": [
            (START + at * SECOND, START + at * SECOND + 3_000_001) for at in range(5, 90, 11)
        ],
    }
)


def effects_of(*raw: Mapping[str, Any]) -> list[Effect]:
    """Return checked effects."""
    checked: list[Effect] = TypeAdapter(Effects).validate_python([dict(each) for each in raw])
    return checked


def disorder_of(*raw: Mapping[str, Any], seed: int = SEED) -> Disorder:
    """Return what effects do to records of `batch_of`, whose first run started at START."""
    effects = effects_of(*raw)
    compiled = compiled_effects(effects, scope_of_records(FIELDS, {}), FIELDS)
    assert compiled.problems == []
    made = Disorder(effects, seed, compiled, TIMELINE)
    made.begin(START)
    return made


def batch_of(size: int, seed: int = SEED, span: int = 60 * SECOND) -> Batch:
    """Return records of two emitters, within a span from START: `web` has a client and a size, `job` a tag.

    Some visits have several records, some records the same instant; some have no client, some no size.
    """
    chance = np.random.default_rng(size)
    visits_at = np.sort(chance.integers(0, size, size))  # the records of a visit are neighbours
    firsts = np.flatnonzero(np.diff(visits_at, prepend=-1))
    sizes = np.diff(firsts, append=size)
    of_visit = np.repeat(np.arange(len(firsts)), sizes)
    times = np.sort(chance.integers(0, span // 1000, len(firsts)) * 1000 + START)[of_visit]
    workers = chance.integers(0, 40, len(firsts))[of_visit]
    visits = np.arange(len(firsts))[of_visit]
    jobs = chance.random(size) < 0.3
    clients = np.where(chance.random(size) < 0.05, -2, chance.integers(0, len(CLIENTS), size))
    sizes_of = np.where(chance.random(size) < 0.1, -1, np.arange(size))
    tags = TextColumn(pa.array([f"t{each % 7}" for each in range(size)], pa.string()))
    web, job = np.flatnonzero(~jobs), np.flatnonzero(jobs)
    client = LiteralColumn(CLIENTS, lasting=True)
    groups = [
        Group("web", web, (_time(times[web]), Section(("client",), (client,), clients[web]),
              Section(("size",), (IntColumn(np.arange(size) % 100).take(sizes_of[web]),)))),
        Group("job", job, (_time(times[job]), Section(("tag",), (tags.take(job),)))),
    ]  # fmt: skip
    states = LiteralColumn(STATES, lasting=True).take(workers % 2)
    origins = Origins(
        workers,
        visits,
        np.arange(size) - firsts[of_visit],
        visit_bits(worker_bits(seed_word(seed), workers), visits),
        states,
        nulls(size),
    )
    present = tuple(each for each in groups if len(each.rows))
    return Batch(times, workers, 40, NAIVE, present, origins=LazyOrigins(lambda: origins))


def _time(times: Ints) -> Section:
    return Section(("time",), (InstantClock(times, NAIVE).column(),))


@dataclass(frozen=True)
class PlainCopy:
    """A copy of a record: its row, number, random bits, and what has become of it."""

    row: int
    number: int
    bits: int
    arrival: int
    skew: int = 0
    left: bool = True
    effects: int = 0
    corruptions: tuple[tuple[str, int], ...] = ()


Names = Mapping[str, Any]
PLAIN: dict[str, Callable[[Names], Any]] = {  # expressions of the tests, in Python
    "client == 'ann'": lambda names: names["client"] == "ann",
    "size > 50": lambda names: names["size"] is not None and names["size"] > 50,
    "emitter == 'job' or state == 'cart'": lambda names: (
        names["emitter"] == "job" or names["state"] == "cart"
    ),
    "time > instant('2027-01-15T08:00:30')": lambda names: names["time"] > START + 30 * SECOND,
    "client": lambda names: names["client"],
    "worker % 5": lambda names: names["worker"] % 5,
    "[tag, visit % 2]": lambda names: [names["tag"], names["visit"] % 2],
}


def plain_copies(
    batch: Batch, raw: Sequence[Mapping[str, Any]], seed: int = SEED
) -> list[PlainCopy]:
    """Return the copies of a batch of `batch_of`, in order of (row, copy)."""
    effects = effects_of(*raw)
    found = []
    for row, names in enumerate(plain_names(batch)):
        bits = names["bits"]
        if names["place"]:
            bits = plain_mix(bits + names["place"] * _G)
        copies = [PlainCopy(row, 0, bits, names["time"])]
        for place, (name, effect) in enumerate(zip(effect_names(effects), effects, strict=True)):
            step = _PlainStep(name, effect, names, bits, seed)
            done: list[PlainCopy] = []
            for copy in copies:
                after = step.applied(copy) if copy.left and step.hits(copy) else [copy]
                changed = after != [copy] or (copy.left and step.hits(copy))
                mark = changed << place
                done += [replace(each, effects=each.effects | mark) for each in after]
            copies = done
        found += sorted(copies, key=lambda each: each.number)
    return found


class _PlainStep:
    """An effect on the copies of one record, whose random bits are given."""

    def __init__(self, name: str, effect: Any, names: Names, bits: int, seed: int) -> None:
        self.name, self.effect, self.names, self.bits = name, effect, names, bits
        self.word: int | None = None
        if effect.per is not None:
            text = json.dumps(PLAIN[effect.per.text](names), separators=(",", ":"))
            digest = blake2b(text.encode(), digest_size=8).digest()
            self.word = plain_mix(int.from_bytes(digest, "little") + int(seed_word(seed)))

    def hits(self, copy: PlainCopy) -> bool:
        """Return whether a copy that is still there is hit."""
        effect = self.effect
        if effect.when is not None and not PLAIN[effect.when.text](self.names):
            return False
        if effect.type == "outage" and self._period(copy.arrival) is None:
            return False
        word = copy.bits if self.word is None else self.word
        return bool(((self._drawn(word, "hit") >> 12) + 0.5) * 2.0**-52 < effect.share)

    def applied(self, copy: PlainCopy) -> list[PlainCopy]:
        """Return what becomes of a copy that is hit."""
        effect = self.effect
        match effect.type:
            case "late":
                return [replace(copy, arrival=copy.arrival + self._delay(copy))]
            case "duplicate":
                return [copy, *self._duplicates(copy)]
            case "skew":
                return [replace(copy, skew=copy.skew + self._skew(copy))]
            case "outage" if effect.then == "flush":
                begin, end = self._period(copy.arrival) or (0, 1)
                over = int((copy.arrival - begin) * float(effect.over) / (end - begin))
                return [replace(copy, arrival=end + over)]
            case "corrupt":
                hit = effect.how, self._drawn(copy.bits, "corrupt")
                return [replace(copy, corruptions=(*copy.corruptions, hit))]
        return [replace(copy, left=False)]

    def _duplicates(self, copy: PlainCopy) -> list[PlainCopy]:
        word = np.array([self._drawn(copy.bits, "copies")], dtype=np.uint64)
        base = self._drawn(plain_mix(copy.number), "number") >> 17 << 16
        made = []
        for rank in range(1, max(int(self.effect.copies.sample_rounded(word)[0]), 0) + 1):
            bits = plain_mix(self.bits ^ (base + rank))
            other = replace(copy, number=base + rank, bits=bits)
            made.append(replace(other, arrival=copy.arrival + self._delay(other)))
        return made

    def _delay(self, copy: PlainCopy) -> int:
        word = np.array([self._drawn(copy.bits, "delay")], dtype=np.uint64)
        low, high = self.effect.delay.bounds()
        return (
            int(self.effect.delay.microseconds(word)[0]) if low < high else round(float(low) * 1e6)
        )

    def _skew(self, copy: PlainCopy) -> int:
        word = copy.bits if self.word is None else self.word
        offset, drift = (
            float(each.sample(np.array([self._drawn(word, role)], dtype=np.uint64))[0])
            for each, role in ((self.effect.offset, "offset"), (self.effect.drift, "drift"))
        )
        since = int(self.names["time"]) - START
        if self.effect.offset.bounds()[0] == self.effect.offset.bounds()[1]:
            micros = round(offset * 1e6)
        else:
            rest = ((self._drawn(word, "offset") & 0x7FF) + 0.5) / 2048
            micros = int(np.floor(offset * 1e6 + rest))
        return micros + round(drift * 1e-6 * since)

    def _period(self, instant: int) -> tuple[int, int] | None:
        periods = TIMELINE.by_name[self.effect.period]
        return next((each for each in periods if each[0] <= instant < each[1]), None)

    def _drawn(self, bits: int, role: str) -> int:
        return plain_mix(bits ^ plain_key("disorder", self.name, role))


def plain_names(batch: Batch) -> list[dict[str, Any]]:
    """Return what expressions see of each record of `batch_of`, with the random bits of its visit and its place there."""
    origins = batch.origins.made if batch.origins is not None else None
    assert origins is not None
    found: list[dict[str, Any]] = [{} for _ in range(len(batch))]
    for group in batch.groups:
        columns = {name: group.column(name) for name in ("client", "size", "tag")}
        for place, row in enumerate(group.rows.tolist()):
            fields = {
                name: None if column is None else column.take(np.array([place])).to_python(None)[0]
                for name, column in columns.items()
            }
            found[row] = {
                **fields,
                "time": int(batch.times[row]),
                "emitter": group.emitter,
                "worker": int(origins.workers[row]),
                "visit": int(origins.visits[row]),
                "state": origins.states.text[row].as_py(),
                "bits": int(origins.bits[row]),
                "place": int(origins.places[row]),
            }
    return found


def plain_mix(word: int) -> int:
    """Return a word scrambled by the finaliser of SplitMix64."""
    word &= _MASK
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    word = (word ^ word >> 27) * 0x94D049BB133111EB & _MASK
    return word ^ word >> 31


@cache
def plain_key(*names: str) -> int:
    """Return the key of a stream."""
    text = json.dumps(names, separators=(",", ":")).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def as_plain(copies: Copies) -> list[tuple[Any, ...]]:
    """Return what copies are as tuples, with the words by which they are corrupted, to compare with those of PlainCopy."""
    corruptions: list[list[tuple[str, int]]] = [[] for _ in range(len(copies))]
    for each in copies.corruptions:
        for place, bits in zip(each.copies.tolist(), each.bits.tolist(), strict=True):
            corruptions[place].append((each.effect.how, bits))
    columns = (
        copies.rows,
        copies.copies,
        copies.arrivals,
        copies.skews,
        copies.left,
        copies.effects,
    )
    rows = zip(*(each.tolist() for each in columns), strict=True)
    return [(*row, tuple(found)) for row, found in zip(rows, corruptions, strict=True)]


def tuples_of(copies: Sequence[PlainCopy]) -> list[tuple[Any, ...]]:
    """Return what `as_plain` does."""
    return [
        (each.row, each.number, each.arrival, each.skew, each.left, each.effects, each.corruptions)
        for each in copies
    ]


@dataclass(frozen=True)
class Parameters:
    """What a run says of itself."""

    seed: int = SEED
    max_workers: int = 5
    schedule: Any = None
    needs_schema: bool = False
    part: Any = WHOLE


def batches_of(spec: Any, size: int = 1000, start: int = START, seconds: int = 60) -> list[Batch]:
    """Return the records of a checked specification, or of a replay, in batches of about a size."""
    source = batch_source_of(spec, Parameters(), NAIVE)
    assert source.prepare() == []
    source.start_stream(start)
    stream = source.begin(start, start + seconds * SECOND, lambda: False)
    found = []
    stream.request_window_size(size)
    for window in stream.windows():
        found.append(source.batch(window))
        stream.request_window_size(size)
    return found


def lines_of(batch: Batch) -> list[str]:
    """Return records as JSON."""
    payload = JsonFormatter().render(batch)
    assert isinstance(payload, RecordBytes)
    return bytes(payload.data).decode().splitlines()
