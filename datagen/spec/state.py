"""A state of the classic form."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import Field as Key

from datagen.distributions.continuous import Constant
from datagen.distributions.parsing import AnyTimer
from datagen.errors import Path
from datagen.fields.base import NamedField, read_before_set, validate_size
from datagen.language import Expression
from datagen.spec.deciding import decisions, names_that_decide
from datagen.spec.emissions import EmitterNames
from datagen.spec.merging import ON_ENTRY, VARIABLES, Part
from datagen.spec.state_graph import STOP, Node
from datagen.spec.transitions import Transition
from datagen.validation import Model, Name, at_least_one


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
