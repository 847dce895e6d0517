"""Turns the states of a process, in the words of BPMN, into what its workers visit.

A visit is an activity together with the timer and the gateway that follow it at once: this is what
the machine calls a state. A timer or a gateway that is entered otherwise begins a visit of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Key
from pydantic import PlainValidator

from datagen.distributions.base import AnyTimer, Distribution
from datagen.errors import Path, dotted
from datagen.fields import Field, NamedField, validate_size
from datagen.spec.references import Found, Rules, names_of
from datagen.spec.state_graph import STOP, Outline, Words
from datagen.validation import (
    Family,
    Model,
    Name,
    PositiveProbability,
    at_least_one,
    did_you_mean,
    invalid_values,
    objects_at,
    quoted,
)

START, TIMER, END = "event:start:timer", "event:intermediate:timer", "event:end"
GATEWAY = "gateway:exclusive"
STATES: "Family[ProcessState]" = Family("state type", "activity")
_WORDS = Words(emitter="activity", timer="timer", still="no timer there ever waits")
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

    `rank` is the place of its kind within a visit.
    """

    type: str
    name: Name
    rank: ClassVar[int] = -1

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
        """Return the emitter of the record that is made here."""
        return None


@STATES.register
class StartTimer(ProcessState):
    """Where each worker begins, so many seconds after the one before it."""

    type: Literal["event:start:timer"] = "event:start:timer"
    cardinality_distribution: AnyTimer
    next: str
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
    """Picks one of several ways; takes no time."""

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
    MOVED_KEYS: ClassVar = {
        "next": (None, "an end ends the worker: nothing comes after it"),
        "transitions": (None, "an end ends the worker: nothing comes after it"),
        "delay": (None, f"an end takes no time; put an {TIMER} before it"),
        "cardinality_distribution": (None, f"an end takes no time; put an {TIMER} before it"),
        "emitter": (None, f"an end emits nothing; {_BEFORE}"),
        "variables": (None, f"an end sets nothing; {_BEFORE}"),
    }


def any_state(data: Any) -> ProcessState:
    """Check a state of a process."""
    if isinstance(data, dict) and "type" not in data:
        text = "missing; most states have one, as in the process form"
        raise invalid_values([(("type",), f"{text}{did_you_mean(None, STATES)}")])
    return STATES.parse(data)


AnyState = Annotated[ProcessState, PlainValidator(any_state)]


def is_process(raw: Any) -> bool:
    """Return whether a specification is written in the process form: most of its states have a type."""
    typed = ["type" in state for _, state in objects_at(raw, "states")]
    most = sum(typed) - len(typed) / 2
    return most > 0 or (most == 0 and any(typed) and "interarrival" not in raw)


def flow_problems(raw: Any) -> Found:
    """Yield a start too many, none, no end, and whatever leads nowhere."""
    states = list(objects_at(raw, "states"))
    starts = [(path, state) for path, state in states if state.get("type") == START]
    ends = [(path, state) for path, state in states if state.get("type") == END]
    for path, _ in starts[1:]:
        yield (*path, "type"), f"{dotted(starts[0][0])} is the {START} already; there is one"
    if all(_known(state) for _, state in states):
        if not starts:
            yield ("states",), f"no {START}: expected one, where every worker begins"
        if not ends:
            yield ("states",), f"no {END}: expected at least one, where workers end"
    names = {"all": names_of(states), "starts": names_of(starts), "ends": names_of(ends)}
    for path, state in states:
        flows = [(path, state), *objects_at(raw, *path, "transitions")]
        for place, flow in flows:
            if isinstance(flow.get("next"), str):
                for text in _nowhere(flow["next"], names):
                    yield (*place, "next"), text


def _known(state: Mapping[str, Any]) -> bool:
    kind = state.get("type")
    return isinstance(kind, str) and kind in STATES


def _nowhere(following: str, names: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield why no worker can go on to what bears this name."""
    if following in names["starts"]:
        yield f"is the {START}, to which no worker comes back; name a state after it"
    elif following not in names["all"] and following.lower() == "stop" and names["ends"]:
        yield f"no state {quoted(following)}; name an {END}, such as {quoted(names['ends'][0])}"
    elif following not in names["all"]:
        known = [name for name in names["all"] if name not in names["starts"]]
        yield f"no state {quoted(following)}{did_you_mean(following, known)}"


PROCESS = Rules(flow_problems, tolerance=0.01, timed=False, resets=True)


def outline(states: Sequence[ProcessState], shows: Mapping[str, set[str]]) -> Outline:
    """Reduce a process to what its graph says; `shows` are the variables that emitters refer to."""
    numbers = {state.name: number for number, state in enumerate(states)}
    first = start_of(states)
    waits = [state.wait() for state in states]
    return Outline(
        names=[state.name for state in states],
        nexts=[[numbers[flow.next] for flow in state.flows()] or [STOP] for state in states],
        emits=[state.emits() is not None for state in states],
        waits=[wait is not None and wait.can_take_time() for wait in waits],
        sets=[{str(each.name) for each in state.sets()} for state in states],
        shows=[shows.get(state.emits() or "", set()) for state in states],
        arrivals_wait=first.cardinality_distribution.can_take_time(),
        arrivals=("states", numbers[first.name], "cardinality_distribution"),
        first=numbers[first.name],
        words=_WORDS,
    )


def start_of(states: Sequence[ProcessState]) -> StartTimer:
    """Return the one start."""
    return next(state for state in states if isinstance(state, StartTimer))


@dataclass(frozen=True)
class Visit:
    """What a worker does in one go: the state that begins it, and where that stands; a wait; ways on."""

    state: ProcessState
    place: int
    wait: Distribution | None
    flows: list[Flow]


def visits(states: Sequence[ProcessState]) -> list[Visit]:
    """Return all visits, that at which workers begin first; none where a worker ends at once."""
    places = {state.name: place for place, state in enumerate(states)}
    activities = [state.name for state in states if isinstance(state, Activity)]
    found: dict[str, Visit] = {}
    pending = [*reversed(activities), start_of(states).next]
    while pending:
        name = pending.pop()
        if name not in found and states[places[name]].flows():
            found[name] = _visit(states, places, name)
            pending += [flow.next for flow in found[name].flows]
    return list(found.values())


def _visit(states: Sequence[ProcessState], places: Mapping[str, int], name: str) -> Visit:
    """Follow a state by those that belong to the same visit: a timer, a gateway, in this order."""
    last = first = states[places[name]]
    wait, flows = first.wait(), first.flows()
    while len(flows) == 1 and (following := states[places[flows[0].next]]).rank > last.rank:
        last, wait, flows = following, wait or following.wait(), following.flows()
    return Visit(first, places[name], wait, flows)


def resets(raw: Any) -> Found:
    """Yield variables that an activity sets twice: the later one counts."""
    for path, _ in objects_at(raw, "states"):
        seen: dict[str, Path] = {}
        for place, variable in objects_at(raw, *path, "variables"):
            name = str(variable.get("name"))
            if name in seen:
                text = f"{dotted(seen[name])} sets {quoted(name)} already; the later one counts"
                yield (*place, "name"), text
            seen[name] = place
