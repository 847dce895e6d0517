"""Turns the calls of functions in the tree of a template into filters, and finds what is wrong with them.

A name before `(` is a function where nothing in the template sets it; anywhere else it is a value.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from jinja2 import nodes

from datagen.columns.column_type import JSON, TEXT, ColumnType
from datagen.templating.metering import map_tree
from datagen.templating.sandbox import Functions, Sandbox, call_name
from datagen.templating.scopes import unset_names


def with_functions(tree: nodes.Template, sandbox: Sandbox) -> nodes.Template:
    """Return the tree with a filter for each call of a function; the first argument is what is filtered."""
    functions = sandbox.functions
    if functions is None:
        return tree
    called = {id(call.node): call for call in tree.find_all(nodes.Call) if call.args}
    calls = [
        each for each in unset_names(tree) if id(each) in called and each.name in functions.names
    ]
    call_names = {call_name(each.name): each.name for each in calls}
    for name in calls:
        name.name = call_name(name.name)

    def change(node: nodes.Node) -> nodes.Node:
        if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
            return node
        if node.node.name not in call_names:
            return node
        first, *rest = node.args
        if not rest and call_names[node.node.name] in functions.of_time:
            rest = [nodes.Name(functions.clock, "load", lineno=node.lineno)]
        given = (rest, node.kwargs, node.dyn_args, node.dyn_kwargs)
        return nodes.Filter(first, node.node.name, *given, lineno=node.lineno)

    return map_tree(tree, change)  # type: ignore[no-any-return]


def unknown_calls(tree: nodes.Template, sandbox: Sandbox, values: Container[str]) -> dict[int, str]:
    """Return what is wrong with each called name that is no function, by its id; those of `values` may be called."""
    functions = sandbox.functions
    names = [call.node for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)]
    if functions is None:
        return {}
    return {
        id(name): functions.problem(name.name, []) or functions.unknown(name.name)
        for name in names
        if name.name not in sandbox.globals and name.name not in values
    }


def problems_of_calls(
    tree: nodes.Template, sandbox: Sandbox, fields: Mapping[str, Any], unset: Container[int]
) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with the arguments of functions; the nodes `unset` read fields."""
    for node in tree.find_all(nodes.Filter):
        if node.name in sandbox.calls and sandbox.functions is not None:
            problem = _problem(node, sandbox.functions, sandbox.calls[node.name], fields, unset)
            if problem is not None:
                yield node.lineno, problem


def _problem(
    node: nodes.Filter,
    functions: Functions,
    name: str,
    fields: Mapping[str, Any],
    unset: Container[int],
) -> str | None:
    if node.kwargs or node.dyn_args or node.dyn_kwargs:
        return "values of functions have no names: f(x, y)"
    arguments: list[Any] = [TEXT if node.node is None else _argument(node.node, fields, unset)]
    arguments += [_argument(each, fields, unset) for each in node.args]
    return functions.problem(name, arguments)


def _argument(node: nodes.Node, fields: Mapping[str, Any], unset: Container[int]) -> Any:
    """Return a constant, or the column type of a value: JSON if nobody knows."""
    if isinstance(node, nodes.Const):
        return node.value
    field = fields.get(node.name) if isinstance(node, nodes.Name) and id(node) in unset else None
    return field if isinstance(field, ColumnType) else JSON
