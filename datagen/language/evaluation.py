"""Evaluates the parts of an expression by arrays, for the rows of columns; what arrays cannot do, row by row.

Where all that a part reads is gathered by one index from columns of fewer rows, it is evaluated for those.
"""

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np

from datagen.arrays import Ints, Mask
from datagen.columns.column import NULL, Column, concat_columns
from datagen.columns.faults import Faults
from datagen.columns.lazy import lazy_property
from datagen.instants import Style
from datagen.language.comparison_kernels import COMPARISON_KERNELS
from datagen.language.intake import from_column
from datagen.language.list_kernels import LIST_KERNELS
from datagen.language.looking import faults_of, faults_where, looks_of
from datagen.language.number_kernels import NUMBER_KERNELS
from datagen.language.objects import DTYPES, Objects, Single, as_objects, from_list, python_values
from datagen.language.operation import Kernel, Operation, Result
from datagen.language.problems import FAULT
from datagen.language.row_by_row import OBJECT, computed, values_at
from datagen.language.text_kernels import TEXT_KERNELS
from datagen.language.time_kernels import TIME_KERNELS
from datagen.language.tree import (
    Call,
    Choice,
    Constant,
    Fallback,
    Junction,
    ListOf,
    NameRef,
    Node,
    ObjectOf,
)
from datagen.language.vectors import Numbers, TooLargeError, Vector, both, check_size

ColumnOf = Callable[[str], Column]
KERNELS: Mapping[str, Kernel] = {
    **NUMBER_KERNELS,
    **COMPARISON_KERNELS,
    **TEXT_KERNELS,
    **TIME_KERNELS,
    **LIST_KERNELS,
}
_MOST_KEPT = 65_536  # rows of a column that lasts, of which results are kept
_BLOCKS = 16  # in which rows are evaluated whose values are too large all at once


class Evaluator:
    """Evaluates one expression in a scope whose instants are written in a style."""

    def __init__(self, tree: Node, style: Style) -> None:
        self.tree = tree
        self.style = style
        self._looks = dict(looks_of(tree))  # the names that parts read, and the path of members

    def values(self, column_of: ColumnOf, rows: int) -> tuple[Column, Mask | None]:
        """Return the column of n values, and where one cannot be computed: bool[n], None for nowhere."""
        try:
            return _Frame(self, column_of, rows).root()
        except TooLargeError:
            return self._in_blocks(column_of, rows)

    def faults_seen(self, column_of: ColumnOf, rows: int) -> Faults:
        """Return the faults of the values that are looked at, each for the rows that do: bool[n] by place."""
        found = faults_of(self._looks, column_of)
        if not found:
            return {}
        frame = _Frame(self, column_of, rows, gathers=False)
        try:
            frame.root()
        except TooLargeError:
            frame.looked_at = {node: np.ones(rows, dtype=bool) for node in found}
        return faults_where(frame.looked_at, found)

    def _in_blocks(self, column_of: ColumnOf, rows: int) -> tuple[Column, Mask | None]:
        """Return what `values` does, evaluated for some rows at a time."""
        size = -(-rows // _BLOCKS)
        blocks = [np.arange(first, min(first + size, rows)) for first in range(0, rows, size)]
        found = [self._of_block(column_of, block) for block in blocks]
        faults = None
        if any(each is not None for _, each in found):
            faults = np.concatenate(
                [
                    np.zeros(len(block), dtype=bool) if each is None else each
                    for block, (_, each) in zip(blocks, found, strict=True)
                ]
            )
        return concat_columns([column for column, _ in found]), faults

    def _of_block(self, column_of: ColumnOf, block: Ints) -> tuple[Column, Mask | None]:
        columns = {name: column_of(name).take(block) for name in self.names.get(self.tree, ())}
        try:
            return _Frame(self, columns.__getitem__, len(block), gathers=False).root()
        except TooLargeError:
            return self._in_blocks(columns.__getitem__, len(block))

    @cached_property
    def names(self) -> Mapping[Node, tuple[str, ...]]:
        """Return the names that each part reads; none of what is a name itself."""
        return {
            node: tuple({each.name for each in node.all_parts() if isinstance(each, NameRef)})
            for node in self.tree.all_parts()
            if not isinstance(node, NameRef)
        }


class _Frame:
    """The columns of n rows by name, and where these rows have no value that can be computed."""

    def __init__(
        self, evaluator: Evaluator, column_of: ColumnOf, rows: int, *, gathers: bool = True
    ) -> None:
        self.rows = rows
        self.faults: Mask | None = None
        self._evaluator = evaluator
        self._style = evaluator.style
        self._column_of = column_of
        self._gathers = gathers
        self._vectors: dict[str, Vector] = {}
        self.looked_at: dict[Node, Mask] = {}

    def root(self) -> tuple[Column, Mask | None]:
        """Return the column of the whole expression, and its faults."""
        tree = self._evaluator.tree
        shared = self._shared(tree)
        if shared is not None:
            return shared.column, shared.faults
        vector = self.vector(tree, None)
        if self.faults is not None:
            vector = vector.limited(~self.faults)
        return vector.column(self._style), self.faults

    def vector(self, node: Node, wanted: Mask | None) -> Vector:
        """Return the values of a part; where it is not wanted, bool[n], they mean nothing."""
        shared = self._shared(node)
        if not self._gathers:
            now = np.ones(self.rows, dtype=bool) if wanted is None else wanted
            self.looked_at[node] = now | self.looked_at.get(node, False)
        if shared is None:
            return _STEPS[type(node)](self, node, wanted)
        self._note(shared.faults, wanted)
        return shared.vector

    # parts

    def constant(self, node: Constant, wanted: Mask | None) -> Vector:
        del wanted
        return Single(node.value, node.column_type, self.rows)

    def name(self, node: NameRef, wanted: Mask | None) -> Vector:
        del wanted
        if node.name not in self._vectors:
            self._vectors[node.name] = from_column(self._column_of(node.name), node.column_type)
        return self._vectors[node.name]

    def call(self, node: Call, wanted: Mask | None) -> Vector:
        arguments = [self.vector(each, wanted) for each in node.arguments]
        valid = None if node.function.takes_nulls else both(*(each.valid for each in arguments))
        needed = both(valid, wanted)
        if needed is not None and not needed.any():
            return Single(None, node.column_type, self.rows)
        if all(isinstance(each, Single) for each in arguments):
            return self._same(node, arguments, needed)
        operation = Operation(node, arguments, self.rows, self._style)
        kernel = KERNELS.get(node.function.name)
        with np.errstate(all="ignore"):
            result = None if kernel is None else kernel(operation)
        if result is None:
            return self._by_rows(operation, needed)
        return self._checked(operation, result, needed).limited(valid)

    def choice(self, node: Choice, wanted: Mask | None) -> Vector:
        which = _true(self.vector(node.test, wanted))
        if not _any(which, wanted):
            return self.vector(node.other, wanted)
        then = self.vector(node.then, both(which, wanted))
        if not _any(~which, wanted):
            return then
        return _where(node, which, then, self.vector(node.other, both(~which, wanted)))

    def junction(self, node: Junction, wanted: Mask | None) -> Vector:
        left = self.vector(node.left, wanted)
        goes_on = _true(left) if node.every else ~_true(left)
        if not _any(goes_on, wanted):
            return left
        right = self.vector(node.right, both(goes_on, wanted))
        return _where(node, goes_on, right, left)

    def fallback(self, node: Fallback, wanted: Mask | None) -> Vector:
        value = self.vector(node.value, wanted)
        if value.valid is None or not _any(~value.valid, wanted):
            return value
        other = self.vector(node.other, both(~value.valid, wanted))
        return _where(node, value.valid, value, other)

    def list_of(self, node: ListOf, wanted: Mask | None) -> Vector:
        check_size(self.rows, self.rows * OBJECT * len(node.items))
        items = [python_values(self.vector(each, wanted)) for each in node.items]
        values = list(map(list, zip(*items, strict=True))) if items else [[]] * self.rows
        return from_list(values, node.column_type)

    def object_of(self, node: ObjectOf, wanted: Mask | None) -> Vector:
        check_size(self.rows, self.rows * OBJECT * len(node.keys))
        members = [python_values(self.vector(each, wanted)) for each in node.values]
        rows = zip(*members, strict=True) if members else iter([()] * self.rows)
        values = [dict(zip(node.keys, row, strict=True)) for row in rows]
        return from_list(values, node.column_type)

    # calls

    def _same(self, node: Call, arguments: list[Vector], needed: Mask | None) -> Vector:
        """Return the value of a call whose arguments are the same for all rows."""
        values = [each.value for each in arguments if isinstance(each, Single)]
        found = computed(node.function, values)
        if found is FAULT:
            self._note(np.ones(self.rows, dtype=bool), needed)
            found = None
        return Single(found, node.column_type, self.rows)

    def _by_rows(self, operation: Operation, needed: Mask | None) -> Vector:
        """Return the values of a call, row by row where they are needed."""
        if needed is None:
            return self._at(operation, np.arange(self.rows))
        rows = np.flatnonzero(needed)
        nothing = Single(None, operation.call.column_type, self.rows)
        return nothing.merged(rows, self._at(operation, rows))

    def _at(self, operation: Operation, rows: Ints) -> Vector:
        """Return the values of a call at rows, each by itself: int64[m] -> m of them."""
        vector, failed = values_at(operation, rows)
        if len(failed):
            faults = np.zeros(self.rows, dtype=bool)
            faults[failed] = True
            self._note(faults, None)
        return vector

    def _checked(self, operation: Operation, result: Result, needed: Mask | None) -> Vector:
        """Return what a kernel gives, and what the scalar rule says where that is in doubt."""
        vector, faults = result.vector, result.faults
        if operation.call.column_type.kind == "float":
            faults = _or(faults, _not_finite(vector))
        if result.doubtful is not None:
            doubtful = np.broadcast_to(result.doubtful, self.rows)
            rows = np.flatnonzero(doubtful if needed is None else doubtful & needed)
            if len(rows):
                vector = vector.merged(rows, self._at(operation, rows))
            faults = None if faults is None else faults & ~doubtful
            if needed is not None:  # what is in doubt elsewhere is nothing
                vector = vector.limited(~doubtful | needed)
        if faults is None or not faults.any():
            return vector
        faults = np.broadcast_to(faults, self.rows)
        self._note(faults, needed)
        return vector.limited(~faults)

    def _note(self, faults: Mask | None, wanted: Mask | None) -> None:
        """Note where a part that is evaluated has no value."""
        if faults is not None and _any(faults, wanted):
            self.faults = _or(self.faults, both(faults, wanted))

    # what is gathered

    def _shared(self, node: Node) -> "_Gathered | None":
        """Return a part evaluated for fewer rows, from which all that it reads is gathered by one index."""
        names = self._evaluator.names.get(node)
        if not self._gathers or not names:
            return None
        sources, indices = zip(*(self._column_of(name).origin for name in names), strict=True)
        index, size = indices[0], len(sources[0])
        shared = all(each is index for each in indices)
        if index is None or not shared or any(len(source) != size for source in sources):
            return None
        lasting = all(source.lasting for source in sources)
        if 2 * size > self.rows and not (lasting and size <= _MOST_KEPT):
            return None
        columns = dict(zip(names, sources, strict=True))
        return _gathered(self._evaluator, node, columns, index, lasting=lasting)


def _gathered(
    evaluator: Evaluator,
    node: Node,
    columns: Mapping[str, Column],
    index: Ints,
    *,
    lasting: bool,
) -> "_Gathered":
    """Return a part evaluated for all rows of columns, and gathered by an index; what lasts is kept."""
    sources = tuple(columns.values())
    size, absent = len(sources[0]), bool(index.min(initial=0) < 0)
    if absent:  # a row more, of nulls
        rows = np.append(np.arange(size), NULL)
        index = np.where(index < 0, size, index)
        columns = {name: column.take(rows) for name, column in columns.items()}

    def make() -> _Inner:
        return _Inner(evaluator, node, columns, size + absent, lasting=lasting)

    return _Gathered(sources[0].kept((node, absent, *sources), make) if lasting else make(), index)


class _Inner:
    """A part evaluated for all n rows of some columns."""

    def __init__(
        self,
        evaluator: Evaluator,
        node: Node,
        columns: Mapping[str, Column],
        rows: int,
        *,
        lasting: bool,
    ) -> None:
        frame = _Frame(evaluator, columns.__getitem__, rows, gathers=False)
        vector = frame.vector(node, None)
        self.faults = frame.faults
        self.vector = vector if self.faults is None else vector.limited(~self.faults)
        self._style, self._lasting = evaluator.style, lasting

    @lazy_property
    def column(self) -> Column:
        """Return the column of the values."""
        column = self.vector.column(self._style)
        column.origin[0].lasting |= self._lasting
        return column


class _Gathered:
    """The values of a part for n rows, by an index: int64[n]."""

    def __init__(self, inner: _Inner, index: Ints) -> None:
        self._inner, self._index = inner, index

    @property
    def vector(self) -> Vector:
        """Return the values."""
        return self._inner.vector.take(self._index)

    @property
    def column(self) -> Column:
        """Return the column of the values."""
        return self._inner.column.take(self._index)

    @property
    def faults(self) -> Mask | None:
        """Return where there is no value."""
        return None if self._inner.faults is None else self._inner.faults[self._index]


_STEPS: Mapping[type[Node], Callable[..., Vector]] = {
    Constant: _Frame.constant, NameRef: _Frame.name, Call: _Frame.call, Choice: _Frame.choice,
    Junction: _Frame.junction, Fallback: _Frame.fallback, ListOf: _Frame.list_of,
    ObjectOf: _Frame.object_of,
}  # fmt: skip


def _where(node: Node, which: Mask, first: Vector, second: Vector) -> Vector:
    """Return the values of one part where a mask is true, else those of another, as values of a node."""
    if node.column_type.kind not in DTYPES and node.column_type.kind != "text":
        return as_objects(first).where(which, as_objects(second))
    first, second = _of_type(first, node), _of_type(second, node)
    return first.where(which, second)


def _of_type(vector: Vector, node: Node) -> Vector:
    """Return the values of a part as those of a node; null is of any type."""
    if isinstance(vector, Objects):  # whose type is nothing
        return Single(None, node.column_type, len(vector.values)).spread
    if isinstance(vector, Single):
        return Single(vector.value, node.column_type, vector.rows).spread
    return vector


def _true(vector: Vector) -> Mask:
    """Return where a value is true; null is not."""
    truth = vector.truth()
    return truth if vector.valid is None else truth & vector.valid


def _any(mask: Mask, wanted: Mask | None) -> bool:
    return bool((mask if wanted is None else mask & wanted).any())


def _or(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


def _not_finite(vector: Vector) -> Mask | None:
    """Return where doubles are infinite or NaN, None for nowhere."""
    assert isinstance(vector, Numbers)
    finite = np.isfinite(vector.values)
    return None if finite.all() else ~finite
