"""A machine as plainly as it can be written: worker by worker, visit by visit, value by value.

It shares with the engine the draws of field generators, the functions of expressions and the walk of
`reference`; what a worker remembers, what it sees and in which order values are set is written here again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.columns.column import ABSENT, Column
from datagen.columns.column_type import FLOAT, JSON, ColumnType
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.scalar import InstantColumn, IntColumn
from datagen.columns.typed_values import column_of
from datagen.distributions.weights import cumulative
from datagen.fields import Context, Draw, Field
from datagen.fields.draw import VISIT_TYPES
from datagen.fields.expression import ExpressionField
from datagen.fields.member_sets import made_member_sets
from datagen.formats.variable_texts import VariableTexts
from datagen.instants import NAIVE
from datagen.language import FAULT, Compiled, Expression
from datagen.language.column_values import values_of
from datagen.randomness import draw, stream_key, uniform, visit_bits, worker_bits
from datagen.simulation.build import build_machine
from datagen.simulation.machine import Machine
from datagen.spec.entities import attribute_lists
from datagen.spec.parsing import parse_spec
from datagen.spec.scopes import compiled_expressions, scope_of
from datagen.spec.state import State
from datagen.spec.state_graph import STOP
from tests.support.plain_pools import plain_pools
from tests.support.reference import plain_step, plain_visits

NOWHERE = -9  # a state: a worker can go nowhere, and the run would end
Held = dict[str, Column]  # a row of each variable that something has set


def plain_lines(spec: dict[str, Any], seed: int, start: int, workers: int, end: int) -> list[str]:
    """Return the records of a run, JSON each, from an instant to another, or to where a worker can go nowhere."""
    return plain_run(spec, seed, start, workers, end)[0]


def plain_run(
    spec: dict[str, Any], seed: int, start: int, workers: int, end: int
) -> tuple[list[str], int | None]:
    """Return the records of a run, and when it ended because a worker can go nowhere; no record is of that instant."""
    plain = PlainMachine(spec, seed, start)
    try:
        plain_visits(plain.machine, start, workers, end, step=plain.step)
    except _NowhereError as error:
        made = zip(plain.instants, plain.lines, strict=True)
        return [line for instant, line in made if instant < error.instant], error.instant
    return plain.lines, None


class PlainMachine:
    """The workers of a run, and the records that they have made."""

    def __init__(self, raw: dict[str, Any], seed: int, start: int = 0) -> None:
        self.spec = parse_spec(raw, "test.json")[0]
        self.machine = build_machine(self.spec, seed)
        self.lines: list[str] = []
        self.instants: list[int] = []  # of the lines
        self._held: dict[int, Held] = {}
        self._decided: dict[Expression, Compiled] = {}
        self._types: Mapping[str, ColumnType] = self.spec.variable_types
        self._setters = self.spec.setters
        self._emitters = {each.name: each for each in self.spec.emitters}
        self._context = Context(
            self.machine.seed,
            NAIVE,
            counters=_Counters(),
            templates=VariableTexts(self._types),
            expressions=compiled_expressions(self.spec, NAIVE).by_place,
            tables=self.spec.tables,
            entities=plain_pools(self.spec, self.machine.seed, start),
        )
        lists = (*self.spec.field_lists(), *attribute_lists(self.spec.entities))
        assert not list(made_member_sets(lists, self._context))

    def step(
        self, machine: Machine, instant: int, worker: int, number: int, state: int
    ) -> tuple[int, int]:
        """Make a visit: set variables, emit a record, wait, choose. Raise an error where the run ends."""
        if state == NOWHERE:
            raise _NowhereError(instant)
        self._visit(instant, worker, number, state)
        delay, following = plain_step(machine, instant, worker, number, state)
        now, held = self.spec.states[state], self._held[worker]
        parameters = dict.fromkeys(each for _, each in now.delay.expressions())
        if parameters:
            seen = self._seen(held, instant, worker, number, state)
            columns = {
                each: column_of([self._result(each, seen)], FLOAT, NAIVE) for each in parameters
            }
            made, invalid = now.delay.at(columns.__getitem__, 1)
            if invalid is not None and invalid[0]:
                return 0, NOWHERE
            delay = int(made.microseconds(self._draws(worker, number, "delay"))[0])
        if any(each.when is not None for each in now.transitions):
            seen = self._seen(held, instant + delay, worker, number, state)
            [u] = uniform(self._draws(worker, number, "transition"))
            following = self._chosen(now, float(u), seen)
        if following == STOP:
            del self._held[worker]
        return delay, following

    def _draws(self, worker: int, number: int, role: str) -> Bits:
        bits = visit_bits(worker_bits(self.machine.seed, np.array([worker])), np.array([number]))
        return draw(bits, stream_key(role))

    def _seen(
        self, held: Held, instant: int, worker: int, number: int, state: int
    ) -> dict[str, Any]:
        """Return what an expression sees that decides a path."""
        values = {name: values_of(each, self._types[name])[0] for name, each in held.items()}
        visit = {
            "time": instant,
            "worker": worker,
            "visit": number,
            "state": self.spec.states[state].name,
        }
        return {**dict.fromkeys(self._types), **visit, **values}

    def _result(self, expression: Expression, seen: Mapping[str, Any]) -> Any:
        if expression not in self._decided:
            self._decided[expression] = expression.compiled(scope_of(self.spec))
        compiled = self._decided[expression]
        value = compiled.function(*(seen[name] for name in compiled.names))
        return None if value is FAULT else value

    def _chosen(self, state: State, u: float, seen: Mapping[str, Any]) -> int:
        """Return the state that follows one with conditions, by a uniform number."""
        ways = state.transitions
        true = [
            each.condition is not None and bool(self._result(each.condition, seen)) for each in ways
        ]
        taken = [
            each
            for each, truth in zip(ways, true, strict=True)
            if truth or each.when is None or (each.when == "else" and not any(true))
        ]
        if not taken:
            return NOWHERE
        ends = cumulative(np.array([each.probability for each in taken]))
        following = taken[int(np.searchsorted(ends, u))].next
        names = [each.name for each in self.spec.states]
        return names.index(following) if following in names else STOP

    def _visit(self, instant: int, worker: int, number: int, state: int) -> None:
        held, now = self._held.setdefault(worker, {}), self.spec.states[state]
        bits = visit_bits(worker_bits(self.machine.seed, np.array([worker])), np.array([number]))
        visit = {
            "time": InstantColumn(np.array([instant]), NAIVE),
            "worker": IntColumn(np.array([worker])),
            "visit": IntColumn(np.array([number])),
            **{name: LiteralColumn([value]) for name, value in (
                ("state", now.name), ("emitter", next(iter(now.emitter), None)),
                ("population", None))},
        }  # fmt: skip
        draw = Draw(bits, np.array([instant]), None, (), self._context, scopes=((visit, None),))
        for field in self.spec.defaults().get(state, ()):
            held.setdefault(str(field.name), field.column(draw))
        for place, field in enumerate(now.variables):
            if field is not self._last(now.variables, place):
                continue
            seen = {**held, **self._initial(field, held)}
            path = (*self.spec.streams_path(state), str(field.name))
            held[str(field.name)] = self._value(
                field, self._draw(draw, path, seen, visit), self._types
            )
        for emitter in now.emitter:
            seen = {**visit, "emitter": LiteralColumn([emitter])}
            for element_draw, items in self._elements(emitter, draw, held):
                self._emit(emitter, element_draw, held, {**items, **seen})
                self.instants.append(instant)

    def _elements(self, emitter: str, draw: Draw, held: Held) -> Iterator[tuple[Draw, Held]]:
        """Yield the draw of each record that an emitter makes at a visit, and the names of its element."""
        name = self._emitters[emitter].for_each
        if name is None:
            yield draw, {}
            return
        [found] = held.get(name, nulls(1)).to_python(ABSENT)
        value = found if isinstance(found, list) else []
        elements = held[name].list_parts()[1] if value else nulls(0)
        places = replace(draw, path=("emitters", emitter, "dimensions"))
        bits = places.repeat(np.array([len(value)])).bits
        for place in range(len(value)):
            item = {
                "item": elements.take(np.array([place])),
                "item_number": LiteralColumn([place + 1]),
            }
            yield replace(draw, bits=bits[place : place + 1]), item

    def _emit(self, emitter: str, draw: Draw, held: Held, visit: Held) -> None:
        fields, own = self._emitters[emitter].fields, {}
        timed = emitter in self.spec.timed_emitters
        if timed:
            own["time"] = visit["time"]
        for field in fields:
            path = ("emitters", emitter, "dimensions", str(field.name))
            own[str(field.name)] = self._value(field, self._draw(draw, path, held, visit, own), {})
        there = {
            name: each for name, each in own.items() if each.present is None or each.present[0]
        }
        texts = (f"{_json(name)}:{each.json_text[0].as_py()}" for name, each in there.items())
        self.lines.append("{" + ",".join(texts) + "}")

    def _draw(
        self, draw: Draw, path: tuple[str, ...], held: Held, visit: Held, own: Held | None = None
    ) -> Draw:
        """Return the draw of a field generator, which sees values of its own list, variables, and the visit."""
        every = {name: held.get(name, nulls(1)) for name in self._types}
        context = replace(self._context, variables=every)
        scopes = ((own or {}, None), (every, None), (visit, None))
        return replace(draw, path=path, context=context, scopes=scopes)

    def _value(self, field: Field, draw: Draw, types: Mapping[str, ColumnType]) -> Column:
        if not isinstance(field, ExpressionField):
            return field.column(draw)
        if draw.happens("missing", field.percent_missing)[0]:
            return LiteralColumn([ABSENT])
        if draw.happens("null", field.percent_nulls)[0]:
            return LiteralColumn([None])
        compiled = self._context.expressions[draw.path, field.expr]
        types_seen = {**VISIT_TYPES, **self._types}
        seen = [
            values_of(draw.named(name), types_seen.get(name, JSON))[0] for name in compiled.names
        ]
        value = compiled.function(*seen)
        if value is FAULT or (types and _too_large(value)):
            return LiteralColumn([None])
        kind = compiled.column_type.kind
        if value is not None and kind == "float":
            value = (
                float(value) if field.precision is None else round(float(value), field.precision)
            )
        return column_of([value], compiled.column_type, NAIVE)

    def _initial(self, field: Field, held: Held) -> Held:
        """Return what a variable sees of itself before anything has set it."""
        name = str(field.name)
        given = [value for each in self._setters[name] for value in each.initials()]
        if name in held or not given:
            return {}
        return {name: column_of(given[:1], self._types[name], NAIVE)}

    @staticmethod
    def _last(fields: list[Field], place: int) -> Field:
        """Return which of several fields of one name counts, the last."""
        return [each for each in fields if each.name == fields[place].name][-1]


class _NowhereError(Exception):
    """A worker can go nowhere, and the run ends."""

    def __init__(self, instant: int) -> None:
        super().__init__(instant)
        self.instant = instant


class _Counters:
    """Counts on as values are made: here they are made in the order of output."""

    def __init__(self) -> None:
        self._totals: dict[tuple[str, ...], int] = {}

    def numbers(self, path: tuple[str, ...], rows: Ints) -> Ints:
        return self.shared_numbers(path, path, rows)

    def shared_numbers(
        self,
        path: tuple[str, ...],
        sequence: tuple[str, ...],
        rows: Ints,
        values: Callable[[], Column] | None = None,
    ) -> Ints:
        del path
        texts = [""] * len(rows)
        if values is not None:
            texts = [each or "null" for each in values().json_text.to_pylist()]
        given = []
        for text in texts:
            key = (*sequence, text)
            given.append(self._totals.get(key, 0))
            self._totals[key] = given[-1] + 1
        return np.array(given, dtype=np.int64)

    def given_before(self, path: tuple[str, ...], sequence: tuple[str, ...], rows: Ints) -> Ints:
        del path
        return np.full(len(rows), self._totals.get((*sequence, ""), 0))

    def striped(self, counts: Ints) -> Ints:
        return counts


def _too_large(value: Any) -> bool:
    return (isinstance(value, str) and len(value) > 4096) or (isinstance(value, list) and len(value) > 1000)  # fmt: skip


def _json(name: str) -> str:
    return str(LiteralColumn([name]).json_text[0].as_py())
