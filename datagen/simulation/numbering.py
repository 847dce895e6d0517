"""Finds in a machine what counts in sequences that generators share, and in which order."""

from collections.abc import Iterator, Mapping

from datagen.fields import Field
from datagen.simulation.machine import Machine
from datagen.simulation.states import StreamPath


def shares_sequence(field: Field) -> bool:
    """Return whether a field generator, or one inside it, counts in a sequence of others or looks at it."""
    return any(each.sequence_of(()) is not None for each in field.with_descendants())


def orders_of(machine: Machine) -> Mapping[StreamPath, int]:
    """Return the rank of each generator that shares a sequence among those of its state, or of its emitter."""
    orders: dict[StreamPath, int] = {}
    for path, field in _fields(machine):
        for names, each in [((), field), *((at.names, at.field) for at in field.descendants())]:
            if each.sequence_of(()) is not None:
                orders.setdefault((*path, *names), len(orders))
    return orders


def _fields(machine: Machine) -> Iterator[tuple[StreamPath, Field]]:
    """Yield all variables, in the order in which states set them, then all dimensions, with their paths."""
    setters = [
        (state, setter.place, setter)
        for of_states in machine.setters.values()
        for state, setter in of_states.items()
    ]
    for _, _, setter in sorted(setters, key=lambda each: each[:2]):
        yield setter.path, setter.field
    for emitter in machine.emitters:
        for each in emitter.dimensions:
            yield ("emitters", emitter.name, "dimensions", str(each.name)), each
