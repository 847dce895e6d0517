"""Settles what windows hand on to later ones - numbers of counters, values of computed variables - without making their records.

Records may then be made elsewhere, window by window. For that a machine is reduced to what counts and to
what variables are computed of; whatever else it has is left out, and so costs nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Ints
from datagen.fields import Field
from datagen.fields.base import names_read
from datagen.simulation.machine import EmitterFields, Machine
from datagen.simulation.visits import Visits


@dataclass(frozen=True)
class Reduction:
    """A machine without what depends on no other window; `groups`, int64[k], are the groups of variables it keeps."""

    machine: Machine
    groups: Ints

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is left: windows hand on nothing."""
        return not len(self.groups) and not self.machine.emits.any()

    def of(self, visits: Visits) -> Visits:
        """Return the visits of a window as visits of the reduced machine."""
        return replace(
            visits, before=visits.before[:, self.groups], latest=visits.latest[self.groups]
        )


def reduction_of(
    machine: Machine, keeps: Callable[[Field], bool] = Field.holds_counter
) -> Reduction:
    """Return a machine reduced to what later windows depend on, with the dimensions that `keeps` says.

    The order of what is left is as before, and so is the number that each counter gives.
    """
    emitters = tuple(
        replace(each, dimensions=_dimensions_kept(each.dimensions, keeps))
        for each in machine.emitters
    )
    variables = _variables_kept(machine, [each for each in emitters if each.dimensions])
    groups = [
        number
        for number, group in enumerate(machine.variable_groups)
        if variables.intersection(group.variables)
    ]
    kept = replace(
        machine,
        emitters=emitters,
        emitters_of=tuple(
            tuple(each for each in own if emitters[each].dimensions) for own in machine.emitters_of
        ),
        variable_groups=tuple(
            replace(group, variables=tuple(name for name in group.variables if name in variables))
            for group in (machine.variable_groups[number] for number in groups)
        ),
        sets=machine.sets[:, groups],
    )
    return Reduction(kept, np.array(groups, dtype=np.int64))


def _dimensions_kept(
    dimensions: Sequence[Field], keeps: Callable[[Field], bool]
) -> tuple[Field, ...]:
    """Return those that are kept, and those above them that they are made of."""
    needed: set[str] = set()
    kept = []
    for each in reversed(dimensions):
        if keeps(each) or str(each.name) in needed:
            kept.append(each)
            needed |= set(names_read(each))
    return tuple(reversed(kept))


def _variables_kept(machine: Machine, emitters: Sequence[EmitterFields]) -> set[str]:
    """Return the variables that count or are computed, and those that these and some emitters are made of."""
    known = machine.group_of
    kept = {*machine.computed, *_read(each for own in emitters for each in own.dimensions)}
    kept |= {each.for_each for each in emitters if each.for_each}
    kept &= known.keys()
    kept |= {name for name in known if any(map(Field.holds_counter, _setters(machine, name)))}
    pending = [*kept]
    while pending:
        read = {*_read(_setters(machine, pending.pop()))} & known.keys()
        pending += read - kept
        kept |= read
    return kept


def _setters(machine: Machine, variable: str) -> list[Field]:
    return [setter.field for setter in machine.setters[variable].values()]


def _read(fields: Iterable[Field]) -> Iterator[str]:
    """Yield the variables that some fields read, nested ones too."""
    for field in fields:
        yield from names_read(field)
