"""The classic form of a specification: states, emitters and the time between workers.

This is what the machine is made of; a specification in the process form is turned into it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import Field as Key

from datagen.columns.column_type import INSTANT, ColumnType, union
from datagen.distributions.base import Distribution
from datagen.distributions.continuous import Constant
from datagen.distributions.parsing import AnyInterarrival, AnyTimer
from datagen.errors import Path
from datagen.fields.base import (
    Field,
    NamedField,
    last_of_each_name,
    names_read,
    read_before_set,
    validate_size,
)
from datagen.instants import NAIVE, UTC_STYLE, Style
from datagen.language import TIME, Expression, Scope
from datagen.one_line import counted
from datagen.spec.constants import Constants, default_fields
from datagen.spec.deciding import Deciders, deciders, decisions, names_that_decide
from datagen.spec.document import AnySchedule, Document, rounding_warnings
from datagen.spec.emissions import EmitterNames
from datagen.spec.emitter import Emitter, variables_by_emitter
from datagen.spec.entities import Entities, entity_types
from datagen.spec.merging import ON_ENTRY, VARIABLES, MergedState, Part, merged_states
from datagen.spec.record_schema import RecordSchema
from datagen.spec.repeated_sets import repeated_sets
from datagen.spec.scopes import scope_of, types_of_variables, with_items
from datagen.spec.sequences import counts_for_others
from datagen.spec.state_graph import STOP, Node, StateGraph
from datagen.spec.tables import NO_TABLES, AnyTables
from datagen.spec.transitions import Transition
from datagen.validation import Model, Name, Problems, at_least_one, quoted


class State(Model):
    """What a worker does at a visit: set variables, emit a record, wait, go on.

    In a file that waits first: set `variables_on_entry`, wait, set `variables`, emit, go on.
    """

    name: Name
    emitter: EmitterNames = ()
    variables_on_entry: list[NamedField] | None = None
    variables: list[NamedField] = Key(default_factory=list)
    delay: AnyTimer = Constant(value=0)
    transitions: Annotated[list[Transition], at_least_one('transition; to "stop" ends the worker')]

    MOVED_KEYS: ClassVar = {
        "type": (None, "belongs to the process form, where each state has one; most states here have none"),
        "next": ("transitions", "belongs to the process form; here it is a key of the transitions, with a probability"),
    }  # fmt: skip

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from validate_size(self.variables_on_entry or (), ON_ENTRY)
        yield from validate_size(self.variables, VARIABLES)

    def flows(self) -> list[Transition]:
        """Return what may come next."""
        return self.transitions

    def decisions(self) -> Iterator[tuple[Path, Expression]]:
        """Yield the expressions that decide where it leads, or how long it takes, with their paths."""
        yield from decisions(self.transitions, "delay", self.delay)

    def parts(self) -> list[Part]:
        """Return what it does in a file that waits first: one visit, or two with the wait between them."""
        on_entry = self.variables_on_entry or ()
        record = Part(self.variables, emitters=self.emitter, chooses=True, begins=True)
        if not on_entry and not self.delay.can_take_time():
            return [record]
        return [Part(on_entry, ON_ENTRY, wait=self.delay), record]

    def node(self, numbers: Mapping[str, int], shown: Mapping[str, set[str]]) -> Node:
        """Return what the graph knows of it; `shown` are the variables that each emitter shows."""
        return Node(
            name=self.name,
            nexts=[numbers.get(each.next, STOP) for each in self.transitions],
            emits=bool(self.emitter),
            waits=self.delay.can_take_time(),
            sets={str(each.name) for each in (*(self.variables_on_entry or ()), *self.variables)},
            shows=set().union(*(shown.get(each, set()) for each in self.emitter)),
            reads=read_before_set((*(self.variables_on_entry or ()), *self.variables)),
            rounding=self.delay.rounding(),
            decides=names_that_decide(self),
        )


class Generator(Document):
    """A specification in the classic form.

    `style` is how instants are written when the run's start has no offset.
    """

    type: Literal["generator"] = "generator"
    states: Annotated[list[State], at_least_one("state")]
    emitters: list[Emitter]
    interarrival: AnyInterarrival
    schedule: AnySchedule = None
    constants: Constants = Key(default_factory=dict)
    variable_defaults: Constants = Key(default_factory=dict)
    tables: AnyTables = NO_TABLES
    entities: Entities = Key(default_factory=dict)

    schema_known: ClassVar[bool] = True
    has_workers: ClassVar[bool] = True
    clock: ClassVar[str] = TIME
    source_state: ClassVar[tuple[int, ...]] = ()

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

    @property
    def all_at_once(self) -> str:
        """Return why the time between two workers is never above 0, or "" if it can be."""
        if self.interarrival.can_take_time():
            return ""
        return self.interarrival.rounding() or "is never above 0"

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
        return {0: fields} if fields else {}

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
        yield "interarrival: a mean", self.interarrival
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
            arrivals_wait=self.interarrival.can_take_time(),
            set_before=frozenset({*self.constants, *self.variable_defaults}),
            arrivals_rounding=self.interarrival.rounding(),
        )

    def compiled(self) -> "Generator":
        """Return the specification as the machine takes it: a state for each visit."""
        if not self.waits_first:
            return self
        merged = merged_states(self.states, self.states[0].name)
        return CompiledGenerator.of(self, merged, self.interarrival)

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

    @classmethod
    def of(
        cls, document: Document, merged: Sequence[MergedState], interarrival: Distribution
    ) -> "CompiledGenerator":
        """Return a document, which is a Form too, with merged states: that of the first visits first."""
        keys = {
            **dict(document),
            "states": [_merged(each) for each in merged],
            "interarrival": interarrival,
            "form": document,
            "merged": tuple(merged),
        }
        return cls.model_construct(**keys)

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
