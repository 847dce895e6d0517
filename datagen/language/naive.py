"""A stand-in for the language until it is there: Jinja2's own rules, row by row."""

from collections.abc import Callable, Mapping
from typing import Any

from datagen.columns.column import Column
from datagen.columns.column_type import (
    BOOL,
    FLOAT,
    INT,
    NOTHING,
    TEXT,
    ColumnType,
    type_of_value,
    union,
)
from datagen.columns.literal import LiteralColumn


def _tree(text: str) -> Any:
    from jinja2 import Environment  # noqa: PLC0415

    return Environment().parse("{{ " + text + " }}").body[0].nodes[0]  # type: ignore[attr-defined]


def names(text: str) -> tuple[str, ...]:
    from jinja2 import nodes  # noqa: PLC0415

    tree = _tree(text)
    every = [tree] if isinstance(tree, nodes.Name) else []
    called = {id(each.node) for each in tree.find_all(nodes.Call)}
    every += [each for each in tree.find_all(nodes.Name) if id(each) not in called]
    return tuple(dict.fromkeys(each.name for each in every))


def type_of(text: str, types: Mapping[str, ColumnType]) -> ColumnType:
    from jinja2 import nodes  # noqa: PLC0415

    def of(node: Any) -> ColumnType:
        match node:
            case nodes.Const():
                return type_of_value(node.value)
            case nodes.Name():
                return types[node.name]
            case nodes.Compare() | nodes.Not() | nodes.Test():
                return BOOL
            case nodes.Div():
                return FLOAT
            case nodes.BinExpr():
                return union((of(node.left), of(node.right)))
            case nodes.CondExpr():
                return union((of(node.expr1), of(node.expr2) if node.expr2 else NOTHING))
            case nodes.List():
                return ColumnType("list", elements=union(map(of, node.items)))
            case nodes.Getattr():
                return of(node.node).member(node.attr)
            case nodes.Concat():
                return TEXT
            case nodes.Filter():
                return {"length": INT, "int": INT}.get(node.name, of(node.node))
        return FLOAT

    return of(_tree(text))


def function(text: str, known: tuple[str, ...]) -> Callable[..., Any]:
    from jinja2 import Environment  # noqa: PLC0415

    compute = Environment().compile_expression(text)  # noqa: S701

    def value(*given: Any) -> Any:
        try:
            return compute(**dict(zip(known, given, strict=True)))
        except (ArithmeticError, TypeError, ValueError):
            return None

    return value


def column(text: str, columns: Mapping[str, Column], rows: int, column_type: ColumnType) -> Column:
    compute = function(text, tuple(columns))
    lists = [each.to_python(None) for each in columns.values()]
    values = [compute(*row) for row in zip(*lists, strict=True)] if lists else [compute()] * rows
    if column_type.kind == "float":
        values = [None if each is None else float(each) for each in values]
    return LiteralColumn(values)
