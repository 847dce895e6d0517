"""The process form of a specification, and how it becomes the classic one, by merging states."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Key

from datagen.distributions.base import Distribution
from datagen.instants import UTC_STYLE, Style
from datagen.spec import subprocesses  # noqa: F401 - registers the states that run children
from datagen.spec.constants import Constants
from datagen.spec.document import AnyRate, AnySchedule, Document, rounding_warnings
from datagen.spec.emitter import Emitter, variables_by_emitter
from datagen.spec.entities import Entities
from datagen.spec.forms import START
from datagen.spec.generator import CompiledGenerator
from datagen.spec.merging import merged_states
from datagen.spec.populations import period_problems
from datagen.spec.process import (
    AnyState,
    ProcessState,
    StartTimer,
    arrivals_of_starts,
    state_graph,
)
from datagen.spec.repeated_sets import repeated_sets
from datagen.spec.state_graph import StateGraph
from datagen.spec.tables import NO_TABLES, AnyTables
from datagen.validation import Problems, at_least_one, quoted


class ProcessDocument(Document):
    """A specification in the process form."""

    type: Literal["generator"] = "generator"
    states: Annotated[list[AnyState], at_least_one("state")]
    emitters: list[Emitter]
    schedule: AnySchedule = None
    rate: AnyRate = None
    constants: Constants = Key(default_factory=dict)
    variable_defaults: Constants = Key(default_factory=dict)
    tables: AnyTables = NO_TABLES
    entities: Entities = Key(default_factory=dict)
    interarrival: Any = None  # of the classic form

    MOVED_KEYS: ClassVar = {
        "populations": (None, f"belongs to the classic form; here each further {START} is a population"),
    }  # fmt: skip

    timed_emitters: ClassVar[frozenset[str]] = frozenset()
    style: ClassVar[Style] = UTC_STYLE

    def validate_keys(self) -> Problems:
        yield from super().validate_keys()
        for number, each in enumerate(self.states):
            if isinstance(each, StartTimer):
                for path, text in period_problems(each, self.timeline):
                    yield ("states", number, *path), text

    @property
    def state_count(self) -> int:
        """Return how many states the file has."""
        return len(self.states)

    def warnings(self) -> Problems:
        """Yield what is there and means nothing."""
        if "interarrival" in self.model_fields_set:
            yield ("interarrival",), f"has no effect: the {START} says how often workers come"
        yield from rounding_warnings(self._own_durations())
        yield from repeated_sets(self.emitters)

    def old_words(self) -> Problems:
        """Yield what older programs did otherwise."""
        yield from ()

    def durations(self) -> Iterator[tuple[str, Distribution]]:
        """Yield all that takes time: a name in the words of the form, the distribution of seconds."""
        yield from self._own_durations()

    def _own_durations(self) -> Iterator[tuple[str, Distribution]]:
        for start in self.states:
            if isinstance(start, StartTimer) and start.cardinality_distribution is not None:
                yield f"{start.type} {quoted(start.name)}: a mean", start.cardinality_distribution
        for state in self.states:
            for part in state.parts():
                if part.wait is not None:
                    yield f"{state.type} {quoted(state.name)}: a mean", part.wait

    def graph(self) -> StateGraph:
        """Return the graph of its states."""
        return self.graph_of(self.states, variables_by_emitter(self.emitters))

    def graph_of(self, states: Sequence[ProcessState], shown: Mapping[str, set[str]]) -> StateGraph:
        """Return the graph of states; `shown` are the variables that each emitter shows."""
        constants = frozenset({*self.constants, *self.variable_defaults})
        return state_graph(states, shown, constants)

    def compiled(self) -> CompiledGenerator:
        """Return the specification as the machine takes it: a state for each visit."""
        arrivals = arrivals_of_starts(self.states)
        merged = merged_states(self.states, [each.start for each in arrivals])
        return CompiledGenerator.of(self, merged, arrivals)
