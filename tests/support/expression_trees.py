"""Random typed trees of expressions, columns for their names, and their values one part after the other."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columns.column import MISSING, NULL, Column
from datagen.columns.column_type import (
    BOOL,
    FLOAT,
    INSTANT,
    INT,
    TEXT,
    ColumnType,
    list_type,
    object_type,
    type_of_value,
)
from datagen.columns.literal import LiteralColumn
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.instants import Style
from datagen.language.codegen import FAULT, compiled
from datagen.language.column_values import values_of
from datagen.language.conversions import CONVERSIONS, converted
from datagen.language.evaluation import Evaluator
from datagen.language.list_functions import LIST_FUNCTIONS
from datagen.language.number_functions import NUMBER_FUNCTIONS
from datagen.language.operators import OPERATORS, add_seconds, subtract_seconds
from datagen.language.text_functions import TEXT_FUNCTIONS, filled_in
from datagen.language.time_functions import TIME_FUNCTIONS, of_local_time, strftime
from datagen.language.tree import (
    Call,
    Choice,
    Constant,
    Fallback,
    Function,
    Junction,
    ListOf,
    NameRef,
    Node,
    ObjectOf,
)

STYLE = Style(3_600_000_000, "+01:00")
INTS, FLOATS, TEXTS = list_type(INT), list_type(FLOAT), list_type(TEXT)
OBJECT = object_type({"a": INT, "b": FLOAT, "c": TEXT, "t": INSTANT})
OBJECTS = list_type(OBJECT)
TYPES = (INT, FLOAT, BOOL, TEXT, INSTANT, INTS, FLOATS, TEXTS)
NAMED = (*TYPES, OBJECT, OBJECTS)
FUNCTIONS = {
    **OPERATORS,
    **CONVERSIONS,
    **NUMBER_FUNCTIONS,
    **TEXT_FUNCTIONS,
    **TIME_FUNCTIONS,
    **LIST_FUNCTIONS,
}
EDGES = [
    0,
    1,
    -1,
    2,
    3,
    7,
    100,
    2**31,
    2**53,
    2**53 + 1,
    -(2**53) - 1,
    2**62,
    2**63 - 1,
    -(2**63),
    10**18,
]
DOUBLES = [
    0.0,
    0.5,
    -0.5,
    1.5,
    2.675,
    0.1,
    -1.25,
    1e-300,
    1e300,
    -1e308,
    2.0**53,
    9.3e18,
    1e22,
    3.0,
    100.0,
]
WORDS = [
    "",
    "a",
    "abc",
    "Gold",
    " x ",
    "ß",
    "Straße",
    "日本",
    "12",
    "3.5",
    "-7",
    "a-b-c",
    "\x1c",
    "ÅÄÖ",
    "0x1",
    "%d",
    "4539578763621486",
]


class Fault(Exception):  # noqa: N818 - no mistake of a test
    """An expression has no value."""


def plain_value(node: Node, row: dict[str, Any]) -> Any:  # noqa: PLR0911 - one a class
    """Return the value of an expression, one part after the other. Raises Fault."""
    match node:
        case Constant():
            return node.value
        case NameRef():
            return row[node.name]
        case Choice():
            return plain_value(node.then if plain_value(node.test, row) else node.other, row)
        case Junction():
            left = plain_value(node.left, row)
            return plain_value(node.right, row) if bool(left) is node.every else left
        case Fallback():
            value = plain_value(node.value, row)
            return plain_value(node.other, row) if value is None else value
        case ListOf():
            return [plain_value(each, row) for each in node.items]
        case ObjectOf():
            return {
                key: plain_value(each, row)
                for key, each in zip(node.keys, node.values, strict=True)
            }
        case Call():
            return _call(node.function, [plain_value(each, row) for each in node.arguments])
    raise AssertionError(node)


def _call(function: Function, arguments: list[Any]) -> Any:
    if None in arguments and not function.takes_nulls:
        return None
    try:
        return function.compute(*arguments)
    except (ArithmeticError, ValueError) as error:
        raise Fault from error


def assert_evaluates(tree: Node, names: "Names") -> None:
    """Compare the values of an expression by arrays, and by its Python function, with plain ones."""
    expected = [_or_fault(tree, row) for row in names.rows]
    rows, order = len(names.rows), list(names.types)
    found, faults = Evaluator(tree, STYLE).values(names.columns.__getitem__, rows)
    by_arrays = values_of(found, tree.column_type)
    if faults is not None:
        assert all(by_arrays[row] is None for row in np.flatnonzero(faults).tolist())
        by_arrays = [
            FAULT if fault else value for value, fault in zip(by_arrays, faults, strict=True)
        ]
    function = compiled(tree, order)
    by_function = [function(*(row[name] for name in order)) for row in names.rows]
    for row, (value, *others) in enumerate(zip(expected, by_arrays, by_function, strict=True)):
        for other in others:
            assert alike(value, other), (row, names.rows[row], value, other, outline(tree))


def alike(one: Any, other: Any) -> bool:
    """Return whether two values are the same, of one type; 0.0 and -0.0 are."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(alike(one[name], other[name]) for name in one)
    return type(one) is type(other) and one == other


def outline(node: Node, level: int = 0) -> str:
    """Return a tree as text."""
    match node:
        case Constant():
            what = repr(node.value)
        case NameRef():
            what = node.name
        case Call():
            what = node.function.name
        case _:
            what = ""
    line = f"\n{' ' * level}{type(node).__name__} {what} {node.column_type.kind}"
    return line + "".join(outline(each, level + 1) for each in node.parts())


def _or_fault(tree: Node, row: dict[str, Any]) -> Any:
    try:
        return plain_value(tree, row)
    except Fault:
        return FAULT


@dataclass(frozen=True)
class Names:
    """Columns by name, their types, and the values of their rows."""

    types: dict[str, ColumnType]
    columns: dict[str, Column]
    rows: list[dict[str, Any]]


def random_names(rng: random.Random, rows: int) -> Names:
    """Return names of all types: typed columns, gathered ones that share an index, with nulls and without."""
    types, columns, values = {}, {}, {}
    few = rng.choice((1, 2, max(rows // 3, 1), rows))
    shared = np.array(
        [rng.choice((NULL, MISSING, *range(few), *range(few))) for _ in range(rows)], dtype=np.int64
    )
    whole = np.array([rng.randrange(few) for _ in range(rows)], dtype=np.int64)
    for number in range(rng.randint(2, 7)):
        name, column_type, form = f"x{number}", rng.choice(NAMED), rng.randrange(4)
        size = few if form else rows
        source = [random_value(rng, column_type) for _ in range(size)]
        column = column_of(source, column_type, literal=rng.random() < 0.3)
        if form in (1, 2):
            column.lasting = rng.random() < 0.5
        index = None if form == 0 else (shared if form == 1 else whole)
        if index is not None:
            column = column.take(index if form < 3 else index.copy())
            source = [None if place < 0 else source[place] for place in index.tolist()]
        elif rng.random() < 0.3:
            nulls = np.array([rng.random() < 0.4 for _ in range(rows)], dtype=bool)
            column = column.with_nulls(nulls)
            source = [None if null else value for null, value in zip(nulls, source, strict=True)]
        types[name], columns[name], values[name] = column_type, column, source
    return Names(
        types, columns, [{name: values[name][row] for name in types} for row in range(rows)]
    )


def random_value(rng: random.Random, column_type: ColumnType) -> Any:  # noqa: PLR0911 - one a type
    """Return a value of a type."""
    match column_type.kind:
        case "int":
            return rng.choice((rng.choice(EDGES), rng.randint(-5, 5), rng.randint(-1000, 1000)))
        case "float":
            return rng.choice(
                (rng.choice(DOUBLES), rng.uniform(-100, 100), round(rng.uniform(0, 50), 2))
            )
        case "bool":
            return rng.random() < 0.5
        case "text":
            return rng.choice(WORDS)
        case "instant":
            return rng.choice(
                (
                    0,
                    10**15 + rng.randrange(10**12),
                    -(10**14),
                    rng.randrange(-(6 * 10**16), 25 * 10**16),
                )
            )
    if column_type.kind == "object":
        return {name: random_value(rng, each) for name, each in column_type.members}
    assert column_type.elements is not None
    elements = column_type.elements
    return [
        random_value(rng, elements) if rng.random() < 0.9 else None
        for _ in range(rng.randint(0, 4))
    ]


def column_of(values: list[Any], column_type: ColumnType, *, literal: bool = False) -> Column:
    """Return the column of values, null as None."""
    nulls = np.array([each is None for each in values], dtype=bool)
    filled = [_FILLERS.get(column_type.kind) if each is None else each for each in values]
    return _column_of(filled, column_type, literal=literal).with_nulls(nulls)


_FILLERS = {"int": 0, "float": 0.0, "bool": False, "text": "", "instant": 0, "object": {}}


def _column_of(values: list[Any], column_type: ColumnType, *, literal: bool) -> Column:  # noqa: PLR0911 - one a type
    match column_type.kind:
        case "instant":
            return InstantColumn(np.array(values, dtype=np.int64), STYLE)
        case "object":
            names = [name for name, _ in column_type.members]
            parts = [[each.get(name) for each in values] for name in names]
            columns = [
                column_of(part, member, literal=literal)
                for part, (_, member) in zip(parts, column_type.members, strict=True)
            ]
            return ObjectColumn(names, columns, len(values))
        case "list" if not literal or column_type == OBJECTS:
            assert column_type.elements is not None
            lists = [each or [] for each in values]
            lengths = np.array([len(each) for each in lists], dtype=np.int64)
            elements = [each for value in lists for each in value]
            return ListColumn(lengths, column_of(elements, column_type.elements))
        case _ if literal:
            return LiteralColumn(values)
        case "int":
            return IntColumn(np.array(values, dtype=np.int64))
        case "float":
            return FloatColumn(np.array(values, dtype=np.float64))
        case "bool":
            return LiteralColumn(values)
    return TextColumn(pa.array(values, pa.string()))


def random_tree(
    rng: random.Random, types: dict[str, ColumnType], wanted: ColumnType, depth: int
) -> Node:
    """Return an expression of a type, so many levels deep at most."""
    return _Trees(rng, types).make(wanted, depth)


Make = Callable[["_Trees", int], Node]


class _Trees:
    def __init__(self, rng: random.Random, types: dict[str, ColumnType]) -> None:
        self.rng = rng
        self.types = types

    def make(self, wanted: ColumnType, depth: int) -> Node:
        rng = self.rng
        if depth <= 0 or wanted in (OBJECT, OBJECTS) or rng.random() < 0.1:
            return self._leaf(wanted)
        if rng.random() < 0.15:
            return Choice(
                wanted,
                1,
                self.make(BOOL, depth - 1),
                self.make(wanted, depth - 1),
                self.make(wanted, depth - 1),
            )
        if rng.random() < 0.1 and wanted is not INSTANT:
            return Junction(
                wanted,
                1,
                self.make(wanted, depth - 1),
                self.make(wanted, depth - 1),
                rng.random() < 0.5,
            )
        if rng.random() < 0.1:
            return Fallback(wanted, 1, self.make(wanted, depth - 1), self.make(wanted, depth - 1))
        if wanted.kind == "list" and rng.random() < 0.4:
            assert wanted.elements is not None
            return ListOf(
                wanted,
                1,
                tuple(self.make(wanted.elements, depth - 1) for _ in range(rng.randint(0, 3))),
            )
        function, given = rng.choice(_CALLS[wanted])
        arguments = tuple(self._argument(each, depth - 1) for each in given)
        return Call(
            wanted, 1, FUNCTIONS[function] if isinstance(function, str) else function, arguments
        )

    def _argument(self, wanted: Any, depth: int) -> Node:
        if isinstance(wanted, ColumnType):
            return self.make(wanted, depth)
        if wanted == "any":
            return self.make(self.rng.choice(TYPES), depth)
        if wanted == "number":
            return self.make(self.rng.choice((INT, FLOAT)), depth)
        if isinstance(wanted, tuple):
            return self._constant(self.rng.choice(wanted))
        raise AssertionError(wanted)

    def _leaf(self, wanted: ColumnType) -> Node:
        names = [name for name, each in self.types.items() if each == wanted]
        if names and self.rng.random() < 0.8:
            return NameRef(wanted, 1, self.rng.choice(names))
        if self.rng.random() < 0.1:
            return self._constant(None)
        return Constant(wanted, 1, random_value(self.rng, wanted))

    def _constant(self, value: Any) -> Node:
        return Constant(type_of_value(value), 1, value)


_TO_FLOAT = converted(INT, FLOAT, STYLE)
_TO_TEXT = converted(INSTANT, TEXT, STYLE)
_LIMITS = STYLE.limits
_PARTS = ("", "a", "b", "Go", "ß", "-", "abc", None)
_CALLS: dict[ColumnType, Sequence[tuple[Any, tuple[Any, ...]]]] = {
    INT: [
        ("add", (INT, INT)), ("subtract", (INT, INT)), ("multiply", (INT, INT)), ("floor_divide", (INT, INT)),
        ("modulo", (INT, INT)), ("negate", (INT,)), ("abs", (INT,)), ("round", (INT,)), ("round", (INT, (0, 2, -2))),
        ("floor", ("number",)), ("ceil", ("number",)), ("int", (FLOAT,)), ("int", (TEXT,)), ("int", (BOOL,)),
        ("length", (TEXT,)), ("length", (INTS,)), ("min", (INT, INT)), ("max", (INT, INT, INT)), ("sum", (INTS,)),
        ("first", (INTS,)), ("element", (INTS, INT)), ("count", (TEXTS,)), ("epoch", (INSTANT,)), ("luhn", (TEXT,)),
        ("epoch_ms", (INSTANT,)), (of_local_time("hour", STYLE), (INSTANT,)), ("bucket", (INT, (10, 3))),
        (of_local_time("weekday", STYLE), (INSTANT,)), ("member", (OBJECT, ("a",))), ("last", (INTS,)),
        ("min_of_list", (INTS,)), ("max_of_list", (INTS,)), ("count", (FLOATS,)),
    ],
    FLOAT: [
        ("add", (FLOAT, FLOAT)), ("subtract", (FLOAT, FLOAT)), ("multiply", (FLOAT, FLOAT)), ("divide", ("number", "number")),
        ("floor_divide", (FLOAT, FLOAT)), ("modulo", (FLOAT, FLOAT)), ("negate", (FLOAT,)), ("abs", (FLOAT,)),
        ("round", (FLOAT, (0, 1, 2, 5, -1, 30))), ("round", (FLOAT,)), ("power", ("number", "number")), ("sqrt", ("number",)),
        ("exp", ("number",)), ("log", ("number",)), ("log10", ("number",)), ("sin", (FLOAT,)), ("cos", (FLOAT,)),
        (_TO_FLOAT, (INT,)), ("float", (TEXT,)), ("float", (BOOL,)), ("min", (FLOAT, FLOAT)), ("max", (FLOAT, FLOAT)),
        ("distance_km", (FLOAT, FLOAT, FLOAT, FLOAT)), ("avg", (INTS,)), ("avg", (FLOATS,)), ("sum_floats", (FLOATS,)), ("min_of_list", (FLOATS,)),
        ("max_of_list", (FLOATS,)), ("first", (FLOATS,)), ("member", (OBJECT, ("b",))), ("last", (FLOATS,)), ("hours", ("number",)), ("days", ("number",)),
        ("seconds_between", (INSTANT, INSTANT)),
    ],
    BOOL: [
        ("less", ("number", "number")), ("less_equal", (TEXT, TEXT)), ("greater", (INSTANT, INSTANT)),
        ("greater_equal", ("number", "number")), ("equal", ("number", "number")), ("equal", (TEXT, TEXT)), ("equal", ("any", "any")),
        ("not_equal", ("number", "number")), ("not_equal", ("any", "any")), ("not", ("any",)), ("truth", ("any",)), ("is_null", ("any",)), ("is_set", ("any",)),
        ("in", (TEXT, TEXT)), ("in", (_PARTS, TEXT)), ("in", (TEXT, TEXTS)), ("not_in", (INT, INTS)), ("in", (TEXT, (["a", "Gold"], ["ß", None]))),
        ("not_in", ("number", ([1, 2, 3], [0.5, None, 2**60]))), ("startswith", (TEXT, _PARTS)), ("endswith", (TEXT, TEXT)),
        ("any", (INTS,)), ("all", (TEXTS,)),
    ],
    TEXT: [
        ("concat", (TEXT, TEXT)), ("concat", (TEXT, TEXT, TEXT, TEXT)), ("concat", (TEXT, _PARTS, TEXT)), ("add_texts", (TEXT, TEXT)), ("string", (INT,)), ("string", (FLOAT,)), ("string", (BOOL,)),
        ("string", (INTS,)), (_TO_TEXT, (INSTANT,)), ("upper", (TEXT,)), ("lower", (TEXT,)), ("trim", (TEXT,)), ("trim", (TEXT, ("a", " x"))),
        ("replace", (TEXT, _PARTS, _PARTS)), ("replace", (TEXT, _PARTS, _PARTS, (0, 1, -1))), ("join", (TEXTS, _PARTS)), ("join", (INTS,)), ("md5", (TEXT,)), ("crc32", (TEXT,)),
        ("first", (TEXTS,)), ("last", (TEXTS,)), ("member", (OBJECT, ("c",))), (filled_in("P%05d-%s"), (INT, TEXT)), (filled_in("%d%% %.2f"), (INT, FLOAT)), (filled_in("%8.1f|%x"), ("number", INT)), ("element", (TEXT, INT)), (strftime("%Y-%m-%d %H:%M", STYLE), (INSTANT,)), (of_local_time("date", STYLE), (INSTANT,)),
    ],
    INSTANT: [
        (add_seconds(*_LIMITS), (INSTANT, "number")), (subtract_seconds(*_LIMITS), (INSTANT, "number")), ("member", (OBJECT, ("t",))), ("max", (INSTANT, INSTANT)),
    ],
    FLOATS: [("add_lists", (FLOATS, FLOATS)), ("member_of_each", (OBJECTS, ("b",)))],
    INTS: [("member_of_each", (OBJECTS, ("a",))), ("add_lists", (INTS, INTS)), ("unique", (INTS,))],
    TEXTS: [("member_of_each", (OBJECTS, ("c",))), ("add_lists", (TEXTS, TEXTS)), ("unique", (TEXTS,)), ("split", (TEXT, ("-", "a")))],
}  # fmt: skip
