"""Turns the visits of an emitter into its records: one at a visit, or one for each element of a list that is held there."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.batch import Origins
from datagen.columns.column import Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import IntColumn
from datagen.fields import Draw
from datagen.simulation.machine import Machine
from datagen.simulation.variable_store import VariableStore
from datagen.simulation.variables_at_visits import VariablesAtVisits
from datagen.simulation.visits import Visits
from datagen.simulation.visits_by_state import Emission, VisitsByState
from datagen.simulation.worker_keys import numbers_of, populations_of
from datagen.spec.emissions import ITEM, ITEM_NUMBER


@dataclass(frozen=True)
class DrawnRecords:
    """The n records of an emitter in a window: their visits, as rows of the window, and their random bits.

    `rows` are those of the batch, `places` those among the records of the visit: int64[n]. `items` are the names of elements.
    """

    visits: Ints
    bits: Bits
    rows: Ints
    places: Ints
    items: Mapping[str, Column]


def emissions_of(store: VariableStore, by_state: VisitsByState) -> tuple[Ints, list[Emission]]:
    """Return the visits of all records of a window, in order, and the records of each emitter."""
    machine = store.machine
    if machine.one_record:
        return by_state.single_emissions(machine.emitter_of)

    def lengths(number: int, visits: Ints) -> Ints | None:
        name = machine.emitters[number].for_each
        if name is None:
            return None
        return VariablesAtVisits(store, visits, number)[name].list_parts()[0]

    return by_state.emissions(machine.emitters_of, lengths)


def drawn_records(emission: Emission, store: VariableStore) -> DrawnRecords:
    """Return the records of an emission, with their draws: those of elements are those of list places."""
    emitter, window = store.machine.emitters[emission.emitter], store.visits
    visits, bits, counts = emission.visits, window.bits[emission.visits], emission.counts
    if emitter.for_each is None or counts is None:
        return DrawnRecords(visits, bits, emission.begins, emission.places, {})
    path = ("emitters", emitter.name, "dimensions")
    bits = Draw(bits, window.times[visits], None, path, store.context).repeat(counts).bits
    owners = np.repeat(np.arange(len(visits)), counts)
    numbers = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    lists = VariablesAtVisits(store, visits, emission.emitter)[emitter.for_each]
    items = {ITEM: lists.list_parts()[1], ITEM_NUMBER: IntColumn(numbers + 1)}
    rows, places = emission.begins[owners] + numbers, emission.places[owners] + numbers
    return DrawnRecords(visits[owners], bits, rows, places, items)


def origins_of(visits: Visits, order: Ints, machine: Machine) -> Origins:
    """Return whose visits records are of, given the visits of all records of the window, in order: int64[n]."""
    firsts = np.flatnonzero(np.diff(order, prepend=-1))  # those of a visit are next to each other
    sizes = np.diff(firsts, append=len(order))
    places = np.arange(len(order)) - np.repeat(firsts, sizes)
    return Origins(
        numbers_of(visits.workers[order]),
        visits.visits[order],
        places,
        visits.bits[order],
        LiteralColumn(machine.names, lasting=True).take(visits.states[order]),
        LiteralColumn(machine.populations, lasting=True).take(
            populations_of(visits.workers[order])
        ),
    )


def records_before(visits: Visits, order: Ints) -> Ints:
    """Return for each visit how many records come before those of it, int64[n]; `order` are the visits of all records."""
    counts = np.bincount(order, minlength=len(visits))[visits.order]
    before = np.empty(len(visits), dtype=np.int64)
    before[visits.order] = np.cumsum(counts) - counts
    return before
