"""Compiles an expression to a Python function of the values of its names: straight code, without a call for each part.

Nothing of a specification gets into the source: names have names of our own there, and constants too.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from datagen.language.problems import FAULT
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

_DEEPEST = 40  # levels of one function; Python takes 100
_LONGEST = 200  # characters of what is computed within one statement
_NUMERIC, _ANY = frozenset(("int", "float")), None
_SAFE: Mapping[str, str] = {  # what always has a value, for the arguments that such a call has
    "less": "{0} < {1}", "less_equal": "{0} <= {1}", "greater": "{0} > {1}",
    "greater_equal": "{0} >= {1}", "equal": "{0} == {1}", "not_equal": "{0} != {1}",
    "not": "not {0}", "truth": "not not {0}", "is_null": "{0} is None", "is_set": "{0} is not None",
    "length": "len({0})",
}  # fmt: skip
_ARITHMETIC: Mapping[str, str] = {
    "add": "{0} + {1}", "subtract": "{0} - {1}", "multiply": "{0} * {1}", "divide": "{0} / {1}",
    "floor_divide": "{0} // {1}", "modulo": "{0} % {1}", "negate": "-{0}", "abs": "abs({0})",
}  # fmt: skip
_BOUNDS = {
    "int": "not -0x8000000000000000 <= {0} <= 0x7FFFFFFFFFFFFFFF",
    "float": "not -1.7976931348623157e308 <= {0} <= 1.7976931348623157e308",
}


class _Operand(NamedTuple):
    """The value of a part: code, and the names that it takes not to be None; else it is null."""

    code: str
    nulls: tuple[str, ...] = ()


_NULL = _Operand("None", ("None",))


def compiled(tree: Node, names: Sequence[str]) -> Callable[..., Any]:
    """Return a function of the values of names, in this order, as `values` has them; null is None.

    It gives FAULT where there is no value.
    """
    return _Compiler(names).function(tree)


class _Compiler:
    """Makes functions, which all take the same names and know each other."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places = {name: f"n{place}" for place, name in enumerate(names)}
        self.known: dict[str, Any] = {"FAULT": FAULT}

    def function(self, tree: Node) -> Callable[..., Any]:
        """Return the function of a part."""
        writer = _Writer(self)
        result = writer.value(tree)
        arguments = ", ".join(self.places.values())
        source = "\n".join(
            [
                f"def expression({arguments}):",
                " try:",
                *writer.lines,
                f"  return {result}",
                " except (ArithmeticError, ValueError):",
                "  return FAULT",
            ]
        )
        found: dict[str, Any] = {}
        exec(compile(source, "<expression>", "exec"), self.known, found)  # noqa: S102 - the source is ours
        function: Callable[..., Any] = found["expression"]
        return function

    def name_of(self, value: Any) -> str:
        """Return the name by which the source knows a value."""
        name = f"k{len(self.known)}"
        self.known[name] = value
        return name


class _Writer:
    """Writes the statements of one function."""

    def __init__(self, compiler: _Compiler) -> None:
        self.lines: list[str] = []
        self._compiler = compiler
        self._depth = 2
        self._count = 0

    def part(self, node: Node) -> _Operand:
        """Write what computes a part, and return how to get at its value."""
        if self._depth > _DEEPEST:
            return self._elsewhere(node)
        found = _WRITE[type(node)](self, node)
        return found if len(found.code) < _LONGEST else self._kept(found)

    def value(self, node: Node) -> str:
        """Write what computes a part, and return the code that gives its value or None."""
        found = self.part(node)
        return found.code if set(found.nulls) <= {found.code} else self._kept(found).code

    def constant(self, node: Constant) -> _Operand:
        return _NULL if node.value is None else _Operand(self._compiler.name_of(node.value))

    def name(self, node: NameRef) -> _Operand:
        name = self._compiler.places[node.name]
        return _Operand(name, (name,))

    def call(self, node: Call) -> _Operand:
        name, kinds = node.function.name, {each.column_type.kind for each in node.arguments}
        if name in _SAFE:
            return self._safe(node, _SAFE[name])
        if name == "float" and kinds <= {"int", "bool"}:
            return self._safe(node, "{0} + 0.0")
        if name in _ARITHMETIC and kinds <= _NUMERIC:
            return self._checked(node, _ARITHMETIC[name], _BOUNDS[node.column_type.kind])
        compute = self._compiler.name_of(node.function.compute)
        places = ", ".join(f"{{{place}}}" for place in range(len(node.arguments)))
        return self._checked(node, f"{compute}({places})", "")

    def choice(self, node: Choice) -> _Operand:
        test = self.part(node.test)
        there = [f"{each} is not None" for each in test.nulls]
        result = self._new()
        then = self._branch(f"if {' and '.join([*there, test.code])}:", node.then, result)
        other = self._branch("else:", node.other, result)
        return _Operand(result, (result,) if then or other else ())

    def junction(self, node: Junction) -> _Operand:
        left = self._kept(self.part(node.left))
        head = f"if {'' if node.every else 'not '}{left.code}:"
        right = self._branch(head, node.right, left.code)
        nullable = right or (node.every and bool(left.nulls))
        return _Operand(left.code, (left.code,) if nullable else ())

    def fallback(self, node: Fallback) -> _Operand:
        value = self._kept(self.part(node.value))
        if not value.nulls:
            return value
        nullable = self._branch(f"if {value.code} is None:", node.other, value.code)
        return _Operand(value.code, (value.code,) if nullable else ())

    def list_of(self, node: ListOf) -> _Operand:
        items = [self.value(each) for each in node.items]
        return self._kept(_Operand(f"[{', '.join(items)}]"))

    def object_of(self, node: ObjectOf) -> _Operand:
        values = [self.value(each) for each in node.values]
        keys = map(self._compiler.name_of, node.keys)
        members = [f"{key}: {value}" for key, value in zip(keys, values, strict=True)]
        return self._kept(_Operand(f"{{{', '.join(members)}}}"))

    def _safe(self, node: Call, code: str) -> _Operand:
        """Return a call that never fails."""
        if node.function.takes_nulls:
            return _Operand(f"({code.format(*map(self.value, node.arguments))})")
        arguments = [self.part(each) for each in node.arguments]
        nulls = tuple(dict.fromkeys(name for each in arguments for name in each.nulls))
        return _Operand(f"({code.format(*(each.code for each in arguments))})", nulls)

    def _checked(self, node: Call, code: str, bound: str) -> _Operand:
        """Write a call that may fail: by an error, or beyond a bound."""
        nulls: tuple[str, ...] = ()
        if node.function.takes_nulls:
            arguments = list(map(self.value, node.arguments))
        else:
            operands = [self.part(each) for each in node.arguments]
            nulls = tuple(dict.fromkeys(name for each in operands for name in each.nulls))
            arguments = [each.code for each in operands]
        if "None" in nulls:
            return _NULL
        result = self._new()
        if nulls:
            self._line(f"if {' or '.join(f'{each} is None' for each in nulls)}:")
            self._line(f" {result} = None")
            self._line("else:")
        self._depth += bool(nulls)
        self._line(f"{result} = {code.format(*arguments)}")
        if bound:
            self._line(f"if {bound.format(result)}: return FAULT")
        self._depth -= bool(nulls)
        return _Operand(result, (result,) if nulls or not bound else ())

    def _kept(self, operand: _Operand) -> _Operand:
        """Write what gives a value, or None, a name of its own."""
        result = self._new()
        absent = " or ".join(f"{each} is None" for each in operand.nulls)
        code = f"None if {absent} else {operand.code}" if absent else operand.code
        self._line(f"{result} = {code}")
        return _Operand(result, (result,) if absent else ())

    def _branch(self, head: str, node: Node, result: str) -> bool:
        """Write a branch in which a part is the result, and return whether it may be null."""
        self._line(head)
        self._depth += 1
        value = self.part(node)
        code = value.code if set(value.nulls) <= {value.code} else self._kept(value).code
        self._line(f"{result} = {code}")
        self._depth -= 1
        return bool(value.nulls)

    def _elsewhere(self, node: Node) -> _Operand:
        """Write the call of a function of its own."""
        name = self._compiler.name_of(self._compiler.function(node))
        result = self._new()
        self._line(f"{result} = {name}({', '.join(self._compiler.places.values())})")
        self._line(f"if {result} is FAULT: return FAULT")
        return _Operand(result, (result,))

    def _new(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _line(self, text: str) -> None:
        self.lines.append(" " * self._depth + text)


_WRITE: Mapping[type[Node], Callable[..., _Operand]] = {
    Constant: _Writer.constant, NameRef: _Writer.name, Call: _Writer.call, Choice: _Writer.choice,
    Junction: _Writer.junction, Fallback: _Writer.fallback, ListOf: _Writer.list_of,
    ObjectOf: _Writer.object_of,
}  # fmt: skip
