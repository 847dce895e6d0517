"""The process form of a specification, and how it becomes the classic one, by merging states."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from datagen.distributions.base import Distribution
from datagen.distributions.continuous import Constant
from datagen.instants import Style
from datagen.spec.document import AnySchedule, Document
from datagen.spec.generator import Emitter, Generator, State, Transition, variables_by_emitter
from datagen.spec.process import START, AnyState, MergedState, merged_states, start_of, state_graph
from datagen.spec.state_graph import StateGraph
from datagen.validation import at_least_one, quoted


class ProcessDocument(Document):
    """A specification in the process form."""

    type: Literal["generator"] = "generator"
    states: Annotated[list[AnyState], at_least_one("state")]
    emitters: list[Emitter]
    schedule: AnySchedule = None

    MOVED_KEYS: ClassVar = {
        "interarrival": (None, f"the time between workers is the cardinality_distribution of the {START}"),
    }  # fmt: skip

    def durations(self) -> Iterator[tuple[str, Distribution]]:
        """Yield all that takes time: a name in the words of the form, the distribution of seconds."""
        start = start_of(self.states)
        yield f"{start.type} {quoted(start.name)}: a mean", start.cardinality_distribution
        for state in self.states:
            wait = state.wait()
            if wait is not None:
                yield f"{state.type} {quoted(state.name)}: a mean", wait

    def graph(self) -> StateGraph:
        """Return the graph of its states."""
        return state_graph(self.states, variables_by_emitter(self.emitters))

    def classic(self) -> "ProcessGenerator":
        """Return the specification in the classic form."""
        merged = merged_states(self.states)
        return ProcessGenerator.model_construct(
            states=[_state(each) for each in merged],
            emitters=self.emitters,
            interarrival=start_of(self.states).cardinality_distribution,
            target=self.target,
            format=self.format,
            schedule=self.schedule,
            templates=self.templates,
            document=self,
            indices=tuple(each.index for each in merged),
        )


class ProcessGenerator(Generator):
    """A process in the classic form; `indices` are those of its states in the document."""

    document: ProcessDocument
    indices: tuple[int, ...]

    has_time = False
    style = Style(0, "+00:00")

    @property
    def state_count(self) -> int:
        return len(self.document.states)

    def index_in_file(self, state: int) -> int:
        return self.indices[state]

    def durations(self) -> Iterator[tuple[str, Distribution]]:
        yield from self.document.durations()


def _state(merged: MergedState) -> State:
    """Return merged states of a process as one state of the classic form."""
    return State.model_construct(
        name=merged.state.name,
        emitter=merged.state.emits(),
        variables=list(merged.state.sets()),
        delay=merged.wait or Constant(value=0),
        transitions=[
            Transition.model_construct(next=flow.next, probability=flow.probability)
            for flow in merged.flows
        ],
    )
