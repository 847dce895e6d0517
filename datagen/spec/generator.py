"""The classic form of a specification: states, emitters and the time between workers.

This is what the machine is made of; a specification in the process form is turned into it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self

from pydantic import Field as Key
from pydantic import PrivateAttr

from datagen.columns.column_type import INSTANT, ColumnType, union
from datagen.distributions.base import Distribution
from datagen.distributions.continuous import Constant
from datagen.distributions.parsing import AnyInterarrival
from datagen.errors import Path
from datagen.fields.base import (
    Field,
    last_of_each_name,
    names_read,
)
from datagen.instants import NAIVE, UTC_STYLE, Style
from datagen.language import TIME, Scope
from datagen.one_line import counted
from datagen.spec.constants import Constants, default_fields
from datagen.spec.deciding import Deciders, deciders
from datagen.spec.document import AnyRate, AnySchedule, Document, rounding_warnings
from datagen.spec.emitter import Emitter, variables_by_emitter
from datagen.spec.entities import Entities, entity_types
from datagen.spec.merging import VARIABLES, MergedState, merged_states
from datagen.spec.populations import Arrivals, Population, arrivals_of, period_problems
from datagen.spec.record_schema import RecordSchema
from datagen.spec.repeated_sets import repeated_sets
from datagen.spec.scopes import scope_of, types_of_variables, with_items
from datagen.spec.sequences import counts_for_others
from datagen.spec.state import State
from datagen.spec.state_graph import StateGraph
from datagen.spec.tables import NO_TABLES, AnyTables
from datagen.validation import Problems, at_least_one, quoted


class Generator(Document):
    """A specification in the classic form.

    `style` is how instants are written when the run's start has no offset.
    """

    type: Literal["generator"] = "generator"
    states: Annotated[list[State], at_least_one("state")]
    emitters: list[Emitter]
    interarrival: AnyInterarrival = None
    populations: list[Population] = Key(default_factory=list)
    schedule: AnySchedule = None
    rate: AnyRate = None
    constants: Constants = Key(default_factory=dict)
    variable_defaults: Constants = Key(default_factory=dict)
    tables: AnyTables = NO_TABLES
    entities: Entities = Key(default_factory=dict)
    _arrivals: tuple[Arrivals, ...] = PrivateAttr(())  # in place of its own

    schema_known: ClassVar[bool] = True
    has_workers: ClassVar[bool] = True
    clock: ClassVar[str] = TIME
    source_state: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Problems:
        if "populations" not in keys and "interarrival" not in keys:
            yield ("interarrival",), "missing"

    def validate_keys(self) -> Problems:
        if self.populations and self.interarrival is not None:
            yield ("interarrival",), "each of the populations has its own; leave it out here"
        if "populations" in self.model_fields_set and not self.populations:
            yield ("populations",), "expected at least one population"
        for number, each in enumerate(self.populations):
            for path, text in period_problems(each, self.timeline):
                yield ("populations", number, *path), text

    @property
    def arrivals(self) -> tuple[Arrivals, ...]:
        """Return how the workers of each population come: of the unnamed one, where no others are named."""
        if self._arrivals:
            return self._arrivals
        if self.populations:
            return arrivals_of(self.populations)
        assert self.interarrival is not None
        return (Arrivals(None, self.states[0].name, self.interarrival),)

    def with_arrivals(self, arrivals: Sequence[Arrivals]) -> Self:
        """Return the same with workers of each population that come in another way."""
        made = self.model_copy()
        made._arrivals = tuple(arrivals)  # noqa: SLF001 - its own
        return made

    @property
    def firsts(self) -> tuple[int, ...]:
        """Return the state in which the workers of each population begin."""
        numbers = {state.name: number for number, state in enumerate(self.states)}
        return tuple(numbers[each.start] for each in self.arrivals)

    @property
    def source_files(self) -> tuple[str, ...]:
        """Return the files that it reads besides its own."""
        return tuple(self.tables.files.values())

    @property
    def child_documents(self) -> tuple[Any, ...]:
        """Return what of other files its records depend on, as JSON."""
        return (dict(self.tables.digests),) if self.tables.digests else ()

    @property
    def fields(self) -> set[str]:
        """Return the names of the fields of its records."""
        known = {"time"} if self.timed_emitters else set()
        return known | {str(each.name) for emitter in self.emitters for each in emitter.dimensions}

    @property
    def timed_emitters(self) -> frozenset[str]:
        """Return the emitters whose records begin with the field `time`."""
        if self._sets_on_entry:
            return frozenset()
        return frozenset(each.name for each in self.emitters if not each.places_time)

    @property
    def style(self) -> Style:
        names = {each.name for each in self.emitters}
        return NAIVE if self.timed_emitters == names else UTC_STYLE

    @property
    def waits_first(self) -> bool:
        """Return whether a worker waits before the record of each state, not after it.

        The files that have these signs come from programs that did; see docs/dialects.md.
        """
        places_time = any(each.places_time for each in self.emitters)
        silent = any(not state.emitter for state in self.states)
        return self._sets_on_entry or (places_time and (bool(self.templates) or silent))

    @property
    def record_schema(self) -> RecordSchema:
        """Return the columns of its records."""
        scope = scope_of(self)
        emitters = {each.name: self._columns(each, scope) for each in self.emitters}
        names = dict.fromkeys(name for columns in emitters.values() for name in columns)
        columns = {
            name: union(columns[name] for columns in emitters.values() if name in columns)
            for name in names
        }
        return RecordSchema(columns, emitters)

    @property
    def state_count(self) -> int:
        """Return how many states the file has."""
        return len(self.states)

    def warnings(self) -> Problems:
        """Yield what is there and means nothing, or something else."""
        yield from rounding_warnings(self.durations())
        yield from repeated_sets(self.emitters)

    def old_words(self) -> Problems:
        """Yield what the form does otherwise for files of older programs."""
        for number, emitter in enumerate(self.emitters):
            if emitter.places_time:
                text = 'a dimension is the field "time", which today comes first in every record'
                yield ("emitters", number, "dimensions"), text
        if self.waits_first:
            text = "a worker waits before the record of each state; today it waits after it"
            yield ("states",), text

    def variables_path(self, state: int) -> Path:
        """Return where in the file the variables are that a state of the machine sets."""
        return ("states", state, VARIABLES)

    def streams_path(self, state: int) -> tuple[str, ...]:
        """Return the path of names of the streams that the variables of a state are drawn from."""
        return ("states", self.states[state].name, str(self.variables_path(state)[-1]))

    def field_lists(self) -> Iterator[tuple[Path, tuple[str, ...], Sequence[Field]]]:
        """Yield all lists of field generators: where they are in the file, the path of their streams."""
        for number, state in enumerate(self.states):
            yield self.variables_path(number), self.streams_path(number), state.variables
        for number, emitter in enumerate(self.emitters):
            streams = ("emitters", emitter.name, "dimensions")
            yield ("emitters", number, "dimensions"), streams, emitter.dimensions

    def defaults(self) -> Mapping[int, Sequence[Field]]:
        """Return the variables that a state of the machine sets where nothing has set them."""
        fields = default_fields(self)
        return dict.fromkeys(self.firsts, fields) if fields else {}

    def described(self) -> str:
        """Return how large it is, on one line."""
        states, emitters = self.state_count, len(self.emitters)
        return f"{counted(states, 'state')}, {counted(emitters, 'emitter')}"

    def unresumable(self) -> str:
        return ""

    def mean_durations(self) -> Iterator[tuple[str, float]]:
        """Yield the mean, in seconds, of everything that takes time."""
        for what, time in self.durations():
            yield what, time.mean()

    def durations(self) -> Iterator[tuple[str, Distribution]]:
        """Yield all that takes time: a name in the words of the form, the distribution of seconds."""
        for each in self.arrivals:
            yield f"{each.prefix}interarrival: a mean", each.interarrival
        for state in self.states:
            yield f"state {quoted(state.name)}: a mean delay", state.delay

    def variables_needed(self) -> list[str]:
        """Return the variables that some emitter shows, in order of appearance, those that decide, or count for others too, then those that these are made of."""
        names = [name for emitter in self.emitters for name in emitter.shown_variables()]
        names += self.deciders.variables
        names += [
            name for name, fields in self.setters.items() if any(map(counts_for_others, fields))
        ]
        reads = {
            name: [read for field in fields for read in names_read(field)]
            for name, fields in self.setters.items()
        }
        needed = dict.fromkeys(name for name in names if name in reads)
        pending = [*needed]
        while pending:
            new = [name for name in reads[pending.pop()] if name in reads and name not in needed]
            needed |= dict.fromkeys(new)
            pending += new
        return list(needed)

    def graph(self) -> StateGraph:
        """Return the graph of its states."""
        numbers = {state.name: number for number, state in enumerate(self.states)}
        shown = variables_by_emitter(self.emitters)
        return StateGraph(
            nodes=[state.node(numbers, shown) for state in self.states],
            beginnings=[
                each.beginning(first)
                for each, first in zip(self.arrivals, self.firsts, strict=True)
            ],
            set_before=frozenset({*self.constants, *self.variable_defaults}),
        )

    def compiled(self) -> "Generator":
        """Return the specification as the machine takes it: a state for each visit."""
        if not self.waits_first:
            return self
        merged = merged_states(self.states, [each.start for each in self.arrivals])
        return CompiledGenerator.of(self, merged, self.arrivals)

    @property
    def _sets_on_entry(self) -> bool:
        return any(state.variables_on_entry is not None for state in self.states)

    @property
    def deciders(self) -> Deciders:
        """Return what the paths of workers look at."""
        return deciders(self.states, self.setters)

    @property
    def variable_types(self) -> dict[str, ColumnType]:
        """Return the type of each variable, whichever state sets it."""
        entities = entity_types(self.entities, self.tables, timeline=self.run_timeline)
        return types_of_variables(self.setters, self.tables, entities, self.run_timeline)

    @property
    def setters(self) -> dict[str, list[Field]]:
        """Return for each variable the field generators that set it."""
        setters: dict[str, list[Field]] = {}
        for fields in (*(state.variables for state in self.states), *self.defaults().values()):
            for each in last_of_each_name(fields):
                setters.setdefault(str(each.name), []).append(each)
        return setters

    def _columns(self, emitter: Emitter, scope: Scope) -> dict[str, ColumnType]:
        types: dict[str, ColumnType] = {}
        inside = with_items(scope, emitter).inside(types)
        for each in emitter.fields:
            types[str(each.name)] = each.column_type(inside)
        return {"time": INSTANT, **types} if emitter.name in self.timed_emitters else types


class Form(Protocol):
    """What a document of either form says about its records and its states, before these are merged."""

    @property
    def timed_emitters(self) -> frozenset[str]:
        """Return the emitters whose records begin with the field `time`."""

    @property
    def style(self) -> Style:
        """Return how instants are written when the run's start has no offset."""

    @property
    def state_count(self) -> int:
        """Return how many states the file has."""

    def durations(self) -> Iterator[tuple[str, Distribution]]:
        """Yield all that takes time: a name in the words of the form, the distribution of seconds."""


class CompiledGenerator(Generator):
    """A specification whose states are merged from those of a document."""

    form: Any  # a Form
    merged: tuple[MergedState, ...]
    compiled_arrivals: tuple[Arrivals, ...]

    @classmethod
    def of(
        cls, document: Document, merged: Sequence[MergedState], arrivals: Sequence[Arrivals]
    ) -> "CompiledGenerator":
        """Return a document, which is a Form too, with merged states: those of the first visits first."""
        keys = {
            **dict(document),
            "states": [_merged(each) for each in merged],
            "compiled_arrivals": tuple(arrivals),
            "form": document,
            "merged": tuple(merged),
        }
        return cls.model_construct(**keys)

    @property
    def arrivals(self) -> tuple[Arrivals, ...]:
        return self._arrivals or self.compiled_arrivals

    @property
    def timed_emitters(self) -> frozenset[str]:
        return self._form.timed_emitters

    @property
    def style(self) -> Style:
        return self._form.style

    @property
    def state_count(self) -> int:
        return self._form.state_count

    def variables_path(self, state: int) -> Path:
        merged = self.merged[state]
        return ("states", merged.index, merged.part.key)

    def defaults(self) -> Mapping[int, Sequence[Field]]:
        own = {number: each.part.defaults for number, each in enumerate(self.merged)}
        return {
            **{number: fields for number, fields in own.items() if fields},
            **super().defaults(),
        }

    def durations(self) -> Iterator[tuple[str, Distribution]]:
        yield from self._form.durations()

    @property
    def _form(self) -> Form:
        form: Form = self.form
        return form


def _merged(merged: MergedState) -> State:
    """Return a merged state as one of the classic form."""
    return State.model_construct(
        name=merged.name,
        emitter=merged.part.emitters,
        variables=list(merged.part.variables),
        delay=merged.wait or Constant(value=0),
        transitions=list(merged.exits),
    )
