"""Turns the states of a process, in the words of BPMN, into fewer states, one for each visit of a worker.

An activity is merged with the timer and the gateway that follow it at once: this is what the machine
calls a state. A timer or a gateway that is entered otherwise begins a visit of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field as Key
from pydantic import PlainValidator

from datagen.distributions.base import AnyTimer, Distribution
from datagen.errors import Path, dotted
from datagen.fields.base import Field, NamedField, validate_size
from datagen.spec.references import FormRules, names_of
from datagen.spec.state_graph import STOP, Node, StateGraph, Vocabulary
from datagen.validation import (
    Family,
    Model,
    Name,
    PositiveProbability,
    Problems,
    at_least_one,
    did_you_mean,
    invalid_values,
    objects_at,
    quoted,
)

START, TIMER, END = "event:start:timer", "event:intermediate:timer", "event:end"
GATEWAY = "gateway:exclusive"
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


class Flow(Model):
    """A state that may come next."""

    next: str
    probability: PositiveProbability


class ProcessState(Model):
    """The base of the family: where it leads, how long it waits, what it sets and emits.

    A state continues the visit of the one before it if its `rank` is higher.
    """

    type: str
    name: Name
    rank: ClassVar[int] = -1
    starts_worker: ClassVar[bool] = False
    ends_worker: ClassVar[bool] = False
    begins_visit: ClassVar[bool] = False  # whatever comes before

    def flows(self) -> list[Flow]:
        """Return what may come next; nothing after an end."""
        return []

    def wait(self) -> Distribution | None:
        """Return the seconds that a worker waits here."""
        return None

    def sets(self) -> Sequence[Field]:
        """Return the variables that are set here."""
        return ()

    def emits(self) -> str | None:
        """Return the name of the emitter that makes a record here."""
        return None

    def node(self, numbers: Mapping[str, int], shown: Mapping[str, set[str]]) -> Node:
        """Return what the graph knows of it; `shown` are the variables that each emitter shows."""
        wait = self.wait()
        return Node(
            name=self.name,
            nexts=[numbers[flow.next] for flow in self.flows()] or [STOP],
            emits=self.emits() is not None,
            waits=wait is not None and wait.can_take_time(),
            sets={str(each.name) for each in self.sets()},
            shows=shown.get(self.emits() or "", set()),
            rounding="" if wait is None else wait.rounding(),
        )


@STATES.register
class StartTimer(ProcessState):
    """Where each worker begins, after an interarrival time."""

    type: Literal["event:start:timer"] = "event:start:timer"
    cardinality_distribution: AnyTimer
    next: str
    starts_worker = True
    MOVED_KEYS: ClassVar = {
        "interarrival": ("cardinality_distribution", "the time between workers is the cardinality_distribution of a start"),
        "delay": ("cardinality_distribution", "the time between workers is the cardinality_distribution of a start"),
        "transitions": ("next", f"a start has one next; {_CHOOSE}"),
        "emitter": (None, f"a start emits nothing; {_AFTER}"),
        "variables": (None, f"a start sets nothing; {_AFTER}"),
    }  # fmt: skip

    def flows(self) -> list[Flow]:
        return [Flow(next=self.next, probability=1)]


@STATES.register
class IntermediateTimer(ProcessState):
    """Waits, and does nothing else."""

    type: Literal["event:intermediate:timer"] = "event:intermediate:timer"
    cardinality_distribution: AnyTimer
    next: str
    rank = 1
    MOVED_KEYS: ClassVar = {
        "delay": ("cardinality_distribution", "the time that a timer waits is its cardinality_distribution"),
        "transitions": ("next", f"a timer has one next; {_CHOOSE}"),
        "emitter": (None, f"a timer emits nothing; {_AFTER}"),
        "variables": (None, f"a timer sets nothing; {_AFTER}"),
    }  # fmt: skip

    def flows(self) -> list[Flow]:
        return [Flow(next=self.next, probability=1)]

    def wait(self) -> Distribution:
        return self.cardinality_distribution


@STATES.register
class Activity(ProcessState):
    """Sets variables, then emits a record; takes no time."""

    type: Literal["activity"] = "activity"
    variables: list[NamedField] = Key(default_factory=list)
    emitter: str | None = None
    next: str
    rank = 0
    begins_visit = True
    MOVED_KEYS: ClassVar = {
        "delay": (None, f"an activity has no delay; {_WAIT}"),
        "cardinality_distribution": (None, f"an activity has no delay; {_WAIT}"),
        "transitions": ("next", f"an activity has one next; {_CHOOSE}"),
        "dimensions": (None, "an emitter has dimensions; an activity has variables"),
    }

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from validate_size(self.variables, "variables")

    def flows(self) -> list[Flow]:
        return [Flow(next=self.next, probability=1)]

    def sets(self) -> Sequence[Field]:
        return self.variables

    def emits(self) -> str | None:
        return self.emitter


@STATES.register
class Gateway(ProcessState):
    """Picks one of several flows by their probabilities; takes no time."""

    type: Literal["gateway:exclusive"] = "gateway:exclusive"
    transitions: Annotated[list[Flow], at_least_one("transition")]
    rank = 2
    MOVED_KEYS: ClassVar = {
        "next": ("transitions", "a gateway has transitions, each with its next and probability"),
        "delay": (None, f"a gateway has no delay; {_WAIT}"),
        "cardinality_distribution": (None, f"a gateway has no delay; {_WAIT}"),
        "emitter": (None, f"a gateway emits nothing; {_BEFORE}"),
        "variables": (None, f"a gateway sets nothing; {_BEFORE}"),
    }

    def flows(self) -> list[Flow]:
        return self.transitions


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


def parse_state(data: Any) -> ProcessState:
    """Return a checked state of a process. Raises ValidationError."""
    if isinstance(data, dict) and "type" not in data:
        text = "missing; most states have one, as in the process form"
        raise invalid_values([(("type",), f"{text}{did_you_mean(None, STATES)}")])
    return STATES.parse(data)


AnyState = Annotated[ProcessState, PlainValidator(parse_state)]


def is_process(raw: Any) -> bool:
    """Return whether a specification is written in the process form: most of its states have a type."""
    typed = ["type" in state for _, state in objects_at(raw, "states")]
    most = sum(typed) - len(typed) / 2
    return most > 0 or (most == 0 and any(typed) and "interarrival" not in raw)


def flow_problems(raw: Any) -> Problems:
    """Yield what is wrong with the number of starts and ends, and next states that do not exist."""
    states = list(objects_at(raw, "states"))
    models = [_model_of(state) for _, state in states]
    pairs = list(zip(states, models, strict=True))
    starts = [each for each, model in pairs if model is not None and model.starts_worker]
    ends = [each for each, model in pairs if model is not None and model.ends_worker]
    yield from _start_and_end_problems(starts, ends, complete=None not in models)
    names = _Names(names_of(states), names_of(starts), names_of(ends))
    for path, state in states:
        for place, flow in [(path, state), *objects_at(raw, *path, "transitions")]:
            if isinstance(flow.get("next"), str):
                for text in _next_problems(flow["next"], names):
                    yield (*place, "next"), text


def repeated_setters(raw: Any) -> Problems:
    """Yield the variables that an activity sets twice, of which the later one counts."""
    for path, _ in objects_at(raw, "states"):
        seen: dict[str, Path] = {}
        for place, variable in objects_at(raw, *path, "variables"):
            name = str(variable.get("name"))
            if name in seen:
                text = f"{dotted(seen[name])} sets {quoted(name)} already; the later one counts"
                yield (*place, "name"), text
            seen[name] = place


PROCESS = FormRules(
    flow_problems, probability_tolerance=0.01, has_time=False, repeated_setters=True
)


def state_graph(states: Sequence[ProcessState], shown: Mapping[str, set[str]]) -> StateGraph:
    """Return the graph of a process; `shown` are the variables that each emitter shows."""
    numbers = {state.name: number for number, state in enumerate(states)}
    start = start_of(states)
    return StateGraph(
        nodes=[state.node(numbers, shown) for state in states],
        arrivals_wait=start.cardinality_distribution.can_take_time(),
        arrivals=("states", numbers[start.name], "cardinality_distribution"),
        first=numbers[start.name],
        vocabulary=_VOCABULARY,
        arrivals_rounding=start.cardinality_distribution.rounding(),
    )


def start_of(states: Sequence[ProcessState]) -> StartTimer:
    """Return the one start."""
    return next(state for state in states if isinstance(state, StartTimer))


@dataclass(frozen=True)
class MergedState:
    """What a worker does at one visit: the state that begins it and its index, a wait, what may follow."""

    state: ProcessState
    index: int
    wait: Distribution | None
    flows: list[Flow]


def merged_states(states: Sequence[ProcessState]) -> list[MergedState]:
    """Return the merged states, that of a worker's first visit first; none where workers end at once."""
    indices = {state.name: index for index, state in enumerate(states)}
    activities = [state.name for state in states if state.begins_visit]
    merged: dict[str, MergedState] = {}
    pending = [*reversed(activities), start_of(states).next]
    while pending:
        name = pending.pop()
        if name not in merged and states[indices[name]].flows():
            merged[name] = _merge(states, indices, name)
            pending += [flow.next for flow in merged[name].flows]
    return list(merged.values())


def _merge(states: Sequence[ProcessState], indices: Mapping[str, int], name: str) -> MergedState:
    """Join a state with those that belong to the same visit: a timer, a gateway, in this order."""
    last = first = states[indices[name]]
    wait, flows = first.wait(), first.flows()
    while len(flows) == 1 and (following := states[indices[flows[0].next]]).rank > last.rank:
        last, wait, flows = following, wait or following.wait(), following.flows()
    return MergedState(first, indices[name], wait, flows)


class _Names(NamedTuple):
    """The names of states, and of those among them that start or end a worker."""

    states: list[str]
    starts: list[str]
    ends: list[str]


def _model_of(state: Mapping[str, Any]) -> type[ProcessState] | None:
    kind = state.get("type")
    return STATES.get(kind) if isinstance(kind, str) else None


def _start_and_end_problems(
    starts: Sequence[tuple[Path, Any]], ends: Sequence[tuple[Path, Any]], *, complete: bool
) -> Problems:
    """Yield starts too many, and, if the types of all states are known, that one is missing."""
    for path, _ in starts[1:]:
        yield (*path, "type"), f"only one {START} is allowed, and {dotted(starts[0][0])} is one"
    if complete and not starts:
        yield ("states",), f"no {START}: expected one, where every worker begins"
    if complete and not ends:
        yield ("states",), f"no {END}: expected at least one, where workers end"


def _next_problems(following: str, names: _Names) -> Iterator[str]:
    """Yield why no worker can go on to the state of a name."""
    if following in names.starts:
        yield f"is the {START}, to which no state may lead; name a later state"
    elif following not in names.states and following.lower() == "stop" and names.ends:
        yield f"no state {quoted(following)}; name an {END}, such as {quoted(names.ends[0])}"
    elif following not in names.states:
        known = [name for name in names.states if name not in names.starts]
        yield f"no state {quoted(following)}{did_you_mean(following, known)}"
