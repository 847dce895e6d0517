"""The loop that one would write for a preset without this project: `python -m benchmarks.loop PRESET RECORDS`.

`random` and `json.dumps`: each kind of record is a list of names and makers of values, derived from the
specification before the first record. There are no states, no sessions, no order of workers: the kind of a
record is drawn from a list with the shares of the preset, and each value by itself, in the fewest calls
that give such values: numbers are chosen from a table of a thousand quantiles of their distribution.
"""

import ipaddress
import json
import random
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TextIO
from uuid import UUID

import numpy as np

from benchmarks.measure import ROOT
from datagen.distributions.base import Distribution
from datagen.fields.base import Field
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from datagen.spec.state import State

Maker = Callable[[datetime], Any]  # of a value, from the time of its record
_START = datetime(2027, 3, 12)  # noqa: DTZ001 - the clock of the records has no zone
_QUANTILES = 1000  # of a distribution, among which numbers are chosen
_WORKERS, _VISITS = (
    1000,
    100,
)  # that are walked through, each so far, for the shares of kinds of records
_MEMBERS = 20_000  # at most, of a set of values


def preset(name: str) -> Generator:
    """Return the specification of a preset."""
    file = ROOT / "conf" / "gen" / f"{name}.json"
    return parse_spec(json.loads(file.read_text(encoding="utf-8")), str(file))[0]


def write(spec: Generator, records: int, out: TextIO) -> None:
    """Write so many records like those of a specification."""
    chance = random.Random(1)
    kinds = Makers(spec, chance).kinds()
    now, choice, dumps = _START, chance.choice, json.dumps
    step = timedelta(milliseconds=20)
    for _ in range(records):
        now += step
        record = {name: maker(now) for name, maker in choice(kinds)}
        out.write(dumps(record, separators=(",", ":")) + "\n")


class Makers:
    """Makes makers of values from the fields of a specification."""

    def __init__(self, spec: Generator, chance: random.Random) -> None:
        self._spec, self._chance = spec, chance
        self._by_type: dict[str, Callable[[Any], Maker]] = {
            "variable": self._variable, "enum": self._enum, "int": self._int, "float": self._float,
            "counter": self._counter, "string": self._string, "uuid": self._uuid,
            "ipaddress": self._address, "clock": self._clock, "object": self._object,
            "list": self._list, "string:static": self._static,
        }  # fmt: skip

    def kinds(self) -> list[list[tuple[str, Maker]]]:
        """Return the names and makers of kinds of records, each as often as it comes."""
        spec = self._spec
        made = {
            emitter.name: [
                *([("time", _time)] if emitter.name in spec.timed_emitters else []),
                *((str(field.name), self.maker(field)) for field in emitter.fields),
            ]
            for emitter in spec.emitters
        }
        return [made[name] for name in self._walked()]

    def maker(self, field: Field) -> Maker:
        """Return the maker of a field's values, nulls among them."""
        make = self._by_type[field.type](field)
        share = max(field.percent_nulls, field.percent_missing) / 100
        draw = self._chance.random
        return (lambda now: None if draw() < share else make(now)) if share else make

    def _walked(self) -> list[str]:
        """Return the emitters of visits of workers, one worker after the other."""
        states = {state.name: state for state in self._spec.states}
        walked: list[str] = []
        for _ in range(_WORKERS):
            state: State | None = self._spec.states[0]
            for _ in range(_VISITS):
                if state is None:
                    break
                walked += state.emitter
                weights = [each.probability for each in state.transitions]
                [following] = self._chance.choices(state.transitions, weights)
                state = states.get(following.next)
        return walked

    def _variable(self, field: Any) -> Maker:
        """Choose among what the states set the variable to, or a part of it."""
        parts = field.field.split(".") if field.field else []
        setters = [
            each for state in self._spec.states for each in state.variables
            if each.name == field.variable
        ]  # fmt: skip
        makers = [self._part(each, parts) for each in setters] or [_nothing]
        choice = self._chance.choice

        def make(now: datetime) -> Any:
            return choice(makers)(now)

        return makers[0] if len(makers) == 1 else make

    def _part(self, field: Any, names: Sequence[str]) -> Maker:
        """Return the maker of a part of a value, and not of the rest."""
        if not names:
            return self.maker(field)
        if field.type == "object":
            own = next(each for each in field.dimensions if each.name == names[0])
            return self._part(own, names[1:])
        values = [_inside(value, names) for value in self._enum_values(field)]
        return self._chosen(values)

    def _chosen(self, values: Sequence[Any]) -> Maker:
        choice = self._chance.choice
        if len({*map(repr, values)}) == 1:
            return lambda _: values[0]
        return lambda _: choice(values)

    def _enum(self, field: Any) -> Maker:
        return self._chosen(self._enum_values(field))

    def _enum_values(self, field: Any) -> list[Any]:
        last = len(field.values_) - 1
        places = _quantiles(field.cardinality_distribution)
        return [field.values_[min(max(int(place), 0), last)] for place in places]

    def _int(self, field: Any) -> Maker:
        return self._chosen([round(value) for value in _quantiles(field.distribution)])

    def _float(self, field: Any) -> Maker:
        values = _quantiles(field.distribution)
        return self._chosen([round(value, field.precision) for value in values])

    def _counter(self, field: Any) -> Maker:
        numbers = count(field.start, field.increment)
        return lambda _: next(numbers)

    def _string(self, field: Any) -> Maker:
        choices, chars = self._chance.choices, [*field.chars]
        lengths = self._chosen([round(each) for each in _quantiles(field.length_distribution)])
        return self._member(field, lambda now: "".join(choices(chars, k=lengths(now))))

    def _uuid(self, field: Any) -> Maker:
        bits = self._chance.getrandbits
        return self._member(field, lambda _: str(UUID(int=bits(128), version=4)))

    def _address(self, field: Any) -> Maker:
        given = field.cidr or "10.0.0.0/8"
        networks = [
            ipaddress.ip_network(each) for each in ([given] if isinstance(given, str) else given)
        ]
        ranges = [(int(each[0]), int(each[-1]), type(each[0])) for each in networks]
        choice, number = self._chance.choice, self._chance.randint

        def make(_: datetime) -> str:
            first, last, kind = choice(ranges)
            return str(kind(number(first, last)))

        return self._member(field, make)

    def _member(self, field: Any, make: Maker) -> Maker:
        """Return what chooses from a set of values, where there is one."""
        if not field.cardinality:
            return make
        members = [make(_START) for _ in range(min(field.cardinality, _MEMBERS))]
        return self._chosen(members)

    def _clock(self, field: Any) -> Maker:
        form = field.format
        return (lambda now: now.strftime(form)) if form else _time

    def _object(self, field: Any) -> Maker:
        makers = [(str(each.name), self.maker(each)) for each in field.dimensions]
        return lambda now: {name: make(now) for name, make in makers}

    def _list(self, field: Any) -> Maker:
        makers = [self.maker(each) for each in field.elements]
        lengths = self._chosen([round(each) for each in _quantiles(field.length_distribution)])
        choice = self._chance.choice
        return lambda now: [choice(makers)(now) for _ in range(lengths(now))]

    def _static(self, field: Any) -> Maker:
        return lambda _: field.value


def _quantiles(distribution: Distribution) -> list[float]:
    """Return values of equal probability, in order."""
    values = distribution.quantile((np.arange(_QUANTILES) + 0.5) / _QUANTILES)
    return [float(value) for value in values]


def _inside(value: Any, names: Sequence[str]) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _time(now: datetime) -> str:
    return now.isoformat(timespec="milliseconds")


def _nothing(_: datetime) -> None:
    return None


if __name__ == "__main__":
    write(preset(sys.argv[1]), int(sys.argv[2]), sys.stdout)
