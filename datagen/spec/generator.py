"""Turns JSON into a checked generator specification, with all of its problems in one go.

A specification is written in one of two forms: the classic one is what the machine is made of; one in
the words of BPMN, the process form, becomes it here. Three passes, each on all of the file: the shape of every part (models), the names that parts call
each other by (`references`), and, once these are right, what the machine can be seen to do (`graph`).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Key
from pydantic import ValidationError

from datagen.columns.column_type import INSTANT, ColumnType, union
from datagen.distributions.base import AnyTimer, Constant, Distribution
from datagen.errors import Path, Problem, SpecError
from datagen.fields import Field, NamedField, VariableField, size_mistakes
from datagen.instants import NAIVE, Style
from datagen.spec import process, state_graph
from datagen.spec.document import AnySchedule, Document
from datagen.spec.record_schema import RecordSchema
from datagen.spec.references import CLASSIC, Rules, reference_problems
from datagen.validation import (
    Chance,
    Model,
    Name,
    at_least_one,
    in_document_order,
    problems_of,
    quoted,
)


class Transition(Model):
    """A state, or `stop`, that may come next."""

    next: str
    probability: Chance


class State(Model):
    """What a worker does at a visit: set variables, emit a record, wait, go on."""

    name: Name
    emitter: str | None = None
    variables: list[NamedField] = Key(default_factory=list)
    delay: AnyTimer = Constant(value=0)
    transitions: Annotated[list[Transition], at_least_one('transition; to "stop" ends the worker')]

    MOVED_KEYS: ClassVar = {
        "type": (None, "belongs to the process form, where each state has one; most states here have none"),
        "next": ("transitions", "belongs to the process form; here it stands in the transitions, with a probability"),
    }  # fmt: skip

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        yield from size_mistakes(self.variables, "variables")


class Emitter(Model):
    """A kind of record: `time`, then the dimensions in order."""

    name: Name
    dimensions: list[NamedField]

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        yield from size_mistakes(self.dimensions, "dimensions")


class Generator(Document):
    """A whole specification, in the classic form, which is that of the machine.

    `timed` tells that records begin with a field `time`, and `style` how instants are written when the
    run's start has no offset.
    """

    type: Literal["generator"] = "generator"
    states: Annotated[list[State], at_least_one("state")]
    emitters: list[Emitter]
    interarrival: AnyTimer
    schedule: AnySchedule = None

    rules: ClassVar[Rules] = CLASSIC
    timed: ClassVar[bool] = True
    style: ClassVar[Style] = NAIVE
    schema_known: ClassVar[bool] = True
    has_workers: ClassVar[bool] = True
    source_files: ClassVar[tuple[str, ...]] = ()
    source_state: ClassVar[tuple[int, ...]] = ()

    @property
    def fields(self) -> set[str]:
        """Return the names of the fields of its records."""
        known = {"time"} if self.timed else set()
        return known | {str(each.name) for emitter in self.emitters for each in emitter.dimensions}

    @property
    def record_schema(self) -> RecordSchema:
        """Return the columns of its records."""
        variables = variable_types(self)
        emitters = {each.name: _columns(self, each, variables) for each in self.emitters}
        names = dict.fromkeys(name for columns in emitters.values() for name in columns)
        columns = {
            name: union(columns[name] for columns in emitters.values() if name in columns)
            for name in names
        }
        return RecordSchema(columns, emitters)

    @property
    def size(self) -> int:
        """Return how many states the file has."""
        return len(self.states)

    def place(self, state: int) -> int:
        """Return where a state of the machine stands in the file."""
        return state

    def described(self) -> str:
        """Return in a line how large it is."""
        return f"{self.size} states, {len(self.emitters)} emitters"

    def unresumable(self) -> str:
        return ""

    def means(self) -> Iterator[tuple[str, float]]:
        """Yield the mean, in seconds, of everything that takes time."""
        for what, time in self.times():
            yield what, time.mean()

    def times(self) -> Iterator[tuple[str, Distribution]]:
        """Yield everything that takes time, in the words of the form."""
        yield "interarrival: a mean", self.interarrival
        for state in self.states:
            yield f"state {quoted(state.name)}: a mean delay", state.delay

    def outline(self) -> state_graph.Outline:
        """Reduce the specification to what its graph says."""
        return _outline(self)

    def machine(self) -> "Generator":
        """Return what the machine is made of."""
        return self


class Process(Generator):
    """What the machine makes of a process: its visits as states, their places in the file."""

    document: "Diagram"
    places: tuple[int, ...]

    timed = False
    style = Style(0, "+00:00")

    @property
    def size(self) -> int:
        return len(self.document.states)

    def place(self, state: int) -> int:
        return self.places[state]

    def times(self) -> Iterator[tuple[str, Distribution]]:
        yield from self.document.times()


class Diagram(Document):
    """A whole specification, in the process form."""

    type: Literal["generator"] = "generator"
    states: Annotated[list[process.AnyState], at_least_one("state")]
    emitters: list[Emitter]
    schedule: AnySchedule = None

    rules: ClassVar[Rules] = process.PROCESS
    MOVED_KEYS: ClassVar = {
        "interarrival": (None, f"the time between workers is the cardinality_distribution of the {process.START}"),
    }  # fmt: skip

    def times(self) -> Iterator[tuple[str, Distribution]]:
        """Yield everything that takes time."""
        start = process.start_of(self.states)
        yield f"{start.type} {quoted(start.name)}: a mean", start.cardinality_distribution
        for state in self.states:
            wait = state.wait()
            if wait is not None:
                yield f"{state.type} {quoted(state.name)}: a mean", wait

    def outline(self) -> state_graph.Outline:
        """Reduce the specification to what its graph says."""
        return process.outline(self.states, _shown_by_each(self.emitters))

    def machine(self) -> Process:
        """Return what the machine is made of: a state for each visit."""
        visits = process.visits(self.states)
        return Process.model_construct(
            states=[_state(visit) for visit in visits],
            emitters=self.emitters,
            interarrival=process.start_of(self.states).cardinality_distribution,
            target=self.target,
            format=self.format,
            schedule=self.schedule,
            templates=self.templates,
            document=self,
            places=tuple(visit.place for visit in visits),
        )


def parse_spec(raw: Any, file: str) -> tuple[Generator, list[Problem]]:
    """Check a specification, JSON as Python holds it; give its model and its warnings.

    Raises SpecError with every problem of the file, in the order of the document.
    """
    form = Diagram if process.is_process(raw) else Generator
    problems = [Problem(path, text, file) for path, text in reference_problems(raw, form.rules)]
    try:
        spec = form.model_validate(raw)
    except ValidationError as error:
        problems += problems_of(error, file)
    if problems:
        raise SpecError(in_document_order(problems, raw))
    outline = spec.outline()
    errors = [Problem(path, text, file) for path, text in state_graph.errors(outline)]
    if errors:
        raise SpecError(errors)
    resets = process.resets(raw) if form.rules.resets else ()
    warnings = [
        Problem(path, text, file) for path, text in [*state_graph.warnings(outline), *resets]
    ]
    return spec.machine(), warnings


def _state(visit: process.Visit) -> State:
    """Return the state of the machine that a visit of a process is."""
    return State.model_construct(
        name=visit.state.name,
        emitter=visit.state.emits(),
        variables=list(visit.state.sets()),
        delay=visit.wait or Constant(value=0),
        transitions=[
            Transition.model_construct(next=flow.next, probability=flow.probability)
            for flow in visit.flows
        ],
    )


def variables_shown(spec: Generator) -> list[str]:
    """Return the names of the variables that some emitter refers to, in order of appearance."""
    shown = [each.variable for emitter in spec.emitters for each in shown_by(emitter)]
    return list(dict.fromkeys(shown))


def shown_by(emitter: Emitter) -> list[VariableField]:
    """Return the dimensions of an emitter, nested ones too, that refer to a variable."""
    found: list[VariableField] = []
    pending: list[Field] = list(reversed(emitter.dimensions))
    while pending:
        each = pending.pop()
        if isinstance(each, VariableField):
            found.append(each)
        pending += reversed([child for _, _, child in each.children()])
    return found


def _outline(spec: Generator) -> state_graph.Outline:
    """Reduce a specification to what its graph says."""
    numbers = {state.name: number for number, state in enumerate(spec.states)}
    shows = _shown_by_each(spec.emitters)
    return state_graph.Outline(
        names=[state.name for state in spec.states],
        nexts=[
            [numbers.get(each.next, state_graph.STOP) for each in state.transitions]
            for state in spec.states
        ],
        emits=[state.emitter is not None for state in spec.states],
        waits=[state.delay.can_take_time() for state in spec.states],
        sets=[{str(each.name) for each in state.variables} for state in spec.states],
        shows=[shows.get(state.emitter or "", set()) for state in spec.states],
        arrivals_wait=spec.interarrival.can_take_time(),
    )


def _shown_by_each(emitters: list[Emitter]) -> Mapping[str, set[str]]:
    """Return the variables that each emitter refers to."""
    return {each.name: {field.variable for field in shown_by(each)} for each in emitters}


def variable_types(spec: Generator) -> dict[str, ColumnType]:
    """Return what each variable holds, whichever state sets it."""
    found: dict[str, list[ColumnType]] = {}
    for state in spec.states:
        for each in {each.name: each for each in state.variables}.values():  # the last one counts
            found.setdefault(str(each.name), []).append(each.column_type({}))
    return {name: union(column_types) for name, column_types in found.items()}


def _columns(
    spec: Generator, emitter: Emitter, variables: Mapping[str, ColumnType]
) -> dict[str, ColumnType]:
    column_types = {str(each.name): each.column_type(variables) for each in emitter.dimensions}
    return {"time": INSTANT, **column_types} if spec.timed else column_types
