"""Checks where the states of a process lead: its start, its ends, the states that come next."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from datagen.errors import Path, dotted
from datagen.spec.forms import MESSAGE, START
from datagen.spec.process import END, STATES, ProcessState
from datagen.spec.references import FormRules, names_of
from datagen.validation import Problems, did_you_mean, objects_at, quoted


def flow_problems(raw: Any) -> Problems:
    """Yield what is wrong with the number of starts and ends, and next states that do not exist."""
    yield from _flow_problems(raw, is_child=False)


def child_flow_problems(raw: Any) -> Problems:
    """Yield the same of a file that a subprocess runs, which has one start at most."""
    models = [(each, _model_of(each[1])) for each in objects_at(raw, "states")]
    starts = [each for each, model in models if model is not None and model.starts_worker]
    yield from _repeated_starts(starts, START)
    yield from _flow_problems(raw, is_child=True)


PROCESS = FormRules(flow_problems, probability_tolerance=0.01, has_time=False)
CHILD = FormRules(child_flow_problems, probability_tolerance=0.01, has_time=False, inherits=True)


class _Names(NamedTuple):
    """The names of states, and of those among them that start or end a worker."""

    states: list[str]
    starts: dict[str, str]  # with their types
    ends: list[str]


def _flow_problems(raw: Any, *, is_child: bool) -> Problems:
    states = list(objects_at(raw, "states"))
    models = [_model_of(state) for _, state in states]
    known = [(each, model) for each, model in zip(states, models, strict=True) if model is not None]
    starts = [each for each, model in known if model.starts_worker]
    messages = [each for each, model in known if model.begins_child and not model.starts_worker]
    ends = [each for each, model in known if model.ends_worker]
    complete = len(known) == len(states)
    yield from _repeated_starts(messages, MESSAGE)
    if complete and not starts and not (is_child and messages):
        yield ("states",), _no_start(is_child=is_child)
    if complete and not ends:
        yield ("states",), f"no {END}: expected at least one, where workers end"
    kinds = dict.fromkeys(names_of(messages), MESSAGE) | dict.fromkeys(names_of(starts), START)
    yield from _lost_flows(states, _Names(names_of(states), kinds, names_of(ends)))


def _lost_flows(states: Sequence[tuple[Path, Any]], names: _Names) -> Problems:
    """Yield next states that do not exist, or that no state may lead to."""
    for path, state in states:
        for place, flow in [(path, state), *objects_at(state, "transitions")]:
            where = place if place is path else (*path, *place)
            if isinstance(flow.get("next"), str):
                for text in _next_problems(flow["next"], names):
                    yield (*where, "next"), text


def _model_of(state: Mapping[str, Any]) -> type[ProcessState] | None:
    kind = state.get("type")
    return STATES.get(kind) if isinstance(kind, str) else None


def _repeated_starts(starts: Sequence[tuple[Path, Any]], kind: str) -> Problems:
    for path, _ in starts[1:]:
        yield (*path, "type"), f"only one {kind} is allowed, and {dotted(starts[0][0])} is one"


def _no_start(*, is_child: bool) -> str:
    if is_child:
        return f"no {MESSAGE}: expected one, where the child begins"
    return f"no {START}: expected one, where workers begin"


def _next_problems(following: str, names: _Names) -> Iterator[str]:
    """Yield why no worker can go on to the state of a name."""
    if following in names.starts:
        yield f"is the {names.starts[following]}, to which no state may lead; name a later state"
    elif following not in names.states and following.lower() == "stop" and names.ends:
        yield f"no state {quoted(following)}; name an {END}, such as {quoted(names.ends[0])}"
    elif following not in names.states:
        known = [name for name in names.states if name not in names.starts]
        yield f"no state {quoted(following)}{did_you_mean(following, known)}"
