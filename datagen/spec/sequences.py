"""Finds which generators share sequences, and in which order these can be numbered.

Where a generator counts must be known before its numbers are: what decides that, and by which value it counts, may look at
other sequences, but not at its own.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from datagen.errors import Path, dotted
from datagen.fields.base import Field
from datagen.spec.scopes import HasFields, Streams
from datagen.validation import quoted

_LENGTH = "length"
# a value: the path of its streams; that of a variable is ("", name), and how many elements it has (_LENGTH, name)
_Node = Streams


class Counting(NamedTuple):
    """A generator that counts, with others, in a sequence: its path in the file, itself, and what decides that."""

    where: Path
    streams: Streams
    sequence: Streams
    field: Field
    deciders: frozenset[_Node]


@dataclass
class SharedSequences:
    """The sequences of a specification: in `layers`, each of which looks at earlier ones only.

    `watched` are those of which something looks at how many there are. `orders` are the ranks of all generators that share
    sequences, by the paths of their streams: those of a state, or of an emitter, in the order of the specification.
    """

    layers: tuple[frozenset[Streams], ...] = ()
    watched: frozenset[Streams] = frozenset()
    orders: Mapping[Streams, int] = field(default_factory=dict)
    problems: list[tuple[Path, str]] = field(default_factory=list)


def shared_sequences(spec: HasFields) -> SharedSequences:
    """Return the sequences that generators of a specification share, and what is wrong with them."""
    if not any(
        shares_sequence(each) or (each.holds_counter() and is_computed(each))
        for _, _, fields in spec.field_lists()
        for each in fields
    ):
        return SharedSequences()
    values = _Values(spec.setters)
    for_each = {each.name: each.for_each for each in spec.emitters}
    for where, streams, fields in spec.field_lists():
        values.add_all(where, streams, fields, for_each)
    found = SharedSequences(watched=frozenset(values.watched), orders=values.orders)
    found.problems += _disagreements(values.counting)
    looks_at: dict[Streams, dict[Streams, tuple[_Node, ...]]] = {}
    for each in values.counting:
        looks_at.setdefault(each.sequence, {}).update(values.seen_from(each.deciders))
    for each in values.counting:
        chain = _way_back(each, looks_at, values)
        if chain:
            text = f"what decides where it counts looks at its own numbers: {' -> '.join(chain)}"
            found.problems.append((each.where, text))
    if not found.problems:
        found.layers = _layers(looks_at)
    return found


def shares_sequence(field: Field) -> bool:
    """Return whether a field generator, or one inside it, counts in a sequence of others or looks at it."""
    return any(each.sequence_of(()) is not None for each in field.with_descendants())


def counts_for_others(field: Field) -> bool:
    """Return whether a field generator, or one inside it, counts in a sequence of others, whoever sees its values."""
    return any(
        each.counts and each.sequence_of(()) is not None for each in field.with_descendants()
    )


def is_computed(field: Field) -> bool:
    """Return whether a value is made of others."""
    return any(True for each in field.with_descendants() for _ in each.expressions())


def own_sequence(streams: Streams) -> Streams:
    """Return the sequence of a counter that shares none, where it has to be numbered as if it did."""
    return ("own", *streams)


class _Values:
    """The values of a specification: what each is made of, and which sequences it looks at."""

    def __init__(self, variables: Collection[str]) -> None:
        self._variables = variables
        self.counting: list[Counting] = []
        self.watched: set[Streams] = set()
        self._reads: dict[_Node, set[_Node]] = {}
        self.orders: dict[Streams, int] = {}
        self._sequences: dict[_Node, Streams] = {}

    def add_all(
        self, where: Path, streams: Streams, fields: Sequence[Field], for_each: Mapping[str, Any]
    ) -> None:
        """Add a list of field generators: dimensions, each of which sees those above it, or variables."""
        above: dict[str, _Node] = {}
        of_records = not of_variables(streams)
        elements = for_each.get(streams[1]) if streams[0] == "emitters" else None
        if elements and ITEM not in self._variables:
            above[ITEM] = ("", elements)
        deciders = frozenset({(_LENGTH, elements)} if elements else ())
        for place, each in enumerate(fields):
            name = str(each.name)
            node = (*streams, name)
            computed = not of_records and is_computed(each)
            self._add((*where, place), node, each, above, deciders, computed=computed)
            if of_records:
                above[name] = node
            else:
                self._reads.setdefault(("", name), set()).add(node)
                how_many = _expressions_read(each, above) if each.holds_elements else {node}
                self._reads.setdefault((_LENGTH, name), set()).update(how_many)

    def seen_from(self, nodes: frozenset[_Node]) -> dict[Streams, tuple[_Node, ...]]:
        """Return the sequences that some values look at, however indirectly, each with the way to it."""
        ways: dict[_Node, tuple[_Node, ...]] = {each: (each,) for each in sorted(nodes)}
        pending = [*ways]
        found: dict[Streams, tuple[_Node, ...]] = {}
        while pending:
            node = pending.pop(0)
            if node in self._sequences:
                found.setdefault(self._sequences[node], ways[node])
            for each in sorted(self._reads.get(node, set()) - ways.keys()):
                ways[each] = (*ways[node], each)
                pending.append(each)
        return found

    def _add(
        self,
        where: Path,
        node: _Node,
        each: Field,
        above: Mapping[str, _Node],
        deciders: frozenset[_Node],
        *,
        computed: bool,
    ) -> None:
        own = _expressions_read(each, above)
        self._reads[node] = own | {("", name) for name in each.variables_read()}
        deciders |= own
        sequence = each.sequence_of(node)
        if sequence is None and each.counts and computed:
            sequence = own_sequence(node)  # it may be made visit after visit
        if sequence is not None:
            self.orders.setdefault(node, len(self.orders))
            self._sequences[node] = sequence
            if each.counts:
                self.counting.append(Counting(where, node, sequence, each, deciders))
            else:
                self.watched.add(sequence)
        inside = dict(above)
        for child in each.children():
            inner = (*node, *child.names)
            self._reads[node].add(inner)
            self._add(
                (*where, *child.path), inner, child.field, inside, deciders, computed=computed
            )
            if each.nests_names:
                inside[str(child.field.name)] = inner


def _expressions_read(field: Field, above: Mapping[str, _Node]) -> set[_Node]:
    """Return the values that a field generator's own expressions read."""
    names = {name for _, each in field.expressions() for name in each.names} - field.own_names()
    return {above.get(name, ("", name)) for name in names}


def _disagreements(counting: Sequence[Counting]) -> Iterator[tuple[Path, str]]:
    """Yield the keys that generators of one sequence have with different values."""
    first: dict[Streams, Counting] = {}
    for each in counting:
        other = first.setdefault(each.sequence, each)
        for key in each.field.sequence_keys:
            value, expected = (_shown(getattr(side.field, key, None)) for side in (each, other))
            if value != expected:
                where = dotted((*other.where, key))
                text = f"{value}, but {expected} at {where}: all that share a sequence have the same {key}"
                yield (*each.where, key), text


def _shown(value: Any) -> str:
    """Return a key of a generator as text."""
    return "none" if value is None else quoted(getattr(value, "text", value))


def _way_back(
    each: Counting, looks_at: Mapping[Streams, Mapping[Streams, tuple[_Node, ...]]], values: _Values
) -> list[str]:
    """Return the names by which what decides where a generator counts leads to its own sequence; none: it does not."""
    ways = {key: [*way] for key, way in values.seen_from(each.deciders).items()}
    pending = [*ways]
    while pending and each.sequence not in ways:
        key = pending.pop(0)
        for following, way in looks_at.get(key, {}).items():
            if following not in ways:
                ways[following] = [*ways[key], *way]
                pending.append(following)
    names = [node[-1] for node in ways.get(each.sequence, ())]
    return [name for name, _ in groupby(names)]


def _layers(
    looks_at: Mapping[Streams, Mapping[Streams, Any]],
) -> tuple[frozenset[Streams], ...]:
    """Return the sequences, those first that look at none."""
    left = dict(looks_at)
    layers = []
    while left:
        layer = frozenset(key for key, others in left.items() if not others.keys() & left.keys())
        layers.append(layer)
        left = {key: others for key, others in left.items() if key not in layer}
    return tuple(layers)
