"""Finds what the paths of workers look at: the conditions of transitions, the parameters of delays, and what these are made of.

Paths are walked ahead of the output. So what decides one may not depend on what is numbered in the order
of output.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from datagen.distributions.base import Distribution
from datagen.errors import Path
from datagen.fields.base import Field, names_read
from datagen.fields.draw import VISIT_TYPES
from datagen.language import TIME, Expression
from datagen.spec.transitions import Transition
from datagen.timeline import Use
from datagen.validation import Problems

Setters = Mapping[str, Sequence[Field]]  # for each variable the field generators that set it


class Deciding(Protocol):
    """A state that may look at values."""

    def decisions(self) -> Iterator[tuple[Path, Expression]]:
        """Yield the expressions that decide where it leads, or how long it takes, with their paths."""


@dataclass(frozen=True)
class Deciders:
    """The variables that decide paths, in order of appearance; `timed` says that instants do, too.

    `uses` are the functions of periods that they look at, each with its period.
    """

    variables: tuple[str, ...] = ()
    timed: bool = False
    uses: tuple[Use, ...] = ()


def decisions(
    transitions: Sequence[Transition], key: str = "", wait: Distribution | None = None
) -> Iterator[tuple[Path, Expression]]:
    """Yield the conditions of transitions, and the parameters, under a key, of a wait."""
    for place, each in enumerate(transitions):
        if each.condition is not None:
            yield ("transitions", place, "when"), each.condition
    if wait is not None:
        yield from (((key, *path), each) for path, each in wait.expressions())


def decisions_of(states: Iterable[Deciding]) -> Iterator[tuple[Path, Expression]]:
    """Yield what decides in a list of states, with its path in the file."""
    for number, state in enumerate(states):
        yield from ((("states", number, *path), each) for path, each in state.decisions())


def names_that_decide(state: Deciding) -> set[str]:
    """Return the names that a state looks at where it leads on; those that say what a visit is are left out."""
    return {name for _, each in state.decisions() for name in each.names} - VISIT_TYPES.keys()


def deciders(states: Sequence[Deciding], setters: Setters) -> Deciders:
    """Return the variables that decide paths, those too that these are made of."""
    expressions = [each for _, each in decisions_of(states)]
    looked_at, fields = _looked_at(expressions, setters)
    expressions += [expression for each in fields for _, expression in each.expressions()]
    uses = dict.fromkeys(use for each in expressions for use in each.uses)
    timed = TIME in looked_at and TIME not in setters
    timed = timed or any(each.looks_at_time() for each in fields)
    return Deciders(tuple(name for name in looked_at if name in setters), timed, tuple(uses))


def _looked_at(
    expressions: Sequence[Expression], setters: Setters
) -> tuple[dict[str, None], list[Field]]:
    """Return the names that expressions look at, also by what these are made of, and the field generators of that."""
    looked_at = dict.fromkeys(name for each in expressions for name in each.names)
    pending, fields = [*looked_at], list[Field]()
    while pending:
        for field in setters.get(pending.pop(), ()):
            fields += field.with_descendants()
            new = dict.fromkeys(each for each in names_read(field) if each not in looked_at)
            looked_at |= new
            pending += new
    return looked_at, fields


def deciding_problems(states: Iterable[Deciding], setters: Setters) -> Problems:
    """Yield the conditions and delays that depend on what is known only in the order of output."""
    for path, expression in decisions_of(states):
        key = str(path[-1] if path[-1] == "when" else path[2])
        for names, what in _undecidable(key, expression.names, setters):
            text = f"what decides a path may not depend on {what}: {' -> '.join(names)} ({what})"
            yield path, text


def _undecidable(
    key: str, names: Sequence[str], setters: Setters
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the first chain of names that leads to each variable that may not decide, and what that is."""
    pending: list[tuple[str, ...]] = [(key, name) for name in names]
    seen = set(names)
    while pending:
        chain = pending.pop(0)
        for field in setters.get(chain[-1], ()):
            for each in field.with_descendants():
                if what := each.undecidable():
                    yield chain, what
            for name in dict.fromkeys(names_read(field)):
                if name not in seen:
                    seen.add(name)
                    pending.append((*chain, name))
