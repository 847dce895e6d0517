"""Turns JSON into a checked generator specification, with all of its problems in one go.

Three passes, each on all of the file: the shape of every part (models), the names that parts call
each other by (`references`), and, once these are right, what the machine can be seen to do (`graph`).
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ValidationError
from pydantic import Field as Key

from datagen import graph
from datagen.distributions import AnyDistribution, Constant, Distribution
from datagen.errors import Path, Problem, SpecError
from datagen.fields import Field, NamedField, VariableField, size_mistakes
from datagen.references import reference_problems
from datagen.schema import (
    Model,
    Name,
    Number,
    at_least_one,
    in_document_order,
    items,
    mistake,
    problems_of,
    shown,
)

_PROCESS_TYPES = ("event", "activity", "gateway")


def _probability(value: float) -> float:
    if not 0 < value <= 1:
        raise mistake(f"expected a probability above 0 and at most 1, not {shown(value)}")
    return value


def _text_or_object(value: Any) -> Any:
    if value is not None and not isinstance(value, str | dict):
        raise mistake(
            f'expected a format such as "csv" or {{"type": "csv", ...}}, not {shown(value)}'
        )
    return value


AnyFormat = Annotated[Any, AfterValidator(_text_or_object)]


class Transition(Model):
    """A state, or `stop`, that may come next."""

    next: str
    probability: Annotated[Number, AfterValidator(_probability)]


class State(Model):
    """What a worker does at a visit: set variables, emit a record, wait, go on."""

    name: Name
    emitter: str | None = None
    variables: list[NamedField] = Key(default_factory=list)
    delay: AnyDistribution = Constant(value=0)
    transitions: Annotated[list[Transition], at_least_one('transition; to "stop" ends the worker')]

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        yield from size_mistakes(self.variables, "variables")


class Emitter(Model):
    """A kind of record: `time`, then the dimensions in order."""

    name: Name
    dimensions: list[NamedField]

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        yield from size_mistakes(self.dimensions, "dimensions")


class Generator(Model):
    """A whole specification, in the classic form."""

    type: Literal["generator"] = "generator"
    states: Annotated[list[State], at_least_one("state")]
    emitters: list[Emitter]
    interarrival: AnyDistribution
    target: dict[str, Any] | None = None
    format: AnyFormat = None


def parse_spec(raw: Any, file: str) -> tuple[Generator, list[Problem]]:
    """Check a specification, JSON as Python holds it; give its model and its warnings.

    Raises SpecError with every problem of the file, in the order of the document.
    """
    for path, text in _not_yet(raw):
        raise SpecError([Problem(path, text, file)])
    problems = [Problem(path, text, file) for path, text in reference_problems(raw)]
    try:
        spec = Generator.model_validate(raw)
    except ValidationError as error:
        problems += problems_of(error, file)
    if problems:
        raise SpecError(in_document_order(problems, raw))
    errors = [Problem(path, text, file) for path, text in graph.errors(_outline(spec))]
    if errors:
        raise SpecError(errors)
    warnings = [Problem(path, text, file) for path, text in graph.warnings(_outline(spec))]
    return spec, warnings


def _not_yet(raw: Any) -> Iterator[tuple[Path, str]]:
    """Yield what tells that a specification is of a form that is still to come."""
    for path, state in items(raw, "states"):
        kind = state.get("type")
        if isinstance(kind, str) and kind.split(":")[0] in _PROCESS_TYPES:
            text = f"{shown(kind)} belongs to the process form, which is not supported yet"
            yield (*path, "type"), text


def variables_shown(spec: Generator) -> list[str]:
    """Give the names of the variables that some emitter refers to, in order of appearance."""
    shown = [each.variable for emitter in spec.emitters for each in shown_by(emitter)]
    return list(dict.fromkeys(shown))


def shown_by(emitter: Emitter) -> list[VariableField]:
    """Give the dimensions of an emitter, nested ones too, that refer to a variable."""
    found: list[VariableField] = []
    pending: list[Field] = list(reversed(emitter.dimensions))
    while pending:
        each = pending.pop()
        if isinstance(each, VariableField):
            found.append(each)
        pending += reversed([child for _, _, child in each.children()])
    return found


def _outline(spec: Generator) -> graph.Outline:
    """Reduce a specification to what its graph says."""
    numbers = {state.name: number for number, state in enumerate(spec.states)}
    emitters = {emitter.name: emitter for emitter in spec.emitters}
    return graph.Outline(
        names=[state.name for state in spec.states],
        nexts=[
            [numbers.get(each.next, graph.STOP) for each in state.transitions]
            for state in spec.states
        ],
        emits=[state.emitter is not None for state in spec.states],
        waits=[_waits(state.delay) for state in spec.states],
        sets=[{str(each.name) for each in state.variables} for state in spec.states],
        shows=[
            {each.variable for each in shown_by(emitters[state.emitter])}
            if state.emitter
            else set()
            for state in spec.states
        ],
        arrivals_wait=_waits(spec.interarrival),
    )


def _waits(delay: Distribution) -> bool:
    return delay.can_take_time()
