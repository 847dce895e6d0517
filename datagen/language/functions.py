"""The functions of the language, by name: what each takes, and of what type its value is."""

from collections.abc import Iterable, Mapping
from typing import Any

from datagen.columns.column_type import BOOL, FLOAT, INT, NOTHING, TEXT, ColumnType, list_type
from datagen.language.list_functions import LIST_FUNCTIONS, looked_up
from datagen.language.maker import Maker
from datagen.language.number_functions import NUMBER_FUNCTIONS
from datagen.language.problems import MistakeError, described
from datagen.language.signatures import (
    COUNTABLE,
    DOUBLE,
    LIST,
    MANY,
    MOMENT,
    NUMBER,
    PLAIN_TEXT,
    READABLE,
    WHOLE,
    WRITTEN,
    Definition,
    regular,
    same,
)
from datagen.language.text_functions import (
    OF_NUMBERS,
    OF_WHOLE,
    TEXT_FUNCTIONS,
    directives,
    filled_in,
)
from datagen.language.time_definitions import TIME_DEFINITIONS
from datagen.language.tree import Constant, Fallback, Node
from datagen.one_line import counted
from datagen.validation import did_you_mean, quoted

_NUMBERS = ("int", "float", "bool", "json", "nothing")
_NAMES_ELSEWHERE = {
    "len": "length", "str": "string", "concat": '"~"', "pow": '"**"', "power": '"**"', "mean": "avg", "average": "avg",
    "coalesce": "default", "ifnull": "default", "nvl": "default", "d": "default", "strip": "trim", "size": "length",
    "ln": "log", "contains": '"in"', "substr": "a slice such as text[0:3]", "substring": "a slice such as text[0:3]",
    "list": "[x, y]", "not": "parentheses: (not x)", "sprintf": "format", "ceiling": "ceil", "strptime": "instant", "timestamp": "epoch",
    "if": '"x if condition else y"', "iif": '"x if condition else y"',
}  # fmt: skip


def _default(maker: Maker, arguments: list[Node], at: int) -> Node:
    value, other = arguments
    if value.column_type == NOTHING and isinstance(value, Constant):
        return other
    column_type, (value, other) = maker.united(arguments)
    return Fallback(column_type, at, value, other)


def _string(maker: Maker, arguments: list[Node], at: int) -> Node:
    value = maker.written(arguments[0])
    if value.column_type.kind == "text":
        return value
    return maker.call(TEXT_FUNCTIONS["string"], TEXT, at, value)


def _bucket(maker: Maker, arguments: list[Node], at: int) -> Node:
    value, count = maker.written(arguments[0]), WHOLE.fit(maker, arguments[1], "bucket")
    if isinstance(count, Constant) and count.value is not None and count.value < 1:
        raise MistakeError(count.at, f"bucket takes 1 or more buckets, not {count.value}")
    return maker.call(TEXT_FUNCTIONS["bucket"], INT, at, value, count)


def _format(maker: Maker, arguments: list[Node], at: int) -> Node:
    pattern, *values = arguments
    if not isinstance(pattern, Constant) or not isinstance(pattern.value, str):
        raise MistakeError(
            pattern.at, "format takes a text such as 'P%05d' first, not a computed one"
        )
    try:
        kinds = directives(pattern.value)
    except ValueError as error:
        raise MistakeError(pattern.at, f"format: {error}") from None
    if len(kinds) != len(values):
        raise MistakeError(
            at,
            f"format: {quoted(pattern.value)} takes {counted(len(kinds), 'value')}, not {len(values)}",
        )
    fitting = [_filling(maker, kind, value) for kind, value in zip(kinds, values, strict=True)]
    return maker.call(filled_in(pattern.value), TEXT, at, *fitting)


def _filling(maker: Maker, kind: str, value: Node) -> Node:
    """Return a value as a directive of a pattern takes it."""
    if kind in OF_WHOLE:
        return WHOLE.fit(maker, value, f'"%{kind}"')
    if kind in OF_NUMBERS:
        return NUMBER.fit(maker, value, f'"%{kind}"')
    return _string(maker, [value], value.at)


def _extreme(name: str) -> Definition:
    def build(maker: Maker, arguments: list[Node], at: int) -> Node:
        if len(arguments) == 1:
            values = LIST.fit(maker, arguments[0], f"{name} of one value")
            elements = _elements(values, name, (*_NUMBERS, "text", "instant"))
            return maker.call(LIST_FUNCTIONS[f"{name}_of_list"], elements, at, values)
        kinds = {each.column_type.kind for each in arguments} - {"nothing"}
        only = kinds - {"json"}
        parameter = PLAIN_TEXT if only == {"text"} else MOMENT if only == {"instant"} else NUMBER
        column_type, parts = maker.united([parameter.fit(maker, each, name) for each in arguments])
        return maker.call(NUMBER_FUNCTIONS[name], column_type, at, *parts)

    return Definition(f"{name}(x, y, ...)", 1, MANY, build)


def _sum(maker: Maker, arguments: list[Node], at: int) -> Node:
    values = LIST.fit(maker, arguments[0], "sum")
    whole = _elements(values, "sum").kind in ("int", "bool", "nothing")
    name, column_type = ("sum", INT) if whole else ("sum_floats", FLOAT)
    return maker.call(LIST_FUNCTIONS[name], column_type, at, values)


def _average(maker: Maker, arguments: list[Node], at: int) -> Node:
    values = LIST.fit(maker, arguments[0], "avg")
    _elements(values, "avg")
    return maker.call(LIST_FUNCTIONS["avg"], FLOAT, at, values)


def _of_settled(name: str, column_type: ColumnType, *, separator: bool = False) -> Definition:
    """Return a function of a list whose instants have become texts."""

    def build(maker: Maker, arguments: list[Node], at: int) -> Node:
        values = maker.settled(LIST.fit(maker, arguments[0], name))
        others = [PLAIN_TEXT.fit(maker, each, name) for each in arguments[1:]]
        return maker.call(LIST_FUNCTIONS[name], column_type, at, values, *others)

    usage = f"{name}(list, separator)" if separator else f"{name}(list)"
    return Definition(usage, 1, 1 + separator, build)


def _elements(values: Node, name: str, kinds: Iterable[str] = _NUMBERS) -> ColumnType:
    """Return the type of the elements of a list. Raises MistakeError where the function cannot take them."""
    elements = values.column_type.elements or NOTHING
    if elements.kind not in kinds:
        words = described(elements).removeprefix("a ").removeprefix("an ")
        raise MistakeError(values.at, f"{name} takes a list of numbers, not one of {words}s")
    return elements


def _element_type(arguments: list[Node] | Any) -> ColumnType:
    return arguments[0].column_type.elements or NOTHING


def _lookup(maker: Maker, arguments: list[Node], at: int) -> Node:
    name, key, column = arguments
    called = _known(name, maker.tables, "table")
    table = maker.tables[called]
    if table.key is None:
        raise MistakeError(
            name.at, f'the table {quoted(called)} has no "key": a column by which rows are found'
        )
    chosen = _known(column, table.columns, "column")
    key = maker.written(key)
    maker.warn_if_never_equal(key.at, table.columns[table.key], key.column_type)
    return maker.call(looked_up(table, chosen), table.columns[chosen], at, key)


def _known(node: Node, known: Iterable[str], noun: str) -> str:
    """Return the name that a constant is. Raises MistakeError."""
    if not isinstance(node, Constant) or not isinstance(node.value, str):
        raise MistakeError(
            node.at, f"lookup takes the name of a {noun} as a text, not a computed one"
        )
    if node.value not in known:
        raise MistakeError(
            node.at, f"no {noun} {quoted(node.value)}{did_you_mean(node.value, known)}"
        )
    return node.value


_DEFINITIONS = (
    regular("abs(x)", NUMBER_FUNCTIONS["abs"], same, NUMBER),
    regular("round(x, decimals)", NUMBER_FUNCTIONS["round"], same, NUMBER, WHOLE, optional=1),
    regular("floor(x)", NUMBER_FUNCTIONS["floor"], INT, NUMBER),
    regular("ceil(x)", NUMBER_FUNCTIONS["ceil"], INT, NUMBER),
    *(
        regular(f"{name}(x)", NUMBER_FUNCTIONS[name], FLOAT, DOUBLE)
        for name in ("sqrt", "exp", "log", "log10", "sin", "cos")
    ),
    _extreme("min"),
    _extreme("max"),
    regular("int(x)", NUMBER_FUNCTIONS["int"], INT, READABLE),
    regular("float(x)", NUMBER_FUNCTIONS["float"], FLOAT, READABLE),
    Definition("string(x)", 1, 1, _string),
    regular("length(x)", TEXT_FUNCTIONS["length"], INT, COUNTABLE),
    regular("upper(text)", TEXT_FUNCTIONS["upper"], TEXT, WRITTEN),
    regular("lower(text)", TEXT_FUNCTIONS["lower"], TEXT, WRITTEN),
    regular("trim(text, characters)", TEXT_FUNCTIONS["trim"], TEXT, WRITTEN, PLAIN_TEXT, optional=1),
    regular("replace(text, old, new, count)", TEXT_FUNCTIONS["replace"], TEXT, WRITTEN, WRITTEN, WRITTEN, WHOLE, optional=1),
    regular("startswith(text, start)", TEXT_FUNCTIONS["startswith"], BOOL, WRITTEN, WRITTEN),
    regular("endswith(text, end)", TEXT_FUNCTIONS["endswith"], BOOL, WRITTEN, WRITTEN),
    regular("split(text, separator)", TEXT_FUNCTIONS["split"], list_type(TEXT), WRITTEN, PLAIN_TEXT, optional=1),
    Definition("format(text, x, ...)", 1, MANY, _format),
    Definition("default(x, y)", 2, 2, _default),
    *(
        regular(f"{name}(text)", TEXT_FUNCTIONS[name], TEXT, WRITTEN)
        for name in ("md5", "sha1", "sha256", "crc32")
    ),
    Definition("bucket(x, count)", 2, 2, _bucket),
    Definition("sum(list)", 1, 1, _sum),
    Definition("avg(list)", 1, 1, _average),
    regular("count(list)", LIST_FUNCTIONS["count"], INT, LIST),
    regular("first(list)", LIST_FUNCTIONS["first"], _element_type, LIST),
    regular("last(list)", LIST_FUNCTIONS["last"], _element_type, LIST),
    regular("unique(list)", LIST_FUNCTIONS["unique"], same, LIST),
    _of_settled("join", TEXT, separator=True),
    _of_settled("any", BOOL),
    _of_settled("all", BOOL),
    regular("luhn(digits)", TEXT_FUNCTIONS["luhn"], INT, WRITTEN),
    *TIME_DEFINITIONS,
    Definition("lookup(table, key, column)", 3, 3, _lookup),
    regular("distance_km(lat, lon, lat, lon)", NUMBER_FUNCTIONS["distance_km"], FLOAT, DOUBLE, DOUBLE, DOUBLE, DOUBLE),
)  # fmt: skip
FUNCTIONS: Mapping[str, Definition] = {each.name: each for each in _DEFINITIONS}


def unknown_function(name: str, what: str = "function") -> str:
    """Return the sentence about a function that does not exist, with the one that was meant."""
    if name in _NAMES_ELSEWHERE:
        return f"no {what} {quoted(name)}; use {_NAMES_ELSEWHERE[name]}"
    return f"no {what} {quoted(name)}{did_you_mean(name, FUNCTIONS)}"
