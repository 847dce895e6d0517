"""The classic form of a specification: states, emitters and the time between workers.

This is what the machine is made of; a specification in the process form is turned into it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field as Key

from datagen.columns.column_type import INSTANT, ColumnType, union
from datagen.distributions.base import AnyTimer, Distribution
from datagen.distributions.continuous import Constant
from datagen.errors import Path
from datagen.fields.base import NamedField, validate_size
from datagen.instants import NAIVE, Style
from datagen.spec.document import AnySchedule, Document
from datagen.spec.record_schema import RecordSchema
from datagen.spec.state_graph import STOP, Node, StateGraph
from datagen.validation import Model, Name, PositiveProbability, at_least_one, quoted


class Transition(Model):
    """A state, or `stop`, that may come next."""

    next: str
    probability: PositiveProbability


class State(Model):
    """What a worker does at a visit: set variables, emit a record, wait, go on."""

    name: Name
    emitter: str | None = None
    variables: list[NamedField] = Key(default_factory=list)
    delay: AnyTimer = Constant(value=0)
    transitions: Annotated[list[Transition], at_least_one('transition; to "stop" ends the worker')]

    MOVED_KEYS: ClassVar = {
        "type": (None, "belongs to the process form, where each state has one; most states here have none"),
        "next": ("transitions", "belongs to the process form; here it is a key of the transitions, with a probability"),
    }  # fmt: skip

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from validate_size(self.variables, "variables")

    def node(self, numbers: Mapping[str, int], shown: Mapping[str, set[str]]) -> Node:
        """Return what the graph knows of it; `shown` are the variables that each emitter shows."""
        return Node(
            name=self.name,
            nexts=[numbers.get(each.next, STOP) for each in self.transitions],
            emits=self.emitter is not None,
            waits=self.delay.can_take_time(),
            sets={str(each.name) for each in self.variables},
            shows=shown.get(self.emitter or "", set()),
            rounding=self.delay.rounding(),
        )


class Emitter(Model):
    """A kind of record: `time`, then the dimensions in order."""

    name: Name
    dimensions: list[NamedField]

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from validate_size(self.dimensions, "dimensions")

    def shown_variables(self) -> list[str]:
        """Return the variables that its dimensions show, nested ones too, in order of appearance."""
        names = [
            field.variable_shown()
            for dimension in self.dimensions
            for field in (dimension, *(nested.field for nested in dimension.descendants()))
        ]
        return [name for name in dict.fromkeys(names) if name is not None]


class Generator(Document):
    """A specification in the classic form.

    `has_time` says that records begin with a field `time`, and `style` how instants are written when
    the run's start has no offset.
    """

    type: Literal["generator"] = "generator"
    states: Annotated[list[State], at_least_one("state")]
    emitters: list[Emitter]
    interarrival: AnyTimer
    schedule: AnySchedule = None

    has_time: ClassVar[bool] = True
    style: ClassVar[Style] = NAIVE
    schema_known: ClassVar[bool] = True
    has_workers: ClassVar[bool] = True
    source_files: ClassVar[tuple[str, ...]] = ()
    source_state: ClassVar[tuple[int, ...]] = ()

    @property
    def fields(self) -> set[str]:
        """Return the names of the fields of its records."""
        known = {"time"} if self.has_time else set()
        return known | {str(each.name) for emitter in self.emitters for each in emitter.dimensions}

    @property
    def record_schema(self) -> RecordSchema:
        """Return the columns of its records."""
        variables = self._variable_types()
        emitters = {each.name: self._columns(each, variables) for each in self.emitters}
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

    def index_in_file(self, state: int) -> int:
        """Return the index, in the file's list of states, of a state of the machine."""
        return state

    def described(self) -> str:
        """Return how large it is, on one line."""
        return f"{self.state_count} states, {len(self.emitters)} emitters"

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

    def shown_variables(self) -> list[str]:
        """Return the variables that some emitter shows, in order of appearance."""
        names = (name for emitter in self.emitters for name in emitter.shown_variables())
        return list(dict.fromkeys(names))

    def graph(self) -> StateGraph:
        """Return the graph of its states."""
        numbers = {state.name: number for number, state in enumerate(self.states)}
        shown = variables_by_emitter(self.emitters)
        return StateGraph(
            nodes=[state.node(numbers, shown) for state in self.states],
            arrivals_wait=self.interarrival.can_take_time(),
            arrivals_rounding=self.interarrival.rounding(),
        )

    def classic(self) -> "Generator":
        """Return the specification in this form."""
        return self

    def _variable_types(self) -> dict[str, ColumnType]:
        """Return the type of each variable, whichever state sets it."""
        types: dict[str, list[ColumnType]] = {}
        for state in self.states:
            last_setters = {each.name: each for each in state.variables}
            for each in last_setters.values():
                types.setdefault(str(each.name), []).append(each.column_type({}))
        return {name: union(column_types) for name, column_types in types.items()}

    def _columns(
        self, emitter: Emitter, variables: Mapping[str, ColumnType]
    ) -> dict[str, ColumnType]:
        types = {str(each.name): each.column_type(variables) for each in emitter.dimensions}
        return {"time": INSTANT, **types} if self.has_time else types


def variables_by_emitter(emitters: Iterable[Emitter]) -> dict[str, set[str]]:
    """Return the variables that each emitter shows, by its name."""
    return {each.name: set(each.shown_variables()) for each in emitters}
