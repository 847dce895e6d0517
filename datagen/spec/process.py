"""Turns the states of a process, in the words of BPMN, into the parts of visits.

An activity is merged with the timer and the gateway that follow it at once: this is what the machine
calls a state. A timer or a gateway that is entered otherwise, or sets variables on entry, begins a visit
of its own; so does what a timer sets after it has waited.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field as Key
from pydantic import PlainValidator

from datagen.distributions.continuous import Constant
from datagen.distributions.parsing import AnyInterarrival, AnyTimer
from datagen.errors import Path
from datagen.fields.base import Field, NamedField, read_before_set, validate_size
from datagen.language import Expression
from datagen.spec.deciding import decisions, names_that_decide
from datagen.spec.emissions import EmitterNames
from datagen.spec.merging import ON_ENTRY, VARIABLES, Part
from datagen.spec.populations import Arrivals, Limits
from datagen.spec.state_graph import STOP, Node, StateGraph, Vocabulary
from datagen.spec.transitions import Transition
from datagen.validation import (
    Family,
    Model,
    Name,
    Problems,
    at_least_one,
    did_you_mean,
    invalid_values,
)

TIMER, END = "event:intermediate:timer", "event:end"
GATEWAY = "gateway:exclusive"
Variables = list[NamedField]
Rename = Callable[[str], str]
STATES: "Family[ProcessState]" = Family("state type", "activity")
_VOCABULARY = Vocabulary(
    emitter="activity",
    timer="timer",
    no_wait="no timer there ever waits",
    rounded_wait="every timer there waits for 0 seconds, or its wait is rounded to 0 microseconds",
)
_WAIT = f"put an {TIMER} after it"
_CHOOSE = f"put a {GATEWAY} after it"
_BEFORE = "put an activity before it"
_AFTER = "put an activity after it"


class ProcessState(Model):
    """The base of the family: what it does, and where it leads."""

    type: str
    name: Name
    starts_worker: ClassVar[bool] = False
    ends_worker: ClassVar[bool] = False
    begins_child: ClassVar[bool] = False
    has_child: ClassVar[bool] = False  # it runs another file

    @property
    def is_passed_by(self) -> bool:
        """Return whether a worker does nothing at all here."""
        return False

    def flows(self) -> list[Transition]:
        """Return what may come next; nothing after an end."""
        return []

    def decisions(self) -> Iterator[tuple[Path, Expression]]:
        """Yield the expressions that decide where it leads, or how long it takes, with their paths."""
        waits = [part.wait for part in self.parts() if part.wait is not None]
        yield from decisions(self.flows(), "cardinality_distribution", *waits)

    def parts(self) -> list[Part]:
        """Return what a worker does here, a part for each visit that it may take; none: it ends."""
        return []

    def emits(self) -> tuple[str, ...]:
        """Return the names of the emitters that make records here, in order."""
        return ()

    def at_start(self) -> Sequence[Field]:
        """Return the variables that are set where a child begins."""
        return ()

    def items(self, lists: Mapping[str, Any]) -> Sequence[Sequence[Field]] | None:
        """Return the variables that each run of a child begins with; None: it runs once, without any.

        `lists` are the literal values that may be named. Raises ValidationError.
        """
        del lists
        return None

    def renamed(self, own: Rename, following: Rename) -> Self:
        """Return the same state with another name, and others in the places of those that follow."""
        changes: dict[str, Any] = {"name": own(self.name)}
        if "next" in type(self).model_fields:
            changes["next"] = following(self.flows()[0].next)
        return self.model_copy(update=changes)

    def node(self, numbers: Mapping[str, int], shown: Mapping[str, set[str]]) -> Node:
        """Return what the graph knows of it; `shown` are the variables that each emitter shows."""
        parts = self.parts()
        return Node(
            name=self.name,
            nexts=[numbers[flow.next] for flow in self.flows()] or [STOP],
            emits=bool(self.emits()),
            waits=any(part.wait is not None and part.wait.can_take_time() for part in parts),
            sets={str(each.name) for part in parts for each in (*part.variables, *part.defaults)},
            shows=set().union(*(shown.get(emitter, set()) for emitter in self.emits())),
            reads=read_before_set(
                [each for part in parts for each in (*part.defaults, *part.variables)]
            ),
            rounding=next(
                (
                    text
                    for part in parts
                    if part.wait is not None and (text := part.wait.rounding())
                ),
                "",
            ),
            decides=names_that_decide(self),
        )


@STATES.register
class StartTimer(Limits, ProcessState):
    """Where the workers of a population begin, each after an interarrival time."""

    type: Literal["event:start:timer"] = "event:start:timer"
    cardinality_distribution: AnyInterarrival | None = None
    variables_on_entry: Variables = Key(default_factory=list)
    next: str
    starts_worker = True
    begins_child = True  # of an older one, where it waits for nothing
    MOVED_KEYS: ClassVar = {
        "interarrival": ("cardinality_distribution", "the time between workers is the cardinality_distribution of a start"),
        "delay": ("cardinality_distribution", "the time between workers is the cardinality_distribution of a start"),
        "transitions": ("next", f"a start has one next; {_CHOOSE}"),
        "emitter": (None, f"a start emits nothing; {_AFTER}"),
        "variables": (None, f"a start sets nothing; {_AFTER}"),
    }  # fmt: skip

    def validate_keys(self) -> Problems:
        yield from super().validate_keys()
        yield from validate_size(self.variables_on_entry, ON_ENTRY)
        if self.cardinality_distribution is None and self.total is None:
            yield ("cardinality_distribution",), "missing"

    def flows(self) -> list[Transition]:
        return [Transition(next=self.next, probability=1)]

    def arrivals(self, index: int, *, named: bool) -> Arrivals:
        """Return how its workers come; the workers of one that is not named are of the unnamed population."""
        return Arrivals(
            self.name if named else None,
            self.name if self.parts() else self.next,
            self.cardinality_distribution or Constant(value=0),
            ("states", index, "cardinality_distribution"),
            self,
        )

    def parts(self) -> list[Part]:
        return _on_entry(self.variables_on_entry)

    def at_start(self) -> Sequence[Field]:
        return self.variables_on_entry


@STATES.register
class IntermediateTimer(ProcessState):
    """Sets `variables_on_entry`, waits, sets `variables`."""

    type: Literal["event:intermediate:timer"] = "event:intermediate:timer"
    cardinality_distribution: AnyTimer
    variables_on_entry: Variables = Key(default_factory=list)
    variables: Variables = Key(default_factory=list)
    next: str
    MOVED_KEYS: ClassVar = {
        "delay": ("cardinality_distribution", "the time that a timer waits is its cardinality_distribution"),
        "transitions": ("next", f"a timer has one next; {_CHOOSE}"),
        "emitter": (None, f"a timer emits nothing; {_AFTER}"),
    }  # fmt: skip

    def validate_keys(self) -> Problems:
        yield from validate_size(self.variables_on_entry, ON_ENTRY)
        yield from validate_size(self.variables, VARIABLES)

    def flows(self) -> list[Transition]:
        return [Transition(next=self.next, probability=1)]

    def parts(self) -> list[Part]:
        waits = Part(self.variables_on_entry, ON_ENTRY, wait=self.cardinality_distribution)
        return [waits, Part(self.variables)] if self.variables else [waits]


@STATES.register
class Activity(ProcessState):
    """Sets variables, then emits a record; takes no time."""

    type: Literal["activity"] = "activity"
    variables_on_entry: Variables = Key(default_factory=list)
    variables: Variables = Key(default_factory=list)
    emitter: EmitterNames = ()
    next: str
    MOVED_KEYS: ClassVar = {
        "delay": (None, f"an activity has no delay; {_WAIT}"),
        "cardinality_distribution": (None, f"an activity has no delay; {_WAIT}"),
        "transitions": ("next", f"an activity has one next; {_CHOOSE}"),
        "dimensions": (None, "an emitter has dimensions; an activity has variables"),
    }

    def validate_keys(self) -> Problems:
        yield from validate_size(self.variables_on_entry, ON_ENTRY)
        yield from validate_size(self.variables, VARIABLES)

    def flows(self) -> list[Transition]:
        return [Transition(next=self.next, probability=1)]

    def emits(self) -> tuple[str, ...]:
        return self.emitter

    def parts(self) -> list[Part]:
        record = Part(self.variables, emitters=self.emitter, begins=True)
        return [*_on_entry(self.variables_on_entry), record]


@STATES.register
class Gateway(ProcessState):
    """Sets variables, then picks one of several flows by their probabilities; takes no time."""

    type: Literal["gateway:exclusive"] = "gateway:exclusive"
    variables_on_entry: Variables = Key(default_factory=list)
    variables: Variables = Key(default_factory=list)
    transitions: Annotated[list[Transition], at_least_one("transition")]
    MOVED_KEYS: ClassVar = {
        "next": ("transitions", "a gateway has transitions, each with its next and probability"),
        "delay": (None, f"a gateway has no delay; {_WAIT}"),
        "cardinality_distribution": (None, f"a gateway has no delay; {_WAIT}"),
        "emitter": (None, f"a gateway emits nothing; {_BEFORE}"),
    }

    def validate_keys(self) -> Problems:
        yield from validate_size(self.variables_on_entry, ON_ENTRY)
        yield from validate_size(self.variables, VARIABLES)

    def flows(self) -> list[Transition]:
        return self.transitions

    def parts(self) -> list[Part]:
        return [*_on_entry(self.variables_on_entry), Part(self.variables, chooses=True)]

    def renamed(self, own: Rename, following: Rename) -> Self:
        flows = [
            each.model_copy(update={"next": following(each.next)}) for each in self.transitions
        ]
        return self.model_copy(update={"name": own(self.name), "transitions": flows})


@STATES.register
class End(ProcessState):
    """Ends the worker."""

    type: Literal["event:end"] = "event:end"
    ends_worker = True
    MOVED_KEYS: ClassVar = {
        "next": (None, "an end ends the worker: nothing comes after it"),
        "transitions": (None, "an end ends the worker: nothing comes after it"),
        "delay": (None, f"an end takes no time; put an {TIMER} before it"),
        "cardinality_distribution": (None, f"an end takes no time; put an {TIMER} before it"),
        "emitter": (None, f"an end emits nothing; {_BEFORE}"),
        "variables": (None, f"an end sets nothing; {_BEFORE}"),
    }


def _on_entry(variables: Sequence[Field]) -> list[Part]:
    """Return the visit that sets variables before anything else, if there are any."""
    return [Part(variables, ON_ENTRY)] if variables else []


def parse_state(data: Any) -> ProcessState:
    """Return a checked state of a process. Raises ValidationError."""
    if isinstance(data, dict) and "type" not in data:
        text = "missing; most states have one, as in the process form"
        raise invalid_values([(("type",), f"{text}{did_you_mean(None, STATES)}")])
    return STATES.parse(data)


AnyState = Annotated[ProcessState, PlainValidator(parse_state)]


def state_graph(
    states: Sequence[ProcessState], shown: Mapping[str, set[str]], constants: frozenset[str]
) -> StateGraph:
    """Return the graph of a process; `shown` are the variables that each emitter shows."""
    numbers = {state.name: number for number, state in enumerate(states)}
    return StateGraph(
        nodes=[state.node(numbers, shown) for state in states],
        beginnings=[each.beginning(int(each.path[1])) for each in arrivals_of_starts(states)],
        set_before=constants,
        vocabulary=_VOCABULARY,
    )


def arrivals_of_starts(states: Sequence[ProcessState]) -> tuple[Arrivals, ...]:
    """Return how the workers of each start come: those of the first are of the unnamed population."""
    starts = [(place, state) for place, state in enumerate(states) if isinstance(state, StartTimer)]
    return tuple(
        start.arrivals(place, named=number > 0) for number, (place, start) in enumerate(starts)
    )
